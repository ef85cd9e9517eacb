/** Room `json`: `--json` of each command. */
import { dayText, type Window } from '../../iam/days.ts';
import type { DiffItem } from '../../iam/compare/diff.ts';
import { byCodeUnit, groupBy } from '../../iam/order.ts';
import { documentJson } from '../../iam/policy/policy-json.ts';
import type { Proposal } from '../../synth/proposal.ts';
import type { UnknownCall, Use } from '../../synth/usage/use.ts';
import { changeJson } from './changes.ts';
import { elsewhereReason } from '../review/granted-elsewhere.ts';
import { evidenceJson, joinEvidence } from '../review/evidence.ts';
import { pinJson } from '../review/pins.ts';

const gapText = ({ since, until }: Window): string =>
  since === until ? dayText(since) : `${dayText(since)}..${dayText(until)}`;

/** One line of `generate --json`; see docs/schema/generate.json. */
export function proposalJson(p: Proposal, dataVersion: string): object {
  const { kind, arn, account, name } = p.identity;
  const evidence = groupBy(
    p.verdicts.map(({ use }) => use),
    (use) => use.action.toLowerCase(),
  );
  const pinnedActions = new Set(p.pins.flatMap((pin) => pin.actions.map((action) => action.toLowerCase())));
  const items = (wanted: DiffItem['kind']): object[] =>
    (p.diff?.items ?? [])
      .filter((item) => item.kind === wanted)
      .map((item) => {
        const action = item.action.toLowerCase();
        return itemJson(item, evidence.get(action), pinnedActions.has(action));
      });
  return {
    principal: { kind, arn, account, name },
    window: {
      since: dayText(p.window.since),
      until: dayText(p.window.until),
      days: p.window.until - p.window.since + 1,
      gaps: p.gaps.map(gapText),
    },
    form: p.form,
    documents: p.documents.map(documentJson),
    proof: p.proof,
    diff: {
      broadened: p.diff?.broadened ?? false,
      removed: items('removed'),
      narrowed: items('narrowed'),
      kept: items('kept'),
      added: items('added'),
    },
    plan: p.plan,
    folds: p.folds,
    overflow: p.overflow,
    unobservable: p.unseen,
    pins: p.pins.map(pinJson),
    unmapped: unmappedJson(p.unmapped),
    grantedElsewhere: usesJson(
      p.verdicts.filter(({ verdict }) => verdict.kind === 'granted-elsewhere').map(({ use }) => use),
      (use) => elsewhereReason(use, p.identity.accounts),
    ),
    undetermined: p.verdicts.flatMap(({ use, verdict }) =>
      verdict.kind === 'undetermined'
        ? [{ action: use.action, resource: use.resource, keys: verdict.keys }]
        : [],
    ),
    inconclusive: p.inconclusive.map(({ use, kept }) => ({
      action: use.action,
      resource: use.resource,
      errorCode: use.errorCode,
      kept,
      sampleEventID: use.sample.eventID,
    })),
    excluded: p.excluded,
    notes: [...p.blocks, ...p.notes],
    metrics: {
      actionsBefore: p.actionsBefore,
      actionsAfter: p.actionsAfter,
      bytes: p.bytes,
      documents: p.documents.length,
    },
    data: { version: dataVersion },
  };
}

function itemJson(item: DiffItem, uses: readonly Use[] | undefined, isPinned: boolean): object {
  const joined = uses && joinEvidence(uses);
  return {
    ...changeJson(item, reasonOf(item, joined !== undefined, isPinned)),
    ...(joined ? { evidence: evidenceJson(joined) } : {}),
  };
}

function reasonOf({ kind }: DiffItem, used: boolean, isPinned: boolean): string {
  const unused = isPinned ? 'pinned' : 'could not have been seen';
  switch (kind) {
    case 'removed':
      return used ? 'used on other resources only' : 'unused';
    case 'kept':
      return used ? 'used' : unused;
    case 'narrowed':
      return used ? 'used on less' : unused;
    case 'added':
      return 'used';
  }
}

/** Uses joined by call and resource, with how many distinct ones there are. */
function usesJson(uses: readonly Use[], reason: (use: Use) => string): object[] {
  return [...groupBy(uses, (u) => JSON.stringify([u.eventSource, u.eventName, u.action, u.resource]))]
    .sort(([a], [b]) => byCodeUnit(a, b))
    .flatMap(([, group]) => {
      const [first] = group;
      const joined = joinEvidence(group);
      if (!first || !joined) return [];
      const { eventSource, eventName, action, resource } = first;
      return [
        {
          eventSource,
          eventName,
          action,
          resource,
          uses: group.length,
          reason: reason(first),
          sampleEventID: joined.sample.eventID,
        },
      ];
    });
}

function unmappedJson(calls: readonly UnknownCall[]): object[] {
  return [...groupBy(calls, (c) => JSON.stringify([c.eventSource, c.eventName, c.reason]))]
    .sort(([a], [b]) => byCodeUnit(a, b))
    .flatMap(([, group]) => {
      const [first] = group;
      const joined = joinEvidence(group);
      if (!first || !joined) return [];
      const { eventSource, eventName, reason } = first;
      return [{ eventSource, eventName, uses: group.length, reason, sampleEventID: joined.sample.eventID }];
    });
}
