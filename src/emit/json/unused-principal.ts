import { principalJson, diffObject } from './changes.ts';
import { counted } from '../review/words.ts';

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
  readonly isAdministrator: boolean;
  /** Distinct actions that it is allowed. */
  readonly actions: number;
}

/** `never seen in 90 covered days`, and what it holds. */
export function unseenTexts(
  { policies }: UnseenHolder,
  { days, isAdministrator, actions }: UnseenFacts,
  name: (text: string) => string,
): readonly [string, string] {
  const list = policies.map((policy) => name(policy.name)).join(', ') || 'nothing';
  const rights = isAdministrator ? 'ADMINISTRATOR: ' : '';
  return [
    `never seen in ${counted(days, 'covered day')}`,
    `holds ${rights}${list}${policies.length > 0 ? ` (${counted(actions, 'action')})` : ''}`,
  ];
}

/** Its line of `generate --all --json`: the shape of a proposal without documents. */
export function unseenHolderJson(holder: UnseenHolder): object {
  const { kind, policies } = holder;
  return {
    principal: principalJson(holder),
    window: null,
    form: 'policies',
    documents: [],
    files: [],
    proof: {
      uses: 0,
      allowed: 0,
      denied: 0,
      grantedElsewhere: 0,
      contradicted: 0,
      undetermined: 0,
      unmapped: 0,
      noPermission: 0,
      callsAsDelivered: 0,
    },
    diff: diffObject(undefined, Object),
    plan: [],
    folds: [],
    overflow: [],
    unobservable: [],
    pins: [],
    unmapped: [],
    grantedElsewhere: [],
    contradicted: [],
    risk: 'medium',
    attention: [{ kind: 'never-seen', risk: 'medium' }],
    doubts: [],
    refusals: { named: 0, agree: 0, byOthers: [] },
    undetermined: [],
    inconclusive: [],
    excluded: 0,
    notes: [`whole ${kind} unused: never seen in the log; holds ${policies.map((p) => p.name).join(', ')}`],
    metrics: {
      actionsBefore: 0,
      actionsAfter: 0,
      actionsUsed: 0,
      actionsHeld: 0,
      actionsUnseen: 0,
      bytes: 0,
      documents: 0,
    },
    data: { version: '' },
  };
}
