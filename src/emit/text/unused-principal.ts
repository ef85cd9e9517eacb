import { printable } from '../../iam/printable.ts';
import { code } from '../markdown/markdown.ts';

/** A principal that holds policies and is in no log. */
export interface UnseenHolder {
  readonly kind: string;
  readonly account: string;
  readonly name: string;
  readonly arn: string;
  readonly policies: readonly { readonly name: string }[];
}

/** Its block in the review. Nothing is proposed: a whole role is a decision for its owner. */
export function unseenHolderText({ kind, account, name, policies }: UnseenHolder): string {
  const held = policies.map((p) => printable(p.name)).join(', ');
  return `${kind}/${printable(name)}  ${printable(account)}        whole ${kind} unused: never seen in the log\nholds ${policies.length} ${policies.length === 1 ? 'policy' : 'policies'}${held === '' ? '' : `: ${held}`}\n\n`;
}

/** The same for a pull request. */
export const unseenHolderMarkdown = ({ kind, account, name, policies }: UnseenHolder): string =>
  `### ${code(`${kind}/${name}`)} ${code(account)}\n\n- whole ${kind} unused: never seen in the log\n` +
  `- holds ${policies.map((policy) => code(policy.name)).join(', ') || 'nothing'}\n\n`;

/** Its line of `generate --all --json`: the shape of a proposal without documents. */
export function unseenHolderJson({ kind, account, name, arn, policies }: UnseenHolder): object {
  return {
    principal: { kind, arn, account, name },
    window: null,
    form: 'policies',
    documents: [],
    proof: {
      uses: 0,
      allowed: 0,
      denied: 0,
      grantedElsewhere: 0,
      undetermined: 0,
      unmapped: 0,
      noPermission: 0,
      callsAsDelivered: 0,
    },
    diff: { broadened: false, removed: [], narrowed: [], kept: [], added: [] },
    plan: [],
    folds: [],
    overflow: [],
    unobservable: [],
    pins: [],
    unmapped: [],
    grantedElsewhere: [],
    undetermined: [],
    inconclusive: [],
    excluded: 0,
    notes: [`whole ${kind} unused: never seen in the log; holds ${policies.map((p) => p.name).join(', ')}`],
    metrics: { actionsBefore: 0, actionsAfter: 0, bytes: 0, documents: 0 },
    data: { version: '' },
  };
}
