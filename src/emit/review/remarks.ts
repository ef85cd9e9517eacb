import type { DiffItem } from '../../iam/compare/diff.ts';
import { StatementIndex, type CompiledStatement } from '../../iam/decide/compiled.ts';
import { dayText } from '../../iam/days.ts';
import { memo } from '../../iam/memo.ts';
import { groupBy, sortedUnique } from '../../iam/order.ts';
import { PatternIndex } from '../../iam/pattern/pattern-index.ts';
import { resourcePattern } from '../../iam/pattern/pattern.ts';
import { isPassedWithin } from '../../iam/policy/policy.ts';
import type { Doubt } from '../../synth/keep/doubts.ts';
import type { Proposal } from '../../synth/proposal.ts';
import type { Fold } from '../../synth/shape/fold.ts';
import type { Evidence } from '../../synth/usage/gathering.ts';
import type { Use } from '../../synth/usage/use.ts';
import { doubtText } from './kept.ts';
import { grouped, someOf } from './words.ts';

/** Why a change is as it is: uses, calls that may have needed it, pins. */
interface Because {
  readonly calls: readonly Evidence[];
  readonly why: readonly string[];
}

const nothing: Because = { calls: [], why: [] };

type Changed = Pick<DiffItem, 'action' | 'resource' | 'to' | 'isDeny' | 'condition'>;

/** What is known of the changes of a proposal. */
export class Reasons {
  private readonly p: Proposal;
  /** By action in lower case. */
  private readonly uses: ReadonlyMap<string, readonly Use[]>;
  private readonly folds: ReadonlyMap<string, Fold>;

  constructor(p: Proposal) {
    this.p = p;
    this.uses = groupBy(p.verdicts.uses, (use) => use.action.toLowerCase());
    this.folds = new Map(p.folds.map((fold) => [foldKey(fold.action, fold.resource), fold]));
  }

  /** Whether an action was used at all. */
  isUsed(action: string): boolean {
    return this.uses.has(action.toLowerCase());
  }

  /** The changes worth a line: all but those of what is kept by silence alone, and of what others say already. */
  reviewed(): readonly DiffItem[] {
    const items = this.p.diff?.items ?? [];
    const index = new StatementIndex(this.p.documents);
    const unseen = new Set(
      this.p.unseen.filter(({ kept }) => kept).map(({ action }) => action.toLowerCase()),
    );
    const isSilent = ({ action, kind, isDeny, to, resource, condition = [] }: DiffItem): boolean => {
      if (kind === 'removed' || isDeny) return false;
      const shown = to ?? resource;
      const written = JSON.stringify(condition);
      const { allow } = index.candidates(action);
      const same = allow.some(isUnseen)
        ? allow.filter(
            ({ source: { resources, conditions } }) =>
              resources.patterns.includes(shown) && JSON.stringify(conditions) === written,
          )
        : [];
      return (
        (same.length > 0 && same.every(isUnseen)) ||
        (unseen.has(action.toLowerCase()) &&
          this.usesOf({ action, resource: shown, condition }).length === 0 &&
          this.held(action) === nothing)
      );
    };
    const kept = new Set(
      items.filter(({ kind, condition }) => kind === 'kept' && !condition).map((item) => itemKey(item)),
    );
    return items.filter(
      (item) => !(item.kind === 'kept' && item.condition && kept.has(itemKey(item))) && !isSilent(item),
    );
  }

  /** The uses that a change may be about; all of its action where its resource is no single pattern (`NotResource`). */
  usesOf({ action, to, resource, isDeny, condition = [] }: Changed): readonly Use[] {
    const all = this.uses.get(action.toLowerCase()) ?? [];
    const shown = isDeny ? resource : (to ?? resource);
    if (all.length === 0 || shown.startsWith('!')) return all;
    return [...this.places(action.toLowerCase()).meeting(resourcePattern(shown, true))]
      .map(({ value }) => value)
      .filter((use) => isPassedWithin(use, condition));
  }

  /** What speaks for a change: calls, else what they may have needed, else a person. */
  because(change: readonly DiffItem[]): Because {
    const [item] = change;
    if (!item || item.kind === 'removed' || item.isDeny) return nothing;
    const uses = change.flatMap((one) => this.usesOf(one));
    if (uses.length > 0 && !change.every((one) => this.isDoubtful(one))) return { calls: uses, why: [] };
    const { why } = this.held(item.action);
    return { calls: change.flatMap(({ action }) => this.held(action).calls), why };
  }

  /** Whether a change reaches beyond what was used, and a doubt is why. */
  private isDoubtful(item: DiffItem): boolean {
    const shown = item.to ?? item.resource;
    return (
      !this.folds.has(foldKey(item.action, shown)) &&
      !this.usesOf(item).some((use) => use.resource === shown) &&
      this.doubtOf(item.action)?.resources.includes(shown) === true
    );
  }

  /** Why a change is made that no use speaks for; empty where one does. */
  whyHeld(item: DiffItem): readonly string[] {
    return this.because([item]).why;
  }

  /** Why a resource is as wide as it is; of counts that differ, the largest. */
  remarksOn(change: readonly DiffItem[]): readonly string[] {
    const found = change.flatMap(
      (item) => this.folds.get(foldKey(item.action, item.to ?? item.resource)) ?? [],
    );
    const remarks = [...groupBy(found, ({ rule }) => rule)].map(([rule, folds]) => {
      const most = Math.max(...folds.map(({ seen }) => seen));
      return foldTexts[rule](grouped(most), most === 1);
    });
    if (remarks.length > 0) return remarks;
    const roles = change.flatMap((item) => (isAnyRole(item) ? this.usesOf(item) : []));
    if (roles.length > 0)
      return [
        `seen with ${someOf(sortedUnique(roles.map(({ resource }) => resource.replace(/^.*:role/, 'role'))), 3)}`,
      ];
    const isDaily = change.some((item) =>
      isDailyFold(item.to ?? item.resource, this.uses.get(item.action.toLowerCase())),
    );
    return isDaily ? ['more than 100 names in a day'] : [];
  }

  private doubtOf(action: string): Doubt | undefined {
    return this.p.doubts.find((one) => one.kept && one.action.toLowerCase() === action.toLowerCase());
  }

  /** Why evidence or a person holds an action that was not seen in use. */
  private readonly held = memo((action: string): Because => {
    const is = (one: { readonly action: string }): boolean =>
      one.action.toLowerCase() === action.toLowerCase();
    const { pins, inconclusive, regressions } = this.p;
    const doubt = this.doubtOf(action);
    if (doubt) return { calls: doubt.calls, why: [doubtText(doubt)] };
    const failed = inconclusive.filter(({ use, kept }) => kept && is(use)).map(({ use }) => use);
    if (failed[0]) return { calls: failed, why: [failed[0].kind.errorCode] };
    const pin = pins.find(({ actions }) => actions.some((name) => is({ action: name })));
    if (pin) return { calls: [], why: [`pinned by ${pin.owner} until ${dayText(pin.expires)}`] };
    const back = regressions.find((one) => one.restored && is(one));
    return back ? { calls: back.uses, why: ['given back'] } : nothing;
  });

  private readonly places = memo(
    (action: string) =>
      new PatternIndex(
        (this.uses.get(action) ?? []).map((use) => ({
          pattern: resourcePattern(use.resource, true),
          value: use,
        })),
      ),
  );
}

const isAnyRole = ({ action, to, resource, isDeny }: DiffItem): boolean =>
  action === 'iam:PassRole' && !isDeny && (to ?? resource) === '*';

const itemKey = ({ action, resource }: DiffItem): string => `${action} ${resource}`;

const foldKey = (action: string, resource: string): string => `${action.toLowerCase()} ${resource}`;

/** Why a resource reaches beyond the names seen. */
const foldTexts: Readonly<Record<Fold['rule'], (seen: string, isOne: boolean) => string>> = {
  transient: (n, isOne) => (isOne ? '1 seen, its id comes and goes' : `${n} seen, their ids come and go`),
  'machine-made': (n) => `${n} seen, with dates, ids or counters in their names`,
  'many-ids': (n) => `${n} ids seen`,
  created: (n, isOne) => (isOne ? '1 seen, which it made itself' : `${n} seen, and it makes them itself`),
  siblings: (n) => `${n} names seen in one folder`,
  prefix: (n) => `${n} names seen that begin alike`,
  type: (n) => `${n} seen; all of its type in the account and Region, or the policies do not fit`,
  regions: (n) => `seen in ${n} Regions or accounts`,
};

/** Whether a resource is what many names of one day were folded to: objects of a bucket, streams of a log group. */
const isDailyFold = (resource: string, uses: readonly Use[] | undefined): boolean =>
  /^arn:[^:]*:(s3:::[^/]+\/|logs:.*:log-stream:).*\*$/.test(resource) &&
  uses?.some((use) => use.resource === resource) === true;

/** A statement that keeps what nobody was seen using. */
const isUnseen = ({ ref }: CompiledStatement): boolean => ref.sid?.startsWith('Unseen') === true;
