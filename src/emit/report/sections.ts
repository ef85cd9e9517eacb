import { groupBy, sortedUnique } from '../../iam/order.ts';
import { printable } from '../../iam/printable.ts';
import type { Proposal } from '../../synth/proposal.ts';
import { reviewOf } from '../review/review.ts';
import { unseenText } from '../review/unseen.ts';
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
  const { others, steps } = reviewOf(p);
  return [...others.filter(({ title }) => title !== 'Kept unseen'), ...steps].map(
    ({ title, about, rows }) => ({
      title: about === undefined ? title : `${title}: ${about}`,
      rows: rows.slice(0, mostRows).map(({ what, where = '', why = '', seen }): Row => {
        const times =
          seen &&
          `${counted(seen.callsAsDelivered, 'call')} on ${counted(seen.days, 'day')}, last ${seen.lastDay}`;
        return [printable(what), printable(where), printable([why, times].filter(Boolean).join(': '))];
      }),
      more: Math.max(0, rows.length - mostRows),
    }),
  );
}
