export type LintCode =
  | 'sid-grammar'
  | 'sid-repeated'
  | 'empty-list'
  | 'resource-grammar'
  | 'variable-in-old-version'
  | 'version-old'
  | 'unknown-service'
  | 'unknown-action'
  | 'unknown-condition-key'
  | 'resource-type-not-taken'
  | 'resource-type-missing'
  | 'not-action-allow'
  | 'permissions-management-wildcard'
  | 'privilege-escalation'
  | 'too-large'
  | 'refused-character'
  | 'duplicate-statement'
  | 'shadowed-statement';

export interface Finding {
  readonly code: LintCode;
  /** `error`: IAM refuses it, or it does nothing of what it says. `warning`: a risk. `suggestion`: can be simpler. */
  readonly severity: 'error' | 'warning' | 'suggestion';
  /** JSON path of the element: `Statement[0].Action`; the message names the entry of a list. `''`: the document. */
  readonly path: string;
  readonly message: string;
  /** What to do. */
  readonly fix: string;
}
