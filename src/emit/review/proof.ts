import type { RefusedBy } from '../../cloudtrail/refusal.ts';
import { serviceOf } from '../../iam/catalogue.ts';
import type { Judged, Proof } from '../../synth/proof/replay.ts';
import type { Proposal } from '../../synth/proposal.ts';
import type { UseKind } from '../../synth/usage/use.ts';
import { alike, rowOn, type Row } from './section.ts';
import { counted, grouped } from './words.ts';

/** What became of all that was seen, in two lines that add up. @param by what was replayed against: `the proposal` */
export function proofTexts(f: Proof, by: string): readonly [string, string] {
  const denied = `${grouped(f.denied)} ${f.denied > 0 ? 'DENIED' : 'denied'}`;
  return [
    `${grouped(f.allowed)} of ${counted(f.uses, 'use')} allowed by ${by}, ${grouped(f.grantedElsewhere)} by something else, ${denied}`,
    `${grouped(f.contradicted)} contradicted, ${grouped(f.undetermined)} undetermined, ${grouped(f.unmapped)} unmapped, ${grouped(f.noPermission)} needing no permission (${f.callsAtMost ? 'at most ' : ''}${counted(f.callsAsDelivered, 'call')} as delivered in all${f.callsAtMost ? '; calls are counted by month, and not all days of one are in' : ''})`,
  ];
}

/** How often AWS's own words agree with how calls are read, which a replay does not prove; '' where there are none. */
export const agreementText = ({ refusals: { named, agree } }: Proposal): string =>
  named > 0 ? `AWS's refusals agree: ${grouped(agree)} of ${grouped(named)}` : '';

/** Policies that refuse what a principal's own allow. */
const others: Record<RefusedBy, string> = {
  identity: 'an identity policy',
  boundary: 'a permissions boundary',
  session: 'a session policy',
  scp: 'a service control policy',
  rcp: 'a resource control policy',
  'resource-policy': 'a resource policy',
  'trust-policy': 'a trust policy',
  'vpc-endpoint': 'a VPC endpoint policy',
  unknown: 'a policy that AWS does not name',
};

/** `by a service control policy`; '' where AWS does not say. */
export const refusedText = ({ refusedBy }: Pick<UseKind, 'refusedBy'>): string =>
  refusedBy === undefined ? '' : `by ${others[refusedBy]}`;

/** Refusals that no change of these policies would lift, joined by action, resource and whose they are. */
export const refusedRows = ({ refusals }: Proposal): readonly Row[] =>
  alike(
    refusals.byOthers,
    ({ action, resource, kind }) => [action, resource, kind.refusedBy],
    (use) => use,
  ).map(({ first, seen }) => rowOn('!', first, seen, refusedText(first.kind)));

/**
 * Why a use that today's policies do not allow can have succeeded. In another account an identity policy must allow
 * it too, so there today's policies as given are stale or incomplete
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html).
 */
export function elsewhereReason(
  { use: { action, resource }, verdict }: Judged,
  accounts: readonly string[],
): string {
  if (verdict.kind === 'granted-elsewhere' && verdict.changedSince) return 'policy changed since';
  const owner = /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(resource)?.[1];
  if (owner !== undefined && !accounts.includes(owner)) return 'another account: current is incomplete';
  const policy = resourcePolicies[serviceOf(action)];
  return verdict.kind === 'contradicted'
    ? 'nothing else is known to allow it'
    : policy === undefined
      ? 'not allowed by current policies'
      : `${policy}?`;
}

/** Uses that today's policies do not allow, joined by action and resource, with why they can have succeeded. */
export const elsewhereRows = (
  { verdicts, identity }: Proposal,
  kind: 'granted-elsewhere' | 'contradicted',
): readonly Row[] =>
  alike(
    verdicts.of(kind),
    ({ use, verdict }) => [use.action, use.resource, verdict],
    ({ use }) => use,
  ).map(({ first, seen }) => rowOn('!', first.use, seen, elsewhereReason(first, identity.accounts)));

/** What else commonly grants an action: a resource policy of its service. */
const resourcePolicies: Readonly<Record<string, string>> = {
  kms: 'key policy or grant',
  s3: 'bucket policy',
  sqs: 'queue policy',
  sns: 'topic policy',
  lambda: 'function policy',
  secretsmanager: 'secret policy',
  sts: 'trust policy',
};
