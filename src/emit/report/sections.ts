import { groupBy, sortedUnique } from '../../iam/order.ts';
import { printable } from '../../iam/printable.ts';
import type { Proposal } from '../../synth/proposal.ts';
import { pinState, placesOf, reasonText } from '../review/kept.ts';
import { elsewhereRows, refusedRows } from '../review/proof.ts';
import { stepTexts } from '../review/steps.ts';
import { unseenText } from '../review/remarks.ts';
import { counted } from '../review/words.ts';
import type { ShownSection, ShownUnseen } from './page/shape.ts';
import type { Texts } from './texts.ts';

/** Rows of a section on the page; more are counted. */
const mostRows = 200;

type Row = readonly [string, string, string];

/** What is kept though unseen: a row for each service, resource and reason. */
export const unseenRows = (p: Proposal, texts: Texts): ShownUnseen[] =>
  [
    ...groupBy(
      p.unseen.filter(({ kept }) => kept),
      (one) => JSON.stringify([serviceOf(one.action), one.resource, unseenText(one)]),
    ),
  ].flatMap(([, list]) => {
    const [first] = list;
    if (!first) return [];
    const names = sortedUnique(list.map(({ action }) => action.slice(action.indexOf(':') + 1))).join(' ');
    return [
      [
        printable(serviceOf(first.action)),
        texts.place(names),
        texts.place(first.resource),
        texts.place(unseenText(first)),
      ],
    ];
  });

const serviceOf = (action: string): string => (action.includes(':') ? (action.split(':')[0] ?? '') : '');

/** The other lists of the review, those that have anything to say. */
export function sectionsOf(p: Proposal): ShownSection[] {
  const lists: readonly (readonly [string, readonly Row[]])[] = [
    ['Does not fit', p.overflow.map((line): Row => [line, '', ''])],
    [
      'Pinned: kept whatever the log says',
      p.pins.map((pin): Row => [pin.action, pin.resource, `${pinState(pin)}; ${pin.owner}: ${pin.reason}`]),
    ],
    ['Kept: calls may have needed them', doubtRows(p, true)],
    ['Not added: allowed by something else than these policies', elsewhereRows(p, 'granted-elsewhere')],
    ['Contradicted: it went through, and these policies do not allow it', elsewhereRows(p, 'contradicted')],
    ['Unmapped: which permission these calls need is not known', unmapped(p)],
    ['Perhaps needed, not held', doubtRows(p, false)],
    ['Undetermined: the log does not show what these depend on', undetermined(p)],
    ['Inconclusive: these calls failed in a way that proves nothing', inconclusive(p)],
    ['Refused by other policies than these', refusedRows(p)],
    ['Steps from today’s policies to these', p.plan.map(stepTexts)],
    ['Notes', p.notes.map((note): Row => [note, '', ''])],
  ];
  return lists
    .filter(([, rows]) => rows.length > 0)
    .map(([title, rows]) => ({
      title,
      rows: rows
        .slice(0, mostRows)
        .map(([what, where, why]): Row => [printable(what), printable(where), printable(why)]),
      more: Math.max(0, rows.length - mostRows),
    }));
}

const doubtRows = ({ doubts }: Proposal, kept: boolean): Row[] =>
  doubts
    .filter((doubt) => doubt.kept === kept)
    .map((doubt) => [doubt.action, placesOf(doubt), reasonText(doubt)]);

const unmapped = ({ unmapped: calls }: Proposal): Row[] =>
  [...groupBy(calls, ({ eventSource, eventName }) => `${eventSource} ${eventName}`)].map(([name, list]) => [
    name,
    '',
    `${list[0]?.reason ?? ''}, ${counted(list.length, 'use')}`,
  ]);

const undetermined = ({ verdicts }: Proposal): Row[] =>
  verdicts.flatMap(({ use, verdict }) =>
    verdict.kind === 'undetermined'
      ? [[use.action, use.resource, `depends on ${verdict.keys.join(', ')}`]]
      : [],
  );

const inconclusive = (p: Proposal): Row[] =>
  p.inconclusive.map(({ use, kept }) => [
    use.action,
    use.resource,
    `${use.errorCode}, ${kept ? 'kept' : 'not granted'}`,
  ]);
