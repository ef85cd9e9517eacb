import type { Proposal } from '../../synth/proposal.ts';
import { policyName } from './policy-name.ts';
import type { Section } from './section.ts';
import { counted } from './words.ts';

/**
 * How a boundary is put on and taken off, and what it stops; nothing for a proposal that is none, or changes nothing.
 * What a resource policy grants to a user's ARN, or to a session of a role, an implicit deny in a boundary does not stop; what
 * it grants to the role it does (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html).
 */
export function boundarySection(p: Proposal): readonly Section[] {
  if (p.form !== 'boundary' || p.plan.length === 0) return [];
  const { kind, arn, account } = p.identity;
  // A name that IAM would not have taken is not put into a command that somebody may run.
  const name = /^[\w+=,.@-]+$/.test(p.identity.name) ? p.identity.name : 'NAME';
  const partition = /^arn:([a-z-]+):/.exec(arn)?.[1] ?? 'aws';
  const policy = policyName(p.identity, 'boundary.json');
  const ownArn = `arn:${partition}:iam::${/^\d{12}$/.test(account) ? account : 'ACCOUNT'}:policy/${policy}`;
  const today = p.plan.find(({ step }) => step === 'replace-boundary')?.what;
  const target = `${kind}-permissions-boundary --${kind}-name ${name}`;
  const off =
    today === undefined
      ? `aws iam delete-${target}`
      : `aws iam put-${target} --permissions-boundary ${/^arn:[\w+=,.@:/-]+$/.test(today) ? today : 'ARN'}`;
  const elsewhere = p.verdicts.filter(({ verdict }) => verdict.kind === 'granted-elsewhere').length;
  return [
    {
      title: 'Boundary',
      about: 'over the policies of today, which stay as they are with their Denies',
      lines: [
        `  make      aws iam create-policy --policy-name ${policy} --policy-document file://boundary.json`,
        `  put on    aws iam put-${target} --permissions-boundary ${ownArn}`,
        `  take off  ${off}`,
        kind === 'user'
          ? '  mind      what resource policies grant to the user by its ARN is not stopped'
          : `  mind      what resource policies grant to the role is stopped too, but for what the log shows of it (${counted(elsewhere, 'use')})`,
      ],
    },
  ];
}
