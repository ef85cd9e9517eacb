import { printable } from '../../iam/printable.ts';
import type { UnseenHolder } from '../json/unused-principal.ts';

/** Its block in the review. Nothing is proposed: a whole role is a decision for its owner. */
export function unseenHolderText({ kind, account, name, policies }: UnseenHolder): string {
  const held = policies.map((p) => printable(p.name)).join(', ');
  return `${kind}/${printable(name)}  ${printable(account)}        whole ${kind} unused: never seen in the log\nholds ${policies.length} ${policies.length === 1 ? 'policy' : 'policies'}${held === '' ? '' : `: ${held}`}\n\n`;
}
