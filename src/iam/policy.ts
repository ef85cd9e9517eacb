/** `Action`/`Resource` (`only`) or `NotAction`/`NotResource` (`except`). */
export interface PatternSet {
  readonly kind: 'only' | 'except';
  /** Sorted, unique; actions with lower-cased prefix and the name as written, `*` and `?` as wildcards. */
  readonly patterns: readonly string[];
}

/** One operator, one key. */
export interface Condition {
  /** As in the JSON, canonical case: `StringEquals`, `ForAnyValue:StringLike`, `NumericLessThanIfExists`, ... */
  readonly operator: string;
  /** Canonical case as written; keys compare case-insensitively. */
  readonly key: string;
  /** Sorted, unique, as strings. */
  readonly values: readonly string[];
}

export interface Statement {
  readonly sid: string | undefined;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: PatternSet;
  readonly resources: PatternSet;
  /** Sorted by operator, then key. All must hold. */
  readonly conditions: readonly Condition[];
}

export interface PolicyDocument {
  readonly version: '2012-10-17' | '2008-10-17';
  readonly statements: readonly Statement[];
}
