import { dayText } from '../../iam/days.ts';
import type { Proposal } from '../../synth/proposal.ts';
import type { Attention } from '../../synth/attention.ts';
import { doubtRow } from './kept.ts';
import { seenOf, type Row } from './section.ts';
import { andMore, counted, grouped, someOf } from './words.ts';

/** The risks of principals, the highest first; `unknown` where today's policies are not known. */
export const risks = ['high', 'unknown', 'medium', 'low', 'none'] as const;
export type RowRisk = (typeof risks)[number];

/** For sorting: the riskier first. */
export const byRisk = (a: { readonly risk: RowRisk }, b: { readonly risk: RowRisk }): number =>
  risks.indexOf(a.risk) - risks.indexOf(b.risk);

/** How many ways to more rights stay. */
export const waysLeft = (attention: readonly Attention[]): number =>
  attention.filter(({ kind }) => kind === 'escalation').length;

/** What a reviewer must see first, a row each, most dangerous first. */
export const attentionRows = (p: Pick<Proposal, 'attention' | 'identity'>): readonly Row[] =>
  p.attention.map((item) => rowOf(item, p.identity.kind));

const say = (mark: Row['mark'], what: string): Row => ({ mark, what });

function rowOf(item: Attention, who: string): Row {
  switch (item.kind) {
    case 'denied':
      return say('!', `${counted(item.uses, 'use')} seen in the log would be DENIED`);
    case 'broadened':
      return say(
        '!',
        item.isKnown ? 'it allows more than today' : 'whether it allows more than today cannot be told',
      );
    case 'does-not-fit':
      return say('!', `does not fit: ${item.line}`);
    case 'contradictions':
      return say(
        '!',
        `${Math.round((100 * item.uses) / item.of)}% of what it did is not in today's policies: is this all it holds?`,
      );
    case 'escalation':
      return item.action === '*'
        ? say('=', 'it stays an administrator: it may do everything')
        : { ...onRow(item, '='), why: escalationText(item) };
    case 'unused-administrator':
      return say('-', 'it is an administrator today, and never used that to say who may do what');
    case 'never-seen':
      return say('-', `no event of this ${who} is in the window: is it still in use?`);
    case 'kept-roles':
      return doubtRow(item.doubt);
    case 'contradicted':
      return {
        ...onRow(item, '!'),
        why: "went through, and is not in today's policies: are these all that it holds?",
      };
    case 'new':
      return { ...onRow(item, '?'), why: `new: first used ${dayText(item.firstDay)}; is it meant?` };
    case 'inconclusive':
      return { ...onRow(item, '?'), why: `${item.errorCode}, ${item.kept ? 'kept' : 'not granted'}` };
    case 'first-run':
      return say(
        '=',
        item.would
          ? `nothing is removed yet; with --min-window ${item.would.minWindow}d ${grouped(item.would.used)} used and ${grouped(item.would.unseen)} kept unseen would stay`
          : 'nothing is removed yet',
      );
  }
}

function escalationText(item: Attention & { readonly kind: 'escalation' }): string {
  const beside = item.beside.filter((list) => list.length > 0).map((list) => list.join(' and '));
  return [
    item.receivers.length > 0 ? `to ${item.receivers.join(', ')}; ` : '',
    beside.length > 0 ? `escalation with ${beside.slice(0, 2).join(', or with ')}` : 'escalation',
    andMore(beside.length - 2, 'way'),
    item.effect === '' ? '' : `: ${item.effect}`,
    item.calls.length === 0 ? '; not seen in use' : '',
  ].join('');
}

/** What is said of an action. */
const onRow = (
  { action, resources, calls }: Pick<Attention & { readonly kind: 'new' }, 'action' | 'resources' | 'calls'>,
  mark: Row['mark'],
): Row => ({ mark, what: action, where: someOf(resources, 3), seen: seenOf(calls) });
