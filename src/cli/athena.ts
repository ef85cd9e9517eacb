import type { AthenaPlace, Scans } from '../ingest/athena/athena.ts';
import { choiceOf, type Choice, type Selection } from '../ingest/objects/selection.ts';
import type { Source } from '../ingest/source.ts';
import type { AwsAccess } from '../aws/access.ts';
import { grouped } from '../emit/review/words.ts';
import { dayOfTime, type Window } from '../iam/days.ts';
import { InputError } from '../iam/input-error.ts';
import { printable } from '../iam/printable.ts';
import type { ExitCode, GlobalFlags, Terminal } from './command.ts';
import { checkRegions } from './event-history.ts';
import { megabytes } from './progress.ts';
import { lookbackOf, type S3Flags } from './s3.ts';

/** Flags of tables in Athena. */
export interface AthenaFlags {
  readonly output: string | undefined;
  readonly 'max-bytes': string | undefined;
  readonly 'create-table': string | undefined;
}

type TableFlags = Selection & AthenaFlags & Pick<S3Flags, 'lookback'> & Pick<GlobalFlags, 'quiet'>;

/** How a table in Athena begins. */
export const inAthena = 'athena://';

/** Days that are read unless `--since` says otherwise. */
const usualDays = 90;

/** The flags of Athena that were given. */
export const athenaGivenOf = (flags: AthenaFlags): readonly (keyof AthenaFlags)[] =>
  (['output', 'max-bytes', 'create-table'] as const).filter((flag) => flags[flag] !== undefined);

/**
 * The logs behind a table of Athena. Relative days count back from today (UTC).
 * @throws InputError for what cannot be asked for
 */
export async function athenaOf(
  url: string,
  flags: TableFlags,
  access: AwsAccess,
  { clock, err, interactive }: Pick<Terminal, 'clock' | 'err' | 'interactive'>,
): Promise<Source> {
  const { athenaSource } = await import('../ingest/athena/athena.ts');
  const say = (line: string): void => void err.write(`athena: ${line}\n`);
  const shows = interactive && !flags.quiet;
  return athenaSource({
    ...access,
    ...(await chosen(url, flags, clock)),
    lookback: lookbackOf(flags),
    output: outputOf(flags.output),
    maxBytes: bytesOf(flags['max-bytes']),
    createTable: flags['create-table'],
    warn: (line) => say(printable(line)),
    say: (line) => {
      if (!flags.quiet) say(printable(line));
    },
    onQuery: (state, scans) => {
      if (shows) err.write(`\r\u001b[Kathena: ${state}, ${megabytes(scans.scanned)} scanned`);
    },
    onEnd: (scans) => {
      if (shows) err.write('\r\u001b[K');
      if (!flags.quiet) say(costText(scans));
    },
  });
}

const costText = ({ queries, scanned, dollars }: Scans): string =>
  `queries: ${grouped(queries)}, ${megabytes(scanned)} scanned, ` +
  `${dollars < 0.01 ? 'less than $0.01' : `about $${dollars.toFixed(2)}`} (list price of us-east-1, without S3)`;

/**
 * Writes what would be run, on a table as `--create-table` makes it; the statement that folds for all days at once.
 * @throws InputError for a source that is no table
 */
export async function printStatements(
  sources: readonly string[],
  flags: TableFlags,
  { out, clock }: Pick<Terminal, 'out' | 'clock'>,
): Promise<ExitCode> {
  const { createdTable, createStatement } = await import('../ingest/athena/table-creation.ts');
  const { factsStatement } = await import('../ingest/athena/table.ts');
  const [url = '', ...others] = sources;
  if (!url.startsWith(inAthena) || others.length > 0)
    throw new InputError('--print-sql: give one athena://workgroup/database/table and no other source');
  const { place, window, accounts, regions } = await chosen(url, flags, clock);
  const location = flags['create-table'];
  if (location !== undefined)
    out.write(`${createStatement({ ...place, location, accounts, regions }).trimEnd()};\n\n`);
  const slice = { first: window.since, last: window.until, accounts, regions };
  out.write(`${factsStatement(createdTable(place), slice).trimEnd()};\n`);
  return 0;
}

interface Chosen extends Pick<Choice, 'accounts' | 'regions'> {
  readonly place: AthenaPlace;
  readonly window: Window;
  readonly today: number;
}

/** What a query may say is checked here, for all of it stands in statements. */
async function chosen(url: string, selection: Selection, clock: () => number): Promise<Chosen> {
  const { parseAthenaUrl } = await import('../ingest/athena/athena.ts');
  const place = parseAthenaUrl(url);
  const today = dayOfTime(clock() / 1000);
  const { first, last, accounts, regions } = choiceOf(selection, today);
  checkRegions(regions);
  for (const account of accounts)
    if (!/^\d{12}$/.test(account))
      throw new InputError(`--accounts ${account}: not an account; write its 12 digits`);
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
