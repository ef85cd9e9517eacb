/** Room `json`: the pieces of proposals in machine output. */
import { dayText } from '../../iam/days.ts';
import { memo, once } from '../../iam/memo.ts';
import type { DiffItem } from '../../iam/compare/diff.ts';
import { groupBy } from '../../iam/order.ts';
import { documentJson } from '../../iam/policy/policy-json.ts';
import type { Doubt } from '../../synth/keep/doubts.ts';
import type { Attention } from '../../synth/attention.ts';
import type { Proposal } from '../../synth/proposal.ts';
import type { SeenCall, UnknownCall } from '../../synth/usage/use.ts';
import { changeJson, diffObject, principalJson } from './changes.ts';
import { counted, spanText, windowJson } from '../review/words.ts';
import { elsewhereReason } from '../review/proof.ts';
import { alike, evidenceJson, seenOf } from '../review/section.ts';
import { pinJson } from '../review/kept.ts';
import type { UnseenFacts, UnseenHolder } from '../review/unused-principal.ts';

/** One line of `generate --json`; see docs/schema/generate.json. */
export function proposalJson(p: Proposal, dataVersion: string): object {
  const uses = once(() => groupBy(p.verdicts.inside(), ({ action }) => action.toLowerCase()));
  const evidence = memo((action: string) => ({ seen: seenOf(uses().get(action) ?? []) }), Infinity);
  return {
    principal: principalJson(p.identity),
    window: {
      ...windowJson(p.window),
      days: p.window.until - p.window.since + 1,
      gaps: p.gaps.map(spanText),
    },
    form: p.form,
    documents: p.documents.map(documentJson),
    files: p.files,
    proof: p.proof,
    diff: diffObject(p.diff, (item) => {
      const action = item.action.toLowerCase();
      const { seen } = evidence(action);
      const reason = reasonOf(item, seen !== undefined, p.stays.get(action));
      return { ...changeJson(item, reason), ...(seen && { evidence: seen }) };
    }),
    plan: p.plan,
    folds: p.folds,
    overflow: p.overflow,
    unobservable: p.unseen,
    pins: p.pins.map(pinJson),
    unmapped: unmappedJson(p.unmapped),
    grantedElsewhere: usesJson(p, 'granted-elsewhere'),
    contradicted: usesJson(p, 'contradicted'),
    risk: p.risk,
    attention: p.attention.map(attentionJson),
    doubts: p.doubts.map(doubtJson),
    refusals: {
      named: p.refusals.named,
      agree: p.refusals.agree,
      byOthers: p.refusals.byOthers.map((use) => {
        const { action, resource, kind } = use;
        return { action, resource, by: kind.refusedBy, ...evidenceJson(use) };
      }),
    },
    undetermined: p.verdicts
      .of('undetermined')
      .map(({ use: { action, resource }, verdict: { keys } }) => ({ action, resource, keys })),
    inconclusive: p.inconclusive.map(({ use: { action, resource, kind, sample }, kept }) => ({
      action,
      resource,
      errorCode: kind.errorCode,
      kept,
      sampleEventID: sample.eventID,
    })),
    excluded: p.excluded,
    notes: [...p.blocks, ...p.notes],
    metrics: {
      actionsBefore: p.actionsBefore,
      actionsAfter: p.actionsAfter,
      actionsUsed: p.counts.used,
      actionsHeld: p.counts.held,
      actionsUnseen: p.counts.unseen,
      bytes: p.bytes,
      documents: p.documents.length,
    },
    data: { version: dataVersion },
  };
}

/** @param other why it stays without a use; what is written in one pattern with what was used counts as used */
function reasonOf({ kind }: DiffItem, isUsed: boolean, other = 'used'): string {
  const reasons = {
    removed: ['unused', 'used on other resources only'],
    kept: [other, 'used'],
    narrowed: [other, 'used on less'],
    added: ['used', 'used'],
  } as const;
  return reasons[kind][isUsed ? 1 : 0];
}

type Outside = 'granted-elsewhere' | 'contradicted';

/** Uses that today's policies do not allow, joined by call and resource, with how many distinct ones there are. */
const usesJson = ({ verdicts, identity }: Proposal, kind: Outside): object[] =>
  alike(
    verdicts.of(kind),
    ({ use, verdict }) => [use.eventSource, use.eventName, use.action, use.resource, verdict],
    ({ use }) => use,
    true,
  ).map(({ first, all, seen: { sampleEventID } }) => {
    const { eventSource, eventName, action, resource } = first.use;
    const reason = elsewhereReason(first, identity.accounts);
    return { eventSource, eventName, action, resource, uses: all.length, reason, sampleEventID };
  });

function attentionJson(item: Attention): object {
  if (item.kind === 'kept-roles') return { kind: item.kind, risk: item.risk, ...doubtJson(item.doubt) };
  return {
    ...item,
    ...('calls' in item ? { calls: callsJson(item.calls) } : {}),
    ...('firstDay' in item ? { firstDay: dayText(item.firstDay) } : {}),
  };
}

const doubtJson = ({ action, resources, reason, kept, calls }: Doubt): object => ({
  action,
  resources,
  reason,
  kept,
  calls: callsJson(calls),
});

/** Calls of one name together. */
const callsJson = (calls: readonly SeenCall[]): object[] =>
  alike(
    calls,
    ({ eventSource, eventName }) => [eventSource, eventName],
    (call) => call,
    true,
  ).map(({ first: { eventSource, eventName }, seen }) => ({ eventSource, eventName, ...seen }));

const unmappedJson = (calls: readonly UnknownCall[]): object[] =>
  alike(
    calls,
    ({ eventSource, eventName, reason }) => [eventSource, eventName, reason],
    (call) => call,
    true,
  ).map(({ first: { eventSource, eventName, reason }, all, seen: { sampleEventID } }) => ({
    eventSource,
    eventName,
    uses: all.length,
    reason,
    sampleEventID,
  }));

/** Nothing, under each of some names. */
const without = <T>(names: string, nothing: T): Readonly<Record<string, T>> =>
  Object.fromEntries(names.split(' ').map((name) => [name, nothing]));

/** Its line of `generate --all --json`: the shape of a proposal without documents. */
export function unseenHolderJson(
  holder: UnseenHolder,
  { attention, actions, days, isCovered }: UnseenFacts,
): object {
  const { kind, policies } = holder;
  return {
    principal: principalJson(holder),
    window: null,
    form: 'policies',
    ...without('documents files', []),
    proof: without(
      'uses allowed denied grantedElsewhere contradicted undetermined unmapped noPermission callsAsDelivered',
      0,
    ),
    diff: diffObject(undefined, Object),
    ...without('plan folds overflow unobservable pins unmapped grantedElsewhere contradicted', []),
    risk: attention[0]?.risk ?? 'none',
    attention: attention.map(attentionJson),
    doubts: [],
    refusals: { named: 0, agree: 0, byOthers: [] },
    ...without('undetermined inconclusive', []),
    excluded: 0,
    notes: [
      `${isCovered ? `whole ${kind} unused: never seen in the log` : `not seen in ${counted(days, 'covered day')}, too few to say that the ${kind} is unused`}; holds ${policies.map((p) => p.name).join(', ')}`,
    ],
    metrics: {
      actionsBefore: actions,
      actionsAfter: actions,
      ...without('actionsUsed actionsHeld actionsUnseen bytes documents', 0),
    },
    data: { version: '' },
  };
}
