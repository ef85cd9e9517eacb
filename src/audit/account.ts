/** Layer `audit`: checks of IAM good practice over what an index and IAM's own documents show. */
import type { Identity } from '../cloudtrail/identity.ts';
import type { Current } from '../current/current.ts';
import type { CredentialRow } from './credential-report.ts';

/** What a principal was seen doing. Days are since 1970. */
export interface Seen {
  readonly identity: Identity;
  readonly lastDay: number;
  /** Of calls with an access key that lasts: how many days. */
  readonly keyDays: number;
  readonly keys: readonly string[];
  /** Address ranges that calls came from. */
  readonly networks: readonly string[];
  readonly usesConsole: boolean;
  /** Whether its sign-ins that succeeded were with MFA: `No`, `Yes` or both. */
  readonly mfaAtSignIn: readonly string[];
  /** `s3.amazonaws.com`, sorted. */
  readonly sources: readonly string[];
  /** `s3:GetObject` of operations that are known, sorted. */
  readonly actions: readonly string[];
  /** Event IDs of its own calls, at most three. */
  readonly events: readonly string[];
  /** The same of its console sign-ins. */
  readonly signIns: readonly string[];
  /** Roles that it got a session of, by the ARN of the request, each with an event ID. */
  readonly assumed: ReadonlyMap<string, string>;
  /** Calls (`s3:GetObject`) that AWS refused in the last days and not before, sorted. */
  readonly refused: readonly string[];
  readonly refusals: readonly string[];
}

/** What an index says. */
export interface Activity {
  readonly lastDay: number;
  readonly seen: readonly Seen[];
  /** Days of the last `days` on which nothing of an account was delivered. */
  readonly gaps: (account: string, days: number) => number;
}

/** A trail; undefined where the input does not say. */
export interface AuditedTrail {
  readonly arn: string;
  readonly allRegions: boolean | undefined;
  readonly digests: boolean | undefined;
  readonly logging: boolean | undefined;
  /** `AWS::S3::Object`, ... of which it records data events. */
  readonly dataTypes: readonly string[] | undefined;
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_PasswordPolicy.html */
export interface PasswordPolicy {
  readonly minimumLength: number;
  /** Kinds of characters that it does not require. */
  readonly notRequired: readonly string[];
  /** How many former passwords cannot be used again. */
  readonly remembered: number;
}

/** All that is known of the accounts; what was not given is undefined, and nothing is said of it. */
export interface Account {
  /** The day that ages count back from, since 1970. */
  readonly today: number;
  /** Days without use from which on something is unused. */
  readonly unusedDays: number;
  readonly activity: Activity | undefined;
  readonly credentials: readonly CredentialRow[] | undefined;
  readonly current: Current | undefined;
  readonly passwords: PasswordPolicy | 'none' | undefined;
  readonly trails: readonly AuditedTrail[] | undefined;
}
