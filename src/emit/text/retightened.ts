import { dayText } from '../../iam/days.ts';
import type { DiffItem } from '../../iam/compare/diff.ts';
import { printable } from '../../iam/printable.ts';
import type { LeftReason } from '../../synth/renewal.ts';
import { colors } from '../review/layout.ts';
import { pinState } from '../review/kept.ts';
import { gapDays } from '../review/review.ts';
import { seenOf } from '../review/section.ts';
import { unusedLine } from '../review/unused-principal.ts';
import { isGone, placeOf, type Entry, type Retightened } from '../json/retightened.ts';
import { breadth, counted, grouped, table } from '../review/words.ts';

/** What a scheduled run found, a line for each thing a person has to know: who is never seen, then regressions. */
export function retightenText(run: Retightened, color: boolean): string {
  const c = colors(color);
  const { entries, left } = run;
  const regressions = entries.flatMap(({ folder, proposal }) =>
    proposal.regressions.map(({ action, resource, uses, recorded, restored, isNamed }) => [
      restored ? 'restored' : isNamed ? 'regression' : 'refused',
      folder,
      action,
      resource,
      `refused ${seenOf(uses)?.lastDay ?? ''}, granted ${recorded > 0 ? dayText(recorded) : 'before'}${isNamed ? '' : ', resource not known'}`,
    ]),
  );
  const changed = entries.filter(({ state }) => state !== 'same');
  const others = entries.filter(({ state, proposal }) => state === 'same' && proposal.fresh.length > 0);
  const idle = entries.flatMap(({ folder, proposal }) =>
    proposal.pins
      .filter(({ state }) => state !== 'kept' && state !== 'restored')
      .map((pin) => ['pin', folder, pin.action, pin.resource, pinState(pin)]),
  );
  const blocked = entries.filter(({ proposal }) => proposal.blocks.length > 0);
  const gone = left.filter(isGone).length;
  return [
    ...left.flatMap(({ unused }) =>
      unused ? `- ${unusedLine(unused.holder, unused.facts, printable)}\n` : [],
    ),
    c.removed(table(regressions)),
    ...blocked.map(({ folder, proposal }) =>
      c.narrowed(`blocked  ${printable(`${folder}: ${proposal.blocks.join('; ')}`)}\n`),
    ),
    c.narrowed(table(idle)),
    table(changed.map((entry) => [entry.state, entry.folder, totals(entry)])),
    table(
      others.map(({ folder, proposal: { fresh } }) => [
        'same',
        folder,
        `${counted(fresh.length, 'use')} new in the last ${counted(run.newDays, 'day')}`,
      ]),
    ),
    table(
      left
        .filter(({ unused }) => !unused)
        .map((one) => [isGone(one) ? 'removed' : 'left', placeOf(one), leftTexts[one.reason]]),
    ),
    run.changed
      ? changed.length + gone > 0
        ? `${counted(changed.length + gone, 'principal')} of ${grouped(entries.length + gone)} changed\n`
        : 'no principal changed, but what is refused did, which the page says\n'
      : `no change: ${counted(entries.length, 'principal')} as before\n`,
  ].join('');
}

/** What differs from the last proposal, and what else is to be known of it. */
function totals(entry: Entry): string {
  const { changes, proposal, state, isFirst } = entry;
  const { fresh } = proposal;
  const count = (kind: DiffItem['kind']): number => changes.filter((item) => item.kind === kind).length;
  const gaps = gapDays(entry.proposal);
  return [
    isFirst
      ? counted(proposal.actionsAfter, 'action')
      : state === 'recorded'
        ? "today's policies hold what was not on record"
        : changes.length === 0
          ? 'same permissions, new files'
          : `+ ${count('added')}  ~ ${count('narrowed')}  - ${count('removed')}`,
    ...(fresh.length > 0 ? [`${counted(fresh.length, 'use')} new`] : []),
    ...(gaps > 0 ? [`${counted(gaps, 'day')} without any log`] : []),
    ...(proposal.diff && proposal.diff.broadened !== false ? [breadth(proposal.diff, (text) => text)] : []),
    ...(proposal.proof.denied > 0 ? [`${grouped(proposal.proof.denied)} DENIED`] : []),
    ...(proposal.overflow.length > 0 ? ['does not fit'] : []),
  ].join('   ');
}

const stays = 'its files stay as they are';
const goes = 'its files are taken away';

/** Why a principal stays as it is, or goes. */
export const leftTexts: Readonly<Record<LeftReason, string>> = {
  unreadable: `its current policies cannot all be read; ${stays}`,
  'not-in-current': `seen in the log, but not in today's policies; ${stays}`,
  deleted: `deleted: today's policies list its account without it; ${goes}`,
  'never-seen': `holds policies and is in no log; ${stays}`,
  'window-short': `too few days are covered to give anything up without today's policies; ${stays}`,
  'perhaps-gone': `in no log and not in today's policies, of which too little is there to be sure; ${stays}`,
  gone: `in no log of the window and not in today's policies; ${goes}`,
};
