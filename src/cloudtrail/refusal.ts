import type { Folded } from './members.ts';
import type { CloudTrailRecord } from './record.ts';
import { text } from './record.ts';

/** Whose policy refused a call, in AWS's words; `unknown` where the text does not say. */
export type RefusedBy =
  | 'identity'
  | 'boundary'
  | 'session'
  | 'scp'
  | 'rcp'
  | 'resource-policy'
  | 'trust-policy'
  | 'vpc-endpoint'
  | 'unknown';

/** What the text of a refusal says. It explains; nothing is granted or taken away because of it. */
export interface Refusal {
  /** As printed, spelled freely: `ec2:RunInstances`, `SNS:Publish`, `sqs:sendmessage`. */
  readonly action: string;
  /** As printed: an ARN, `*`, a bare name, `role NAME`; '' when the text names none. */
  readonly resource: string | Folded;
  readonly by: RefusedBy;
  /** A Deny statement, not a missing Allow. */
  readonly explicit: boolean;
}

const policies: readonly (readonly [RefusedBy, string])[] = [
  ['identity', 'identity-based policy'],
  ['boundary', 'permissions boundary'],
  ['session', 'session policy'],
  ['scp', 'service control policy'],
  ['rcp', 'resource control policy'],
  ['resource-policy', 'resource-based policy'],
  ['trust-policy', 'role trust policy'],
  ['vpc-endpoint', 'VPC endpoint policy'],
];

/** All there are, `unknown` aside. */
export const refusers: readonly RefusedBy[] = policies.map(([by]) => by);

const names = policies.map(([, name]) => name).join('|');

/** How a refusal ends: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
const noAllow = new RegExp(` because no (${names}) allows the (\\S+) action$`);
/** Since 2026 with the policy's ARN, where caller and policy are of one account or organization. */
const deny = new RegExp(
  ` with an explicit deny(?: in (?:an?|the) (${names}))?(?:(?:: |, with policy ARN: )arn:\\S+)?$`,
);
/** KMS does not tell which: https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html */
const keyPolicy =
  ' because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access';

/** What a resource's own name holds only if the text was not taken apart where AWS put it together. */
const phrase =
  / because (no|the resource) | with an explicit deny| is not authorized to perform: | on resource: |authorization failure message/;

/** EC2 says so before and after: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
const before = 'You are not authorized to perform this operation. ';
const encoded = /\.? Encoded authorization failure message: \S*$/;

/** CloudTrail cuts texts of errors here, and the end of the text with it: what is that long says no more than its action. */
export const maxErrorMessage = 1024;

/** What stands between the principal and the action. */
export const notAuthorized = ' is not authorized to perform: ';

/** What the text of a record's error says, if it is one of AWS's refusals of the record's own principal, and whole. */
export function refusalOf(record: CloudTrailRecord): Refusal | undefined {
  const { errorMessage } = record;
  if (record.errorCode === '' || !errorMessage.includes(notAuthorized)) return undefined;
  const user = `User: ${text(record.userIdentity['arn'])}${notAuthorized}`;
  const plain = errorMessage.startsWith(before) ? errorMessage.slice(before.length) : errorMessage;
  if (!plain.startsWith(user)) return undefined;
  const [, action, said = ''] =
    /^([A-Za-z0-9-]+:[A-Za-z0-9]+)((?: .*)?)$/s.exec(plain.slice(user.length).replace(/\.$/, '')) ?? [];
  if (action === undefined) return undefined;
  const bare: Refusal = { action, resource: '', by: 'unknown', explicit: false };
  if (errorMessage.length >= maxErrorMessage) return bare;
  return reasoned(bare, said.replace(encoded, '').replace(/\.$/, ''));
}

/** Reads what follows the action, from both ends; undefined when it is none of AWS's sentences. */
function reasoned(bare: Refusal, said: string): Refusal | undefined {
  const missing = noAllow.exec(said);
  const denied = missing ? null : deny.exec(said);
  const isKey = said.endsWith(keyPolicy);
  const at = missing?.index ?? denied?.index ?? (isKey ? said.length - keyPolicy.length : said.length);
  const on = said.slice(0, at);
  const by = isKey
    ? 'resource-policy'
    : (policies.find(([, name]) => name === (missing ?? denied)?.[1])?.[0] ?? 'unknown');
  if (missing && missing[2]?.toLowerCase() !== bare.action.toLowerCase()) return bare;
  const told: Refusal = { ...bare, by, explicit: denied !== null };
  if (on === '' || on === ' on this resource' || on === ' on the resource associated with this ciphertext')
    return told;
  if (!on.startsWith(' on resource: ')) return undefined;
  const resource = on.slice(' on resource: '.length).replace(/^"(.*)"$/s, '$1');
  return phrase.test(resource) ? bare : { ...told, resource };
}
