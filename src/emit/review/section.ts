/** Room `review`: what terminal, Markdown and page say alike of a proposal. */
import { limited } from './change-lines.ts';
import type { Colors } from './colors.ts';
import { joinEvidence, evidenceJson, type EvidenceJson } from './evidence.ts';
import type { Evidence } from '../../synth/usage/gathering.ts';

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

/** `~` narrowed, `-` removed, `=` kept, `+` added, `?` unclear, `!` not in these policies or wrong. */
export type Mark = '~' | '-' | '=' | '+' | '?' | '!' | ' ';

/** One line of a review; every surface writes it in its own way. Names are as they are in logs and policies. */
export interface Row {
  readonly mark: Mark;
  /** An action, a count of actions, or what there is to say. */
  readonly what: string;
  /** The actions that a count stands for. */
  readonly names?: readonly string[];
  readonly where?: string;
  readonly seen?: EvidenceJson | undefined;
  readonly why?: string;
}

/** How often and when calls were seen; undefined of none. */
export function seenOf(calls: readonly Evidence[]): EvidenceJson | undefined {
  const joined = joinEvidence(calls);
  return joined && evidenceJson(joined);
}

/** Resources in one cell. */
export const placesText = (resources: readonly string[]): string =>
  resources.length > 3
    ? `${resources.slice(0, 3).join(', ')} and ${resources.length - 3} more`
    : resources.join(', ');
