import type { RefreshReport } from '../../aws/service-reference.ts';
import { printable } from '../../iam/printable.ts';
import { operationsOf, type DataSummary } from '../json/data.ts';
import { counted, grouped } from '../review/words.ts';

/** What data decides, for a person. */
export function dataText({ version, builtIn, folder, reference }: DataSummary): string {
  const lines = [
    `version    ${printable(version)}`,
    `built in   ${printable(builtIn.version)}: ${grouped(builtIn.services)} services, ${grouped(builtIn.actions)} actions`,
    ...builtIn.packages.map((one) => `           ${one.name} ${one.version} (${one.license}): ${one.gives}`),
  ];
  if (reference === undefined) {
    lines.push(
      `reference  none in ${printable(folder)}; iam-minimize data refresh fetches AWS's`,
      'decides    the built-in data',
    );
  } else {
    lines.push(
      `reference  of ${reference.day}: ${counted(reference.services.size, 'service')}, ${counted(operationsOf(reference), 'operation')}`,
      `           from ${printable(reference.source)}`,
      `           in ${printable(folder)}`,
      'decides    which action a call requires: the reference where it tells; everything else: the built-in data',
    );
  }
  return `${lines.join('\n')}\n`;
}

export function refreshText({ listed, fetched, unchanged, failures }: RefreshReport): string {
  const failed = failures.length > 0 ? `, ${grouped(failures.length)} failed` : '';
  return `${counted(listed, 'service')}: ${grouped(fetched)} fetched, ${grouped(unchanged)} unchanged${failed}\n`;
}
