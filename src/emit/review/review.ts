import { dayText } from '../../iam/days.ts';
import type { Proposal } from '../../synth/proposal.ts';
import { attentionRows } from './attention.ts';
import { actionCounts, isManagement } from './changes.ts';
import { doubtRow, pinRow, unseenSection } from './kept.ts';
import { elsewhereRows, refusedRows } from './proof.ts';
import { alike, rowOn, seenOf, type Row, type Section } from './section.ts';
import { boundarySection, stepRows } from './steps.ts';
import { counted, grouped } from './words.ts';

/** Rows of what is said first: a person takes in so many. */
const firstRows = 9;

/** What is said first: one section, or none. */
export const attentionSection = (p: Proposal): readonly Section[] =>
  filled([{ title: 'Look here first', rows: attentionRows(p), most: firstRows }]);

/** What was kept unseen, what was not added, what is not known: after the changes. */
export const otherSections = (p: Proposal): readonly Section[] =>
  filled([
    ...unseenSection(p),
    { title: 'Pinned', about: 'whatever the log says', rows: p.pins.map(pinRow) },
    {
      title: 'Not added',
      about: 'allowed by something else than these policies',
      rows: elsewhereRows(p, 'granted-elsewhere'),
    },
    {
      title: 'Contradicted',
      about: 'it went through, and these policies do not allow it',
      rows: elsewhereRows(p, 'contradicted'),
    },
    { title: 'Unmapped', about: 'which permission these calls need is not known', rows: unmappedRows(p) },
    { title: 'Perhaps needed, not held', rows: p.doubts.filter(({ kept }) => !kept).map(doubtRow) },
    {
      title: 'Undetermined',
      about: 'the log does not show what these depend on',
      rows: undeterminedRows(p),
    },
    { title: 'Refused by other policies than these', rows: refusedRows(p) },
    { title: 'Notes', rows: p.notes.map((what) => ({ mark: ' ', what })) },
  ]);

/** What is done with the files, last. */
export const stepSections = (p: Proposal): readonly Section[] => [
  ...boundarySection(p),
  ...filled([{ title: 'Steps', rows: stepRows(p.plan) }]),
];

const filled = (sections: readonly Section[]): readonly Section[] =>
  sections.filter(({ rows }) => rows.length > 0);

const unmappedRows = ({ unmapped }: Proposal): readonly Row[] =>
  alike(
    unmapped,
    ({ eventSource, eventName }) => [eventSource, eventName],
    (call) => call,
  ).map(({ first: { eventSource, eventName, reason }, seen }) => ({
    mark: '?',
    what: `${eventSource} ${eventName}`,
    seen,
    why: reason,
  }));

const undeterminedRows = ({ verdicts }: Proposal): readonly Row[] =>
  verdicts
    .of('undetermined')
    .map(({ use, verdict: { keys } }) => rowOn('?', use, seenOf([use]), `depends on ${keys.join(', ')}`));

/** Days of the window without any log. */
export const gapDays = ({ gaps }: Pick<Proposal, 'gaps'>): number =>
  gaps.reduce((sum, { since, until }) => sum + until - since + 1, 0);

/** `2026-03-02 to 2026-03-08, 7 days` */
export function windowText({ window: { since, until }, gaps }: Pick<Proposal, 'window' | 'gaps'>): string {
  const missing = gapDays({ gaps });
  return `${dayText(since)} to ${dayText(until)}, ${counted(until - since + 1, 'day')}${missing > 0 ? `, ${grouped(missing)} of them without any log` : ''}`;
}

/** `472 -> 38 actions: 10 used, 28 kept unseen (4 can write)`; while nothing may go, what is used of them. */
export function actionsText({ actionsBefore, counts, blocks, diff }: Proposal): string {
  const { all, used, held, unseen, unseenWrites } = counts;
  if (!diff) return `${counted(all, 'action')} used`;
  const why = [
    `${grouped(used)} used`,
    ...(held > 0 ? [`${grouped(held)} held by calls or pins`] : []),
    ...(unseen > 0 && blocks.length === 0
      ? [`${grouped(unseen)} kept unseen${unseenWrites > 0 ? ` (${grouped(unseenWrites)} can write)` : ''}`]
      : []),
  ];
  return `${grouped(actionsBefore)} -> ${counted(all, 'action')}: ${why.join(', ')}`;
}

/** `permissions management 38 -> 6`; '' where there is none. */
export function managementText({ diff }: Proposal): string {
  if (!diff) return '';
  const { before, after } = actionCounts(diff.items, isManagement);
  return before + after === 0 ? '' : `permissions management ${before} -> ${after}`;
}
