import type { Identity } from '../../cloudtrail/identity.ts';
import type { Proposal, PlanStep } from '../../synth/proposal.ts';
import { policyName } from './principal-folder.ts';
import type { Row, Section } from './section.ts';
import { andMore, counted } from './words.ts';

const words: Readonly<Record<PlanStep['step'], string>> = {
  attach: 'attach',
  detach: 'detach',
  'delete-inline': 'delete inline',
  'leave-group': 'leave group',
  'replace-file': 'replace file',
  'put-boundary': 'put on',
  'replace-boundary': 'in place of',
};

/** The steps from today's policies to the proposal, a row each; who else holds a policy keeps it. */
export const stepRows = (plan: readonly PlanStep[]): readonly Row[] =>
  plan.map(({ step, what, sharedWith }) => {
    const [first] = sharedWith;
    const others =
      first === undefined
        ? ''
        : `   stays as it is for ${first.split(':').at(-1) ?? first}${andMore(sharedWith.length - 1)}`;
    return { mark: ' ', what: `${words[step].padEnd(13)} ${what}${others}` };
  });

/**
 * How a boundary is put on and taken off, and what it stops; nothing for a proposal that is none, changes nothing, or that AWS would refuse.
 * What a resource policy grants to a user's ARN, or to a session of a role, an implicit deny in a boundary does not stop; what
 * it grants to the role it does (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html).
 */
export function boundarySection(p: Proposal): readonly Section[] {
  if (p.form !== 'boundary' || p.plan.length === 0 || p.overflow.length > 0) return [];
  const { kind } = p.identity;
  const policy = policyName(p.identity, 'boundary.json');
  const today = p.plan.find(({ step }) => step === 'replace-boundary')?.what;
  const target = `${kind}-permissions-boundary --${kind}-name ${word(p.identity.name)}`;
  const off =
    today === undefined
      ? `aws iam delete-${target}`
      : `aws iam put-${target} --permissions-boundary ${/^arn:[\w+=,.@:/-]+$/.test(today) ? today : 'ARN'}`;
  const elsewhere = p.verdicts.count('granted-elsewhere');
  return [
    {
      title: 'Boundary',
      about: 'over the policies of today, which stay as they are with their Denies',
      rows: [
        `make      aws iam create-policy --policy-name ${policy} --policy-document file://boundary.json`,
        `put on    aws iam put-${target} --permissions-boundary ${ownArn(p.identity, policy)}`,
        `take off  ${off}`,
        kind === 'user'
          ? 'mind      what resource policies grant to the user by its ARN is not stopped'
          : `mind      what resource policies grant to the role is stopped too, but for what the log shows of it (${counted(elsewhere, 'use')})`,
      ].map((what) => ({ mark: ' ', what, isCommand: true })),
    },
  ];
}

/** The steps of a role or user as commands of the AWS CLI, and the way back; nothing where files or other forms are changed. */
export function commandLines({ identity, plan, form }: Proposal): readonly string[] {
  if (form === 'boundary' || identity.kind === 'permission-set') return [];
  const steps = plan.flatMap((step) => commandsOf(step, identity) ?? []);
  if (steps.length < plan.length || steps.length === 0) return [];
  const back = steps.toReversed().flatMap((step) => step.back);
  return [...steps.flatMap(({ run }) => run), '', '# the way back', ...back].map((line) =>
    line === '' || line.startsWith('#') ? line : `aws iam ${line}`,
  );
}

/** The ARN of a policy that is made in the account of a principal. */
const ownArn = ({ arn, account }: Identity, policy: string): string =>
  `arn:${/^arn:([a-z-]+):/.exec(arn)?.[1] ?? 'aws'}:iam::${/^\d{12}$/.test(account) ? account : 'ACCOUNT'}:policy/${policy}`;

/** Commands of `aws iam`, and those that undo them. */
type Commands = Readonly<Record<'run' | 'back', readonly string[]>>;

function commandsOf({ step, what }: PlanStep, identity: Identity): Commands | undefined {
  const { kind, name } = identity;
  const who = `--${kind}-name ${word(name)}`;
  const policy = policyName({ kind, name }, what);
  const own = ownArn(identity, policy);
  const inline = `${who} --policy-name ${word(what)}`;
  const before = `${word(what)}.before.json`;
  const group = `${who} --group-name ${word(what)}`;
  const commands: Partial<Record<PlanStep['step'], Commands>> = {
    attach: {
      run: [
        `create-policy --policy-name ${policy} --policy-document file://${what}`,
        `attach-${kind}-policy ${who} --policy-arn ${own}`,
      ],
      back: [`detach-${kind}-policy ${who} --policy-arn ${own}`, `delete-policy --policy-arn ${own}`],
    },
    detach: {
      run: [`detach-${kind}-policy ${who} --policy-arn ${word(what)}`],
      back: [`attach-${kind}-policy ${who} --policy-arn ${word(what)}`],
    },
    'delete-inline': {
      run: [
        `get-${kind}-policy ${inline} --query PolicyDocument > ${before}`,
        `delete-${kind}-policy ${inline}`,
      ],
      back: [`put-${kind}-policy ${inline} --policy-document file://${before}`],
    },
    'leave-group': { run: [`remove-user-from-group ${group}`], back: [`add-user-to-group ${group}`] },
  };
  return commands[step];
}

/** A name that IAM would not have taken is not put into a command that somebody may run. */
const word = (name: string): string =>
  /^(arn:[\w+=,.@:/-]+|[\w+=,.@][\w+=,.@-]*)$/.test(name) ? name : 'NAME';
