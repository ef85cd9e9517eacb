/** `error`: IAM refuses it, or it does nothing of what it says. `warning`: a risk. `suggestion`: can be simpler. */
export type Severity = 'error' | 'warning' | 'suggestion';

/** The AWS pages of the checks, below https://docs.aws.amazon.com/IAM/latest/UserGuide/ */
export const PAGES = {
  access: 'access_policies_understand-policy-summary-access-level-summaries',
  actions: 'reference_policies_actions-resources-contextkeys',
  arns: 'reference-arns',
  grammar: 'reference_policies_grammar',
  keys: 'reference_policies_condition-keys',
  least: 'best-practices',
  notaction: 'reference_policies_elements_notaction',
  notresource: 'reference_policies_elements_notresource',
  operators: 'reference_policies_elements_condition_operators',
  passing: 'id_roles_use_passrole',
  quotas: 'reference_iam-quotas',
  resource: 'reference_policies_elements_resource',
  sid: 'reference_policies_elements_sid',
  several: 'reference_policies_condition-single-vs-multi-valued-context-keys',
  validator: 'access-analyzer-reference-policy-checks',
  variables: 'reference_policies_variables',
  version: 'reference_policies_elements_version',
} as const;

type Check = readonly [severity: Severity, page: keyof typeof PAGES, fires: string];

/** Every check: how grave it is unless a finding says otherwise, its AWS page, and when it fires. The risks stand worst first. */
export const CHECKS = {
  'sid-grammar': ['error', 'sid', 'a Sid holds more than letters and digits'],
  'sid-repeated': ['error', 'sid', 'a Sid stands twice'],
  'empty-list': ['error', 'grammar', 'a list of actions or resources is empty'],
  'refused-character': ['error', 'quotas', 'a character that IAM refuses'],
  'too-large': ['warning', 'quotas', 'more characters than AWS lets a policy of yours have'],
  'version-old': ['suggestion', 'version', 'Version is 2008-10-17 or absent'],
  'variable-in-old-version': ['warning', 'variables', 'so a variable is plain text'],
  'resource-grammar': ['error', 'resource', 'a resource is no ARN that IAM stores'],
  'arn-short': ['warning', 'resource', 'an ARN lacks fields, which IAM fills with *'],
  'arn-field': ['warning', 'arns', 'a Region, account or variable that cannot be there'],
  'unknown-service': ['warning', 'actions', 'AWS has no such service; error: a slip'],
  'unknown-action': ['warning', 'actions', 'the service has no such action; error: a slip'],
  'resource-type-missing': [
    'error',
    'actions',
    'an action takes none of the resources; warning: it may need more',
  ],
  'resource-type-not-taken': [
    'error',
    'actions',
    'nothing takes the resources; warning: of some, or not documented',
  ],
  'condition-value': ['error', 'operators', 'a value that its operator cannot read never matches'],
  'unknown-condition-key': ['warning', 'keys', 'AWS has no such key; error: a slip'],
  'key-not-of-action': ['warning', 'actions', 'a key that an action of its service does not have'],
  'condition-type': ['warning', 'operators', 'an operator of another type than its key; suggestion: usable'],
  'wildcard-without-like': ['warning', 'operators', 'a value with * or ? that its operator takes as text'],
  'missing-qualifier': ['warning', 'several', 'a key of several values without ForAnyValue or ForAllValues'],
  'mfa-if-exists': ['warning', 'keys', 'MFA is asked for in a way that long-term keys get around'],
  'for-all-values': ['warning', 'several', 'an Allow with ForAllValues that holds where the key is absent'],
  'administrator-access': ['warning', 'least', 'every action on every resource'],
  'not-action-allow': ['warning', 'notaction', 'an Allow of all actions but some'],
  'not-resource-allow': ['warning', 'notresource', 'an Allow on all resources but some'],
  'privilege-escalation': ['warning', 'passing', 'a published way to more rights'],
  'permissions-management-wildcard': ['warning', 'access', 'a wildcard over actions that manage permissions'],
  'credentials-exposure': ['warning', 'least', 'credentials of anything are handed out'],
  'resource-exposure': ['warning', 'access', 'the permissions of any resource are managed'],
  'data-exfiltration': ['warning', 'least', 'all objects, secrets or parameters are read'],
  'service-wildcard': ['suggestion', 'least', 'all actions of a service on every resource'],
  'infrastructure-modification': ['suggestion', 'least', 'what could be named is changed on *'],
  'duplicate-statement': ['suggestion', 'validator', 'a statement says what another says'],
  'shadowed-statement': ['suggestion', 'validator', 'a statement says nothing that another does not say'],
} as const satisfies Record<string, Check>;

export type LintCode = keyof typeof CHECKS;

export interface Finding {
  readonly code: LintCode;
  readonly severity: Severity;
  /** JSON path of the element: `Statement[0].Action`; the message names the entry of a list. `''`: the document. */
  readonly path: string;
  readonly message: string;
  /** What to do. */
  readonly fix: string;
}

/** A finding, as grave as its check says unless given. */
export const found = (
  code: LintCode,
  path: string,
  message: string,
  fix: string,
  severity: Severity = CHECKS[code][0],
): Finding => ({ code, severity, path, message, fix });

/** `a`, `a and b`, `a, b and 3 more`. */
export function few(names: readonly string[]): string {
  const [first = '', second, ...rest] = names;
  if (second === undefined) return first;
  return rest.length === 0 ? `${first} and ${second}` : `${first}, ${second} and ${rest.length} more`;
}
