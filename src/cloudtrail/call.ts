import type { Principal } from './principal.ts';

/**
 * Names seen too often to keep one by one: everything that starts with `prefix`, cut at the `depth`-th `/`.
 * A class of its own, so that a fold is never mistaken for a literal name that contains a star.
 */
export class Folded {
  readonly prefix: string;
  readonly depth: number;
  constructor(prefix: string, depth: number) {
    this.prefix = prefix;
    this.depth = depth;
  }
}

/** A request or response member after reduction. `true` stands for "was present, value not kept". */
export type MemberValue = string | true | Folded | readonly MemberValue[] | Members;
export interface Members {
  readonly [name: string]: MemberValue;
}

/** One entry of the record's `resources[]`. */
export interface ResourceRef {
  /** The ARN as logged (also from `ARNPrefix`, then `isPrefix` is true). */
  readonly arn: string | Folded;
  /** `AWS::S3::Object`, ...; '' when absent. */
  readonly type: string;
  /** The owner's account; '' when absent. */
  readonly account: string;
  readonly isPrefix: boolean;
}

export type EventCategory = 'management' | 'data' | 'network' | 'other';

/** What was called. */
export interface Operation {
  /** `s3.amazonaws.com`, lower-cased as logged. */
  readonly eventSource: string;
  readonly eventName: string;
  /** `AwsApiCall`, `AwsServiceEvent`, `AwsConsoleAction`, `AwsConsoleSignIn`, ...; '' when absent. */
  readonly eventType: string;
  readonly category: EventCategory;
  readonly readOnly: boolean | undefined;
}

/** The circumstances that decide how a call is read. '' stands for absent throughout. */
export interface CallContext {
  readonly region: string;
  /** `recipientAccountId`: whose copy of the event this is; not the owner of the resource. */
  readonly account: string;
  readonly errorCode: string;
  /** `userIdentity.invokedBy`: a service name, `AWS Internal`, or ''. */
  readonly invokedBy: string;
  /** Session name with machine-made parts (digits, hex, UUIDs) replaced by `#`. */
  readonly session: string;
  readonly sourceIdentity: string;
}

/** What was called on. */
export interface Target {
  readonly request: Members;
  readonly response: Members;
  readonly resources: readonly ResourceRef[];
}

/** One kind of call as the index remembers it: everything of a record that decides permissions, nothing else. */
export interface ObservedCall {
  readonly principal: Principal;
  readonly operation: Operation;
  readonly context: CallContext;
  readonly target: Target;
}

/** An observed call with what only one record has. */
export interface Call extends ObservedCall {
  /** Seconds since 1970 UTC. */
  readonly time: number;
  /** As logged; '' when absent. */
  readonly eventID: string;
  readonly sharedEventID: string;
}
