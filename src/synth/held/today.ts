import type { PolicyDocument } from '../../iam/policy/policy.ts';
import type { LastAccessed } from '../../permissions/last-accessed.ts';
import type { Trust } from '../../permissions/unusable.ts';

/** How one policy is held today; only what a change of it would touch. */
export interface Holding {
  readonly source: 'managed' | 'inline' | 'group-managed' | 'group-inline' | 'file';
  readonly name: string;
  readonly arn?: string;
  readonly group?: string;
  /** ARNs of others it applies to. */
  readonly sharedWith: readonly string[];
}

/** The policies a principal holds today. */
export interface Today {
  readonly identity: readonly PolicyDocument[];
  readonly boundary: PolicyDocument | undefined;
  /** Of the policy that is the boundary, where it is known. */
  readonly boundaryArn?: string;
  /** The days on which the versions of `identity` were made, in its order; undefined where that is not known. */
  readonly made?: readonly (number | undefined)[];
  /** The last day on which the index shows a change of what is held; undefined where it shows none. */
  readonly changed?: number;
  /** Who may assume it; absent for what is no role, and where it is not known or was changed in the window. */
  readonly trust?: Trust | undefined;
  /** What AWS says of its last accesses, with `--last-accessed`. */
  readonly lastAccessed?: LastAccessed | undefined;
  /** How the policies are held; without it the plan says only what to attach. */
  readonly holdings?: readonly Holding[];
}

/** The last day on which anything of this is known to have changed; `-Infinity` where none is known. */
export const lastChange = ({ made = [], changed = -Infinity }: Today): number =>
  Math.max(changed, ...made.map((day) => day ?? -Infinity));
