import {
  cellsOf,
  counted,
  grouped,
  someOf,
  spanText,
  table,
  windowJson,
  type Columns,
} from '../review/words.ts';
import { dayText } from '../../iam/days.ts';
import { printable } from '../../iam/printable.ts';
import type { LateDays } from '../../store/reader.ts';
import type { IndexSummary } from '../../synth/usage/summary.ts';

/** Gaps shown per account and Region before "and N more". */
const shownGaps = 3;

/** What is said of events that are dated after the newest delivery, a line for each account. */
export const lateLines = (late: readonly LateDays[]): readonly string[] =>
  late.map(
    ({ account, days }) =>
      `${account || 'no account'}: events of ${days.length === 1 ? 'a day' : `${days.length} days`} after the newest delivery are left out: ${days.slice(0, 3).map(dayText).join(', ')}${days.length > 3 ? ', ...' : ''}`,
  );

const columns: Columns<IndexSummary['coverage'][number]> = {
  ACCOUNT: ({ account }) => account || '-',
  REGION: ({ region }) => region || '-',
  DAYS: ({ days }) => days,
  FROM: ({ window }) => dayText(window.since),
  TO: ({ window }) => dayText(window.until),
  EVENTS: ({ categories }) => categories.join(' ') || '-',
  GAPS: ({ gaps }) => someOf(gaps.map(spanText), shownGaps) || '-',
};

/** `index info` for a person. @param damage what is not as it was written, see `damageIn` */
export function indexText(s: IndexSummary, file: string, damage: readonly string[]): string {
  const skipped = s.skipped
    .map(({ reason, records }) => `, ${grouped(records)} skipped (${reason})`)
    .join('');
  return [
    `${printable(file)}  schema ${s.schema}, facts version ${s.factsVersion}, integrity ${integrityOf(damage).split('\n').map(printable).join('\n  ')}\n`,
    `${counted(s.totals.objects, 'object')}, ${counted(s.totals.read, 'event')}: ${grouped(s.totals.used)} used, ${grouped(s.totals.duplicate)} duplicate${skipped}\n`,
    `${counted(s.facts, 'fact')}${s.pruned === undefined ? '' : `, from ${dayText(s.pruned)} on: of what was read, days before it were taken out`}\n\n`,
    table(cellsOf(columns, s.coverage)),
    ...lateLines(s.late).map((line) => `${printable(line)}\n`),
    ...s.faults.map(
      ({ folder, name, fault }) =>
        `not read in full: ${printable(`${folder}/${name}`)}: ${printable(fault)}\n`,
    ),
  ].join('');
}

const integrityOf = (damage: readonly string[]): string => damage.join('\n') || 'ok';

/** `index info --json`. */
export function indexJson(s: IndexSummary, damage: readonly string[]): object {
  return {
    versions: { schema: s.schema, facts: s.factsVersion },
    integrity: integrityOf(damage),
    objects: {
      read: s.totals.objects,
      bytes: s.totals.bytes,
      faults: s.faults.map(({ folder, name, fault }) => ({ object: `${folder}/${name}`, reason: fault })),
    },
    events: {
      read: s.totals.read,
      used: s.totals.used,
      duplicate: s.totals.duplicate,
      skipped: Object.fromEntries(s.skipped.map(({ reason, records }) => [reason, records])),
    },
    facts: s.facts,
    late: s.late.map(({ account, days }) => ({ account, days: days.map(dayText) })),
    coverage: s.coverage.map((c) => ({
      account: c.account,
      region: c.region,
      categories: c.categories,
      days: c.days,
      ...windowJson(c.window),
      gaps: c.gaps.map(windowJson),
    })),
  };
}
