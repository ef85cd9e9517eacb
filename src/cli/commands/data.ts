import { InputError } from '../../iam/input-error.ts';
import { printable, printableJson } from '../../iam/printable.ts';
import { command, text, type ExitCode, type Terminal } from '../command.ts';
import { officialReference, refreshReference } from '../../aws/service-reference.ts';
import { cachedReference, referenceFolder } from '../../aws/reference-cache.ts';
import { dataVersion, unknownOperations } from '../../permissions/operation.ts';
import { dataJson, dataText, refreshText } from '../../emit/text/data.ts';
import { catalogueVersion } from '../../iam/catalogue.ts';

/** Another list of services than AWS's public one: a mirror, or a test's. */
const sourceVariable = 'IAM_MINIMIZE_SERVICE_REFERENCE_URL';

async function refresh(json: boolean, quiet: boolean, terminal: Terminal): Promise<ExitCode> {
  const shown = terminal.interactive && !quiet;
  const folder = referenceFolder(process.env);
  const refreshed = await refreshReference({
    source: process.env[sourceVariable] ?? officialReference,
    folder,
    now: terminal.clock(),
    signal: terminal.signal,
    progress: (done, of) => {
      if (shown) terminal.err.write(`\r\u001b[K${done} of ${of} services`);
    },
  });
  if (shown) terminal.err.write('\r\u001b[K');
  const services = [...(cachedReference(folder)?.services ?? [])];
  const unknown = unknownOperations(services.map(([prefix, { operations }]) => [prefix, operations.keys()]));
  const report = { ...refreshed, unknown };
  for (const { service, reason } of report.failures)
    terminal.err.write(`not fetched: ${service}: ${printable(reason)}\n`);
  terminal.out.write(json ? printableJson(report) : refreshText(report));
  return report.failures.length > 0 ? 3 : 0;
}

async function info(json: boolean, terminal: Terminal): Promise<ExitCode> {
  const folder = referenceFolder(process.env);
  const summary = {
    version: dataVersion(),
    builtIn: catalogueVersion(),
    folder,
    reference: cachedReference(folder),
  };
  terminal.out.write(json ? printableJson(dataJson(summary)) : dataText(summary));
  return 0;
}

export const data = command({
  places: { what: text('info or refresh') },
  run(args, terminal) {
    if (args.what === 'info') return info(args.json, terminal);
    if (args.what === 'refresh') return refresh(args.json, args.quiet, terminal);
    throw new InputError(`data ${String(args.what)}: unknown; use: iam-minimize data info, or data refresh`);
  },
});
