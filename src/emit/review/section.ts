/** Room `review`: what terminal, Markdown and page say alike of a proposal. */
import type { EvidenceJson } from './evidence.ts';

/** `~` narrowed, `-` removed, `=` kept, `+` added, `?` unclear, `!` not in these policies or wrong. */
export type Mark = '~' | '-' | '=' | '+' | '?' | '!' | ' ';

/** One line of a review; every surface writes it in its own way. Names are as they are in logs and policies. */
export interface Row {
  readonly mark: Mark;
  /** An action, a count of actions, a name, or (alone) what there is to say. */
  readonly what: string;
  /** An action whose service's ARNs are written short, where `what` is a count. */
  readonly of?: string;
  /** The actions that a count stands for, named below. */
  readonly names?: readonly string[];
  readonly where?: string;
  readonly seen?: EvidenceJson | undefined;
  readonly why?: string;
  /** A command, which no line break may cut. */
  readonly isCommand?: true;
}

/** A row of an action on a resource. */
export const rowOn = (
  mark: Mark,
  { action, resource }: { readonly action: string; readonly resource: string },
  seen: EvidenceJson | undefined,
  why: string,
): Row => ({ mark, what: action, where: resource, seen, why });

/** A part of the review: its title, what it is about, and its rows. The title is in our own words: no name stands in it. */
export interface Section {
  readonly title: string;
  readonly about?: string;
  /** Cut where there is little room. */
  readonly rows: readonly Row[];
  /** Rows that a person is shown first; as many as of any section unless said. */
  readonly most?: number;
}
