import { printable } from '../../iam/printable.ts';
import type { Proposal } from '../../synth/proposal.ts';
import { otherSections, stepSections } from '../review/review.ts';
import type { Row } from '../review/section.ts';
import { counted } from '../review/words.ts';
import type { ShownSection } from './page/shape.ts';

/** Rows of a section on the page; more are counted. */
const mostRows = 200;

/** A row of the review as the page shows it: what, where, why and how often. */
export function shownRow({ what, where = '', why = '', seen }: Row): ShownSection['rows'][number] {
  const times = seen
    ? `${counted(seen.callsAsDelivered, 'call')} on ${counted(seen.days, 'day')}, last ${seen.lastDay}`
    : '';
  return [printable(what), printable(where), printable([why, times].filter(Boolean).join(': '))];
}

/** The other lists of the review, those that have anything to say. */
export function sectionsOf(p: Proposal): ShownSection[] {
  return [...otherSections(p), ...stepSections(p)].map(({ title, about, rows }) => ({
    title: about === undefined ? title : `${title}: ${about}`,
    rows: rows.slice(0, mostRows).map(shownRow),
    more: Math.max(0, rows.length - mostRows),
  }));
}
