import type { Attention } from '../../synth/attention.ts';
import { waysLeft } from './attention.ts';
import { counted } from './words.ts';

/** A principal that holds policies and is in no log. */
export interface UnseenHolder {
  readonly kind: string;
  readonly account: string;
  readonly name: string;
  readonly arn: string;
  readonly policies: readonly { readonly name: string }[];
}

/** What is known of one beside what it holds. */
export interface UnseenFacts {
  /** Covered days of its account in which it was not seen. */
  readonly days: number;
  /** Whether these are days enough to advise anything. */
  readonly isCovered: boolean;
  readonly isAdministrator: boolean;
  /** The verdict, as all of it stays. */
  readonly attention: readonly Attention[];
  /** Distinct actions that it is allowed. */
  readonly actions: number;
}

/** What to decide of one: nothing is proposed, for whether a whole role goes is for its owner to say. @param name makes a name safe */
export function unusedLine(
  { kind, name: own, account, policies }: UnseenHolder,
  { days, isCovered, isAdministrator, actions, attention }: UnseenFacts,
  name: (text: string) => string,
): string {
  const list = policies.map((policy) => name(policy.name)).join(', ') || 'nothing';
  const rights = isAdministrator ? 'ADMINISTRATOR: ' : '';
  const ways = waysLeft(attention);
  const open = ways > 0 && !isAdministrator ? `, ${counted(ways, 'way')} to more rights` : '';
  const many = policies.length > 0 ? ` (${counted(actions, 'action')}${open})` : '';
  const who = `${name(`${kind}/${own}`)} ${name(account || 'of no account')}`;
  const advice = isCovered
    ? `delete ${who}? never seen in`
    : `${who}: not seen, but too little is covered to say more,`;
  return `${advice} ${counted(days, 'covered day')}, holds ${rights}${list}${many}`;
}
