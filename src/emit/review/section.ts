/** Room `review`: what terminal, Markdown and page say alike of a proposal. */
import { limited } from './change-lines.ts';
import type { Colors } from './colors.ts';

/** A part of the review: its title, what it is about, and its lines. The title is in our own words: no name stands in it. */
export interface Section {
  readonly title: string;
  readonly about?: string;
  /** Cut where there is little room. */
  readonly lines: readonly string[];
  /** What stands below, however many lines are cut. */
  readonly last?: readonly string[];
}

/** A section for a terminal or a plain file; `most` lines of it, all of them without. */
export const sectionText = (
  { title, about, lines, last = [] }: Section,
  c: Colors,
  most: number | undefined,
): string =>
  `${c.strong(title)}${about === undefined ? '' : `: ${about}`}\n${limited(lines, most)}${limited(last, undefined)}`;
