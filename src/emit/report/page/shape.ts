/**
 * What the page is given as JSON, and its script reads. Every text in it is safe to show. Days are counted since 1970;
 * a `TextPlace` is a place in `texts`, an `Action` a place in the names of `actions`, counted through all services.
 */
export interface ReportData {
  readonly actions: readonly ServiceActions[];
  readonly texts: readonly string[];
  /** IAM JSON: what is held today, by many alike. */
  readonly policies: readonly object[];
  readonly principals: readonly Detail[];
}

export type TextPlace = number;
export type Action = number;

/** IAM prefix; names without it, by spaces; a letter per name: l r w p t for its access level, `-` for none, upper case for privilege escalation. */
export type ServiceActions = readonly [prefix: string, names: string, levels: string];

/** One principal: everything its own view shows. */
export interface Detail {
  /** The part of the address behind `#`. */
  readonly id: string;
  readonly kind: string;
  readonly account: string;
  readonly name: string;
  readonly arn: string;
  /** False: what it holds today was not given. */
  readonly compared: boolean;
  /** What it comes to, then the proof, then the window: a sentence each. */
  readonly verdict: readonly string[];
  readonly warnings: readonly string[];
  readonly attention: readonly (readonly [mark: string, what: string, where: string, why: string])[];
  /** What became of each action, as runs: `12.3u` is twelve times `.` and three times `u`; see `State`. */
  readonly states: string;
  readonly since: number;
  /** Distinct uses on each day of the window, from `since` on; -1 where nothing was delivered. */
  readonly activity: readonly number[];
  readonly changes: readonly Change[];
  /** Changes that are left out here. */
  readonly moreChanges: number;
  readonly sections: readonly ShownSection[];
  readonly documents: readonly PolicyFile[];
  /** The policies held today: a name, and a place in `policies`. */
  readonly today: readonly (readonly [name: string, policy: number])[];
}

/** `.` not held, `u` used, `o` kept though unseen, `n` removed as unused, `x` removed though the log could not have shown it. */
export type State = '.' | 'u' | 'o' | 'n' | 'x';

/** `-` removed, `~` narrowed, `=` kept, `+` added; the resource before (narrowed only) and now; remarks; what was seen. */
export type Change = readonly [
  kind: string,
  action: Action,
  from: TextPlace | null,
  to: TextPlace,
  remarks: TextPlace | null,
  evidence: ShownEvidence | null,
];

/** `resources`: some of those seen, where the change does not name them. */
export type ShownEvidence = readonly [
  days: number,
  first: number,
  last: number,
  calls: number,
  sampleEventID: string,
  operations: TextPlace,
  resources: readonly TextPlace[],
  distinctResources: number,
];

/** A list to read: what, where, why. */
export interface ShownSection {
  readonly title: string;
  readonly rows: readonly (readonly [what: string, where: string, why: string])[];
  /** Rows that are left out here. */
  readonly more: number;
}

export interface PolicyFile {
  readonly name: string;
  /** IAM JSON. */
  readonly document: object;
  /** As IAM counts; of a whole policy that is proposed. */
  readonly characters?: number;
}
