import { athenaSource, parseAthenaUrl } from '../../ingest/athena/athena.ts';
import { choiceOf, type Selection } from '../../ingest/objects/selection.ts';
import type { Source } from '../../ingest/source.ts';
import type { AwsAccess } from '../../aws/access.ts';
import { dayOfTime } from '../../iam/days.ts';
import { InputError } from '../../iam/input-error.ts';
import { inAthena } from '../settings/source-argument.ts';
import { checkRegions } from './event-history.ts';
import type { Surroundings } from './surroundings.ts';
import { createdTable, createStatement } from '../../ingest/athena/table-creation.ts';
import { factsStatement } from '../../ingest/athena/table.ts';

/** What is asked of tables in Athena. */
export interface AthenaSettings {
  /** `s3://bucket/prefix/` for results. */
  readonly output?: string | undefined;
  /** As `500GB`. */
  readonly maxBytes?: string | undefined;
  /** Where the logs lie that a table is made over first. */
  readonly createTable?: string | undefined;
}

/** Days that are read unless `--since` says otherwise. */
const usualDays = 90;

const tableFlags = [
  ['output', '--output'],
  ['maxBytes', '--max-bytes'],
  ['createTable', '--create-table'],
] as const;

/** The flag of a setting that only a table knows; undefined where none is given. */
export const tableFlagOf = (settings: AthenaSettings): string | undefined =>
  tableFlags.find(([name]) => settings[name] !== undefined)?.[1];

/** The logs behind a table of Athena. Relative days count back from today (UTC). @throws InputError for what cannot be asked for */
export function tableSource(
  url: string,
  settings: Selection & AthenaSettings & { readonly lookback: number },
  access: AwsAccess,
  { clock, say, warn, progress }: Surroundings,
): Source {
  return athenaSource({
    ...access,
    ...chosen(url, settings, clock),
    lookback: settings.lookback,
    output: outputOf(settings.output),
    maxBytes: bytesOf(settings.maxBytes),
    createTable: settings.createTable,
    warn: (line) => warn(`athena: ${line}`),
    say: (line) => say(`athena: ${line}`),
    onQuery: (state, scans) => progress({ kind: 'querying', state, scans }),
    onEnd: (scans) => progress({ kind: 'queried', scans }),
  });
}

/** The statements that would be run, on a table as `--create-table` makes it; the one that folds for all days at once. */
export function tableStatements(
  sources: readonly string[],
  settings: Selection & Pick<AthenaSettings, 'createTable'>,
  { clock }: Pick<Surroundings, 'clock'>,
): readonly string[] {
  const [url = '', ...others] = sources;
  if (!url.startsWith(inAthena) || others.length > 0)
    throw new InputError('--print-sql: give one athena://workgroup/database/table and no other source');
  const { place, window, accounts, regions } = chosen(url, settings, clock);
  const { createTable: location } = settings;
  const slice = { first: window.since, last: window.until, accounts, regions };
  return [
    ...(location === undefined ? [] : [createStatement({ ...place, location, accounts, regions })]),
    factsStatement(createdTable(place), slice),
  ].map((statement) => statement.trimEnd());
}

/** What a query may say is checked here, for all of it stands in statements. */
function chosen(url: string, selection: Selection, clock: () => number) {
  const place = parseAthenaUrl(url);
  const today = dayOfTime(clock() / 1000);
  const { first, last, accounts, regions } = choiceOf(selection, today);
  checkRegions(regions);
  const window = {
    since: Number.isFinite(first) ? first : today - usualDays + 1,
    until: Math.min(last, today),
  };
  if (window.since > window.until)
    throw new InputError(`${url}: --since and --until leave no day up to today; give others`);
  return { place, window, accounts, regions, today };
}

function outputOf(text: string | undefined): string {
  if (text !== undefined && !/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/?/.test(text))
    throw new InputError(`--output ${text}: write it as s3://bucket/prefix/`);
  return text ?? '';
}

const units: Readonly<Record<string, number>> = { '': 1, MB: 1e6, GB: 1e9, TB: 1e12 };

function bytesOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, number = '', unit = ''] = /^(\d{1,15}(?:\.\d{1,3})?) ?(MB|GB|TB)?$/i.exec(text) ?? [];
  const bytes = number === '' ? 0 : Number(number) * (units[unit.toUpperCase()] ?? 1);
  if (bytes === 0) throw new InputError(`--max-bytes ${text}: write bytes as 500GB`);
  return bytes;
}
