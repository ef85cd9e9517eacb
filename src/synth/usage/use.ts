/** Room `usage`: the facts of the index become uses, permissions that were needed, with their evidence. */
import type { RefusedBy } from '../../cloudtrail/refusal.ts';
import { memo } from '../../iam/memo.ts';
import { overlaps } from '../../iam/pattern/language.ts';
import { actionPattern, matches, resourcePattern } from '../../iam/pattern/pattern.ts';
import type { Condition } from '../../iam/policy/policy.ts';
import type { PermissionReason, StarReason } from '../../permissions/mapping.ts';
import type { PossibleNeed } from '../../permissions/may-need.ts';
import type { Widened } from '../../permissions/widened.ts';
import type { Evidence } from './gathering.ts';

/** A call that was seen. */
export interface SeenCall extends Evidence {
  readonly eventSource: string;
  readonly eventName: string;
}

/** What uses have in common that differ in what they are on alone: there are few of these. */
export interface UseKind {
  readonly action: string;
  readonly reason: PermissionReason;
  /** Conditions under which the permission was needed, and that it is granted with. */
  readonly condition: readonly Condition[];
  /** Context keys the log shows, lower-cased. */
  readonly context: ReadonlyMap<string, readonly string[]>;
  readonly star: StarReason | undefined;
  /** Uses that are readings of one need (the paths a bare role name may have) share the role's ARN without path; '' for all others. */
  readonly oneOf: string;
  readonly eventSource: string;
  readonly eventName: string;
  /** The raw error code, for calls that did not succeed. */
  readonly errorCode: string;
  /** Whether something else than an identity policy can have allowed it. */
  readonly mayBeElsewhere: boolean;
  /** Of a refused call: whose policy refused it, where AWS says so. */
  readonly refusedBy?: RefusedBy;
}

/** One permission that was needed: a distinct (action, resource, context). A class, for there are very many: what is common stands once. */
export class Use implements SeenCall {
  readonly kind: UseKind;
  /** An IAM resource pattern; a literal ARN has its `*`, `?` and `$` escaped. */
  readonly resource: string;
  days: Evidence['days'];
  calls: number;
  sample: Evidence['sample'];
  sources: Evidence['sources'];

  constructor(kind: UseKind, resource: string, { days, calls, sample, sources }: Evidence) {
    this.kind = kind;
    this.resource = resource;
    this.days = days;
    this.calls = calls;
    this.sample = sample;
    this.sources = sources;
  }

  get action(): UseKind['action'] {
    return this.kind.action;
  }

  get condition(): UseKind['condition'] {
    return this.kind.condition;
  }

  get context(): UseKind['context'] {
    return this.kind.context;
  }

  get star(): UseKind['star'] {
    return this.kind.star;
  }

  get eventSource(): UseKind['eventSource'] {
    return this.kind.eventSource;
  }

  get eventName(): UseKind['eventName'] {
    return this.kind.eventName;
  }
}

/** Gives uses other contexts; those of one kind go on sharing theirs. */
export function inContext(contextOf: (context: Use['context']) => Use['context']): (use: Use) => Use {
  const kindOf = memo((kind: UseKind) => ({ ...kind, context: contextOf(kind.context) }));
  return (use) => new Use(kindOf(use.kind), use.resource, use);
}

/** A call whose permission is not known, and that was not refused. */
export interface UnknownCall extends SeenCall {
  readonly readOnly: boolean | undefined;
  readonly reason: string;
  /** IAM prefixes it can belong to; empty when no table knows its source. */
  readonly services: readonly string[];
}

/** What a call may have needed beside its uses. */
export interface PossibleUse extends PossibleNeed, SeenCall {}

/** What a principal's facts say. */
export interface Observed {
  /** From calls that succeeded, or failed after authorization; sorted by action, resource, context. */
  readonly uses: readonly Use[];
  /** From calls whose errors prove nothing. */
  readonly inconclusive: readonly Use[];
  /** From calls that were refused. */
  readonly denied: readonly Use[];
  readonly unmapped: readonly UnknownCall[];
  /** Of calls that were not refused; sorted by action. */
  readonly possible: readonly PossibleUse[];
  /** Distinct calls that need no permission. */
  readonly noPermission: number;
  readonly callsAsDelivered: number;
  /** Whether days that do not count have a part in counts of calls: they are at most so many. */
  readonly callsAtMost?: boolean;
  readonly services: ReadonlySet<string>;
  /** Actions that no page says anything of but management events show, with their sources: `ssm:GetConnectionStatus ssm`. */
  readonly shown?: ReadonlySet<string>;
  /** Distinct facts that exclusions left out in full or in part. */
  readonly excluded: number;
  /** What could not be said for sure, each once. */
  readonly notes: readonly string[];
  /** Used resources that are only known as patterns wider than the calls named. */
  readonly widened?: readonly Widened[];
  /** Kinds of refusals that name an action, and in how many of them the call is read as needing it. */
  readonly refusals: { readonly named: number; readonly agree: number };
}

/** Whether nothing at all was seen. */
export const isSilent = ({ uses, unmapped, noPermission, denied, inconclusive }: Observed): boolean =>
  uses.length + unmapped.length + noPermission + denied.length + inconclusive.length === 0;

/** The uses behind an action (wildcards allowed) on the resources of a pattern; then the refusals of which AWS says whose they are. */
export function evidenceFor(
  { uses, denied }: Observed,
  action: string,
  resource: string | undefined,
): readonly Use[] {
  const wanted = actionPattern(action);
  const where = resource === undefined ? undefined : resourcePattern(resource, true);
  return [...uses, ...denied.filter(({ kind }) => kind.refusedBy !== undefined)].filter(
    (use) =>
      matches(wanted, use.action.toLowerCase()) &&
      (where === undefined || overlaps(where, resourcePattern(use.resource, true))),
  );
}
