import { identities, type Identity } from '../../cloudtrail/identity.ts';
import type { Window } from '../../iam/days.ts';
import { InputError } from '../../iam/input-error.ts';
import { memo } from '../../iam/memo.ts';
import { groupBy } from '../../iam/order.ts';
import type { ChangeRow, FacetRow, IndexReader } from '../../store/reader.ts';
import { coveredDaysOf, gapsIn, knownDays, knownDaysOf, Deliveries } from './deliveries.ts';
import { observedAcross } from './merged-evidence.ts';
import type { Exclusion } from './exclusion.ts';
import type { KnownEntities } from '../../permissions/mapping.ts';
import { isRefused } from '../../permissions/outcome.ts';
import { lastPolicyChange, type HeldNames } from './policy-changes.ts';
import { knownEntities, type KnownToday } from './entities.ts';
import { misreadByTwo, type Misread } from './misread.ts';
import { observe } from './observe.ts';
import type { Observed } from './use.ts';

interface Known {
  readonly entities: KnownEntities;
  /** By account. */
  readonly misread: ReadonlyMap<string, Misread>;
}

/** A look at the index through a window, with the evidence of some principals on demand. */
export class Observation {
  readonly identities: readonly Identity[];
  /** Texts of the exclusions that left out anything of what was observed so far. */
  readonly excludedBy = new Set<string>();
  private readonly index: IndexReader;
  private readonly today: KnownToday | undefined;
  private changes: readonly ChangeRow[] | undefined;
  private readonly known = new Map<string, Known>();
  private readonly exclusions: readonly Exclusion[];
  /** Of the last window asked for. */
  private delivered: Deliveries | undefined;
  private readonly coverage: ReturnType<IndexReader['coverage']>;

  /** @param today what today's policies say of roles, where they are given */
  constructor(index: IndexReader, today: KnownToday | undefined, exclusions: readonly Exclusion[]) {
    this.index = index;
    this.today = today;
    this.exclusions = exclusions;
    this.coverage = index.coverage();
    this.identities = identities(index.principals());
  }

  /** First and last day known of a principal's accounts; of the whole index where nothing is known of them. */
  covered({ accounts }: Pick<Identity, 'accounts'>): Window {
    const known = this.coverage.some(({ account }) => accounts.includes(account));
    return knownDays(this.coverage, known ? accounts : undefined);
  }

  /** Days of the window on which nothing of the principal's accounts was delivered. */
  gaps({ accounts }: Pick<Identity, 'accounts'>, window: Window): readonly Window[] {
    return gapsIn(coveredDaysOf(this.coverage, accounts), window);
  }

  /** Whether the index holds anything of the principal's accounts in a window. */
  knows({ accounts }: Pick<Identity, 'accounts'>, { since, until }: Window): boolean {
    return knownDaysOf(this.coverage, accounts).some((day) => day >= since && day <= until);
  }

  /** Days of the window on which anything of an account was delivered. */
  daysCovered(account: string, { since, until }: Window): number {
    return coveredDaysOf(this.coverage, [account]).filter((day) => day >= since && day <= until).length;
  }

  /** What was delivered in a window. */
  deliveries(window: Window): Deliveries {
    const last = this.delivered?.window;
    if (!this.delivered || last?.since !== window.since || last.until !== window.until)
      this.delivered = new Deliveries(this.coverage, window, {
        organization: new Set(this.index.organizationAccounts()),
        changes: this.index.trailChanges(),
        areRegionsChosen: this.index.areRegionsChosen(),
        refusing: ({ since, until }) => this.refusing(since)(until),
      });
    return this.delivered;
  }

  /** By the first and the last day of a window. */
  private readonly refusing = memo((since: number) =>
    memo((until: number): ReadonlySet<string> => {
      const ends = groupBy(
        this.index.outcomes({ since, until }),
        ({ account, source }) => `${account} ${source}`,
      );
      const refused = [...ends].filter(([, all]) => all.every(({ errorCode }) => isRefused(errorCode)));
      return new Set(refused.map(([key]) => key));
    }),
  );

  /** The last day on which the index shows a change of what the principal holds. */
  changed(identity: Identity, today: HeldNames): number | undefined {
    this.changes ??= this.index.policyChanges();
    return lastPolicyChange(this.changes, identity, today);
  }

  /** How the principal's own calls arrived in the window. */
  facets({ ids }: Pick<Identity, 'ids'>, window: Window): readonly FacetRow[] {
    return this.index.facets(ids, window);
  }

  observed({ kind, account, name, arn, ids, accounts, parts }: Identity, window: Window): Observed {
    if (parts)
      return observedAcross(
        parts.map((part) => ({ account: part.account, of: this.observed(part, window) })),
      );
    if (window.since > window.until)
      throw new InputError('the window is empty; give an earlier --since or a later --until');
    const { entities, misread } = this.knownIn(window);
    return observe(
      this.index.facts(ids, { kind, account, name, arn, uniqueId: '' }, window),
      entities,
      this.exclusions,
      new Map(accounts.flatMap((one) => [...(misread.get(one) ?? [])])),
      this.excludedBy,
    );
  }

  /** A line for each of some exclusions that left out nothing of what was observed: a name may be spelled wrongly. */
  vainExclusions(asked: readonly string[]): readonly string[] {
    return asked
      .filter((text) => !this.excludedBy.has(text))
      .map((text) => `--exclude ${text}: leaves out nothing; no call in the window is one of these`);
  }

  /** What is known of roles and of calls that are read wrongly in a window; an index of only its days knows the same. */
  private knownIn(window: Window): Known {
    const key = `${window.since}..${window.until}`;
    const known = this.known.get(key);
    if (known) return known;
    const seen = this.identities.flatMap(({ arns }) => arns);
    const entities = knownEntities(seen, this.index.roleCalls(window), this.today);
    const found = { entities, misread: misreadByTwo(this.index.refusedCalls(window), entities) };
    this.known.set(key, found);
    return found;
  }
}
