import { InputError } from '../../iam/input-error.ts';
import { printable, printableJson } from '../../iam/printable.ts';
import { command, text, type ExitCode, type Terminal } from '../command.ts';

/** Another list of services than AWS's public one: a mirror, or a test's. */
const sourceVariable = 'IAM_MINIMIZE_SERVICE_REFERENCE_URL';

async function refresh(json: boolean, quiet: boolean, terminal: Terminal): Promise<ExitCode> {
  const { officialReference, refreshReference } = await import('../../aws/service-reference.ts');
  const { cachedReference, referenceFolder } = await import('../../aws/reference-cache.ts');
  const { unknownOperations } = await import('../../permissions/operation.ts');
  const { refreshText } = await import('../../emit/text/data.ts');
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
  const { cachedReference, referenceFolder } = await import('../../aws/reference-cache.ts');
  const { catalogueVersion } = await import('../../iam/catalogue.ts');
  const { dataVersion } = await import('../../permissions/operation.ts');
  const { dataJson, dataText } = await import('../../emit/text/data.ts');
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
  command: 'data <what>',
  needs: 'the word info or refresh',
  describe: "data info: versions of the reference data; data refresh: fetch AWS's service reference",
  group: 'Run',
  places: { what: text('info or refresh') },
  run(args, terminal) {
    if (args.what === 'info') return info(args.json, terminal);
    if (args.what === 'refresh') return refresh(args.json, args.quiet, terminal);
    throw new InputError(`data ${String(args.what)}: unknown; use: iam-minimize data info, or data refresh`);
  },
});
