import type { PolicyDocument } from '../iam/policy/policy.ts';
import type { Trust } from '../permissions/unusable.ts';

/** How a principal came to hold a policy; `file`: a policy file that says no more. */
export type PolicySource = 'managed' | 'inline' | 'group-managed' | 'group-inline' | 'file';

/** One policy that a principal holds today. */
export interface HeldPolicy {
  readonly source: PolicySource;
  /** The policy's name; for `file` the path it was read from. */
  readonly name: string;
  /** Of a managed policy. */
  readonly arn?: string;
  /** The group it is held through. */
  readonly group?: string;
  readonly document: PolicyDocument;
  /** When the default version of a managed policy was made, as AWS wrote it. */
  readonly createDate?: string;
  /** ARNs of the other roles and users that it applies to (a boundary too), sorted; empty does not prove that nobody else has it. */
  readonly sharedWith: readonly string[];
}

/** An identity that can be given policies, with those it has. */
export interface Holder {
  readonly kind: 'role' | 'user' | 'permission-set';
  /** 12 digits; '' where the folder names none. */
  readonly account: string;
  /** Role or user name; for a permission set its own name, without what Identity Center adds to make a role name. */
  readonly name: string;
  /** For a permission set the ARN of its role in `account`; '' when read from policy files. */
  readonly arn: string;
  /** `AROA…`, `AIDA…`; '' when read from policy files. */
  readonly uniqueId: string;
  /** `/` or `/team/…/`; '' when read from policy files, which do not say. */
  readonly path: string;
  /** Own managed, own inline, then those of each group. */
  readonly policies: readonly HeldPolicy[];
  readonly boundary?: HeldPolicy;
  /** Who may assume it; absent for what is no role, and where the input does not say. */
  readonly trust?: Trust;
  /** Why `policies` or `boundary` is not the whole truth, a line each. Nothing may be decided while there are any. */
  readonly faults: readonly string[];
  /** ARNs, sorted. */
  readonly instanceProfiles: readonly string[];
}

/** A policy document, or the line that says why there is none. */
export type Resolved = { readonly document: PolicyDocument } | { readonly fault: string };
