/** What kind of identity made a call. Only `role`, `user` and `permission-set` can be given a policy. */
export type PrincipalKind =
  | 'role'
  | 'user'
  | 'permission-set'
  | 'service-linked-role'
  | 'root'
  | 'service'
  | 'federated'
  | 'account'
  | 'anonymous'
  | 'identity-center-user'
  | 'unknown';

/** The identity whose policies decide a call: the role behind a session, never the session. */
export interface Principal {
  readonly kind: PrincipalKind;
  /** 12-digit account the identity lives in, as logged; '' when the record does not say. */
  readonly account: string;
  /** Role, user, permission set, service or provider name; '' when the record does not say. */
  readonly name: string;
  /** ARN with its path when the record shows it; '' when it shows none. For a permission set: the ARN of its role. */
  readonly arn: string;
  /** AWS's unique id (`AROA…`, `AIDA…`) without the session part; '' when absent. A recreated role has another. */
  readonly uniqueId: string;
}
