import type { CachedReference } from '../../aws/reference-cache.ts';
import type { RefreshReport } from '../../aws/service-reference.ts';
import { counted, grouped, someOf } from '../review/words.ts';
import type { CatalogueVersion } from '../../iam/catalogue.ts';
import { printable } from '../../iam/printable.ts';

/** What data decides, for a person. */
export function dataText({ version, builtIn, folder, reference }: DataSummary): string {
  const decides =
    reference === undefined
      ? [
          `reference  none in ${printable(folder)}; iam-minimize data refresh fetches AWS's`,
          'decides    the built-in data',
        ]
      : [
          `reference  of ${reference.day}: ${counted(reference.services.size, 'service')}, ${counted(operationsOf(reference), 'operation')}`,
          `           from ${printable(reference.source)}`,
          `           in ${printable(folder)}`,
          'decides    which action a call requires: the reference where it tells; everything else: the built-in data',
        ];
  const { services, actions, packages } = builtIn;
  return [
    `version    ${printable(version)}`,
    `built in   ${printable(builtIn.version)}: ${grouped(services)} services, ${grouped(actions)} actions`,
    ...packages.map((one) => `           ${one.name} ${one.version} (${one.license}): ${one.gives}`),
    ...decides,
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** What was fetched; `unknown`: by service, operations that the built-in data know no action of. */
export function refreshText({
  listed,
  fetched,
  unchanged,
  failures,
  unknown,
}: RefreshReport & { readonly unknown: Readonly<Record<string, number>> }): string {
  const failed = failures.length > 0 ? `, ${grouped(failures.length)} failed` : '';
  const most = Object.entries(unknown).sort(([, a], [, b]) => b - a);
  const all = most.reduce((sum, [, count]) => sum + count, 0);
  const services = someOf(
    most.map(([service, count]) => `${printable(service)} ${grouped(count)}`),
    10,
    'service',
  );
  return (
    `${counted(listed, 'service')}: ${grouped(fetched)} fetched, ${grouped(unchanged)} unchanged${failed}\n` +
    (all > 0 ? `${counted(all, 'operation')} that the built-in data do not know: ${services}\n` : '')
  );
}

/** The reference data there is. */
interface DataSummary {
  /** The version that outputs name. */
  readonly version: string;
  readonly builtIn: CatalogueVersion;
  /** Where a service reference is looked for. */
  readonly folder: string;
  readonly reference: CachedReference | undefined;
}

/** Operations of all services of a reference. */
const operationsOf = ({ services }: CachedReference): number =>
  [...services.values()].reduce((sum, { operations }) => sum + operations.size, 0);

/** What data decides, for `--json`. */
export const dataJson = ({ version, builtIn, folder, reference }: DataSummary): object => ({
  version,
  builtIn,
  reference:
    reference === undefined
      ? null
      : {
          day: reference.day,
          source: reference.source,
          folder,
          services: reference.services.size,
          operations: operationsOf(reference),
        },
  decides: reference === undefined ? 'built-in' : 'reference',
});
