/** Names folded to all that starts with `prefix`, cut at the `depth`-th `/`. A class, so that no literal name is taken for one. */
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

/** Whether a member is an object of members. */
export const isMembers = (value: MemberValue | undefined): value is Members =>
  typeof value === 'object' && !Array.isArray(value) && !(value instanceof Folded);

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
