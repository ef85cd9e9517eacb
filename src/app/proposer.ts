/** Layer `app`: what the tool does, without flags and terminals. */
import type { AwsAccess } from '../aws/access.ts';
import { acrossAccounts, type Identity } from '../cloudtrail/identity.ts';
import type { Current } from '../current/current.ts';
import type { Holder } from '../current/holder.ts';
import type { UnseenFacts } from '../emit/review/unused-principal.ts';
import type { Window } from '../iam/days.ts';
import { isAdministrator } from '../iam/decide/escalation.ts';
import { sortedUnique } from '../iam/order.ts';
import { printable } from '../iam/printable.ts';
import { InputError } from '../iam/input-error.ts';
import type { TrailConfig } from '../permissions/selectors.ts';
import type { IndexReader } from '../store/reader.ts';
import { todayAcross } from '../synth/held/merged-policies.ts';
import { slides, trials, type Method, type Slide, type Trial } from '../synth/backtest.ts';
import { blocksOf, type Coverage, type MissingAccount } from '../synth/keep/blocks.ts';
import { lateLines } from '../emit/text/index-info.ts';
import { parseExclusion } from '../synth/usage/exclusion.ts';
import { unusedAttention } from '../synth/attention.ts';
import { allowedActions, propose } from '../synth/generate.ts';
import type { Proposal } from '../synth/proposal.ts';
import { narrowed, parseNarrowings, withSourceAddresses } from '../synth/usage/narrowing.ts';
import { Observation } from '../synth/usage/observation.ts';
import { pinsOf, type History, type Restored } from '../synth/renewal/regression.ts';
import { isSilent, type Observed } from '../synth/usage/use.ts';
import { isMeant, namesOf, unknownName } from './settings/chosen-principals.ts';
import type { ProposalSettings } from './settings/settings.ts';
import {
  lastAccessedReader,
  readToday,
  readTrailConfig,
  todayOf,
  type FoundToday,
  type LastAccessedReader,
} from './current-policies.ts';
import { windowOf } from './settings/window.ts';

/** What is proposed for one principal, with what it was made of. */
export interface Proposed {
  readonly proposal: Proposal;
  readonly observed: Observed;
  /** Undefined without `--current`. */
  readonly today: FoundToday | undefined;
}

/** Why nothing is proposed for a principal: its current policies cannot all be read, or do not name it. */
export type NoProposal = 'unreadable' | Exclude<FoundToday['standing'], 'named'>;

/** What proposals are made from besides the index. */
interface Given {
  readonly settings: ProposalSettings;
  /** Undefined without `--current`. */
  readonly current: Current | undefined;
  readonly trails: TrailConfig | undefined;
  readonly lastAccessed: LastAccessedReader;
  readonly warn: (line: string) => void;
}

/** Proposes for one principal after another, from an index, settings, today's policies and what the trails log. */
export class Proposer {
  readonly observation: Observation;
  private readonly given: Given;

  private constructor(observation: Observation, given: Given) {
    this.observation = observation;
    this.given = given;
  }

  /** Today's policies; undefined without `--current`. */
  get current(): Current | undefined {
    return this.given.current;
  }

  /** Reads what the settings name. @param warn told of what counts for nothing, a line each, names as they are */
  static async open(
    index: IndexReader,
    settings: ProposalSettings,
    access: AwsAccess,
    warn: (line: string) => void,
  ): Promise<Proposer> {
    const current = await readToday(settings.current, access);
    const trails = await readTrailConfig(settings.trailConfig, access, warn);
    for (const line of [...lateLines(index.lateDays()), index.notKept()]) if (line !== undefined) warn(line);
    const observation = new Observation(index, current, settings.exclude.map(parseExclusion));
    for (const { principal, action } of settings.pins) {
      if (!observation.identities.some((identity) => isMeant(identity, principal)))
        warn(`pin of ${action} for ${principal}: no such principal in the index; it adds nothing`);
    }
    const lastAccessed = lastAccessedReader(settings.lastAccessed, access);
    return new Proposer(observation, { settings, current, trails, lastAccessed, warn });
  }

  /**
   * The proposal for one principal, or why there is none, with a warning.
   * @param alone whether only this principal is asked about: then policies that name nobody are its own
   * @param history what earlier proposals left of it, with what they gave back
   */
  async propose(
    identity: Identity,
    alone: boolean,
    history?: History & { readonly restored: readonly Restored[] },
  ): Promise<Proposed | NoProposal> {
    const { observation } = this;
    const { settings, trails } = this.given;
    const coverage = this.coverage(identity);
    const { window } = coverage;
    const today = this.current && this.today(this.current, identity, alone, history === undefined);
    if (today && today.faults.length > 0) return today.standing === 'named' ? 'unreadable' : today.standing;
    const observed = this.observed(identity, window);
    const changed = today && observation.changed(identity, today);
    const lastAccessed = today && (await this.given.lastAccessed(identity, today.arn ?? identity.arn));
    const proposal = propose({
      identity,
      observed,
      today: today && {
        ...today,
        ...(changed === undefined ? {} : { changed }),
        // Who may have assumed it until then is not known.
        trust: changed === undefined || changed < window.since ? today.trust : undefined,
        lastAccessed,
      },
      strategy: settings.strategy,
      unobservable: settings.unobservable,
      trails,
      deliveries: observation.deliveries(window),
      ...coverage,
      minAge: settings.minAge,
      newDays: settings.newDays,
      missing: this.missing(identity, window),
      form: settings.form,
      pins: [
        ...settings.pins.filter((pin) => isMeant(identity, pin.principal)),
        ...pinsOf(history?.restored ?? [], window),
      ],
      ...(history ? { history } : {}),
    });
    return { proposal, observed, today };
  }

  /** Tries strategies on the days behind a proposal; none where they are too few. */
  trials(
    { proposal, observed, today }: Proposed,
    slide: Slide,
    methods?: readonly Method[],
  ): readonly Trial[] {
    const { identity, window } = proposal;
    const { settings, trails } = this.given;
    const deliveries = this.observation.deliveries(window);
    const input = { identity, today, unobservable: settings.unobservable, trails, deliveries };
    return slides(window, slide).flatMap((pair) => trials(input, observed, pair, methods));
  }

  /** The roles of a name in all accounts as one, those that only today's policies show among them. @throws InputError below two accounts */
  across(name: string): Identity {
    const seen = this.observation.identities.filter((one) => one.kind === 'role' && one.name === name);
    if (seen.length === 0) throw unknownName('--merge-accounts', name, this.observation.identities);
    const unseen = this.holdersBeside(seen)
      .filter((holder) => holder.kind === 'role' && holder.name === name && holder.account !== '')
      .map(({ account, arn }): Identity => ({
        kind: 'role',
        name,
        arn,
        account,
        accounts: [account],
        uniqueIds: [],
        arns: arn === '' ? [] : [arn],
        ids: [],
      }));
    const all = acrossAccounts(name, [...seen, ...unseen]);
    if (all.accounts.length < 2)
      throw new InputError(
        `--merge-accounts ${printable(name)}: a role of one account only (${all.accounts.join('')}); give --principal ${printable(name)}`,
      );
    return all;
  }

  /** The window of some accounts, and how much of it is covered. */
  coverage(of: Pick<Identity, 'accounts'>): Coverage {
    const window = windowOf(this.given.settings, this.observation.covered(of));
    return {
      window,
      gaps: this.observation.gaps(of, window),
      covered: this.observation.deliveries(window).mostDays(of.accounts),
      minWindow: this.given.settings.minWindow,
    };
  }

  /** What is known of one that is in no log. */
  factsOf({ account, policies, boundary }: Holder): UnseenFacts {
    const documents = policies.map(({ document }) => document);
    const coverage = this.coverage({ accounts: [account] });
    return {
      days: coverage.covered,
      isCovered: blocksOf(coverage).length === 0,
      isAdministrator: isAdministrator(documents, boundary?.document),
      attention: unusedAttention(documents, boundary?.document),
      actions: allowedActions(documents).size,
    };
  }

  /** Those who hold policies and are none of these. */
  holdersBeside(seen: readonly Identity[]): readonly Holder[] {
    const known = new Set(
      seen.flatMap(({ kind, name, accounts }) => accounts.map((account) => `${kind} ${account} ${name}`)),
    );
    return (this.current?.holders ?? []).filter(
      ({ kind, account, name }) => !known.has(`${kind} ${account} ${name}`),
    );
  }

  /** Those of whom today's policies say nothing, not even that they were deleted. @throws InputError when that is all of them */
  strangers(chosen: readonly Identity[]): readonly Identity[] {
    const { current } = this;
    if (!current) return [];
    const found = chosen.filter(
      (identity) =>
        !identity.parts && todayOf(current, identity, chosen.length === 1).standing === 'not-known',
    );
    if (found.length > 0 && found.length === chosen.length)
      throw new InputError(
        `not known to --current ${String(this.given.settings.current)}: ${namesOf(found)}`,
      );
    return found;
  }

  /** Whether the log of its window shows nothing of a principal. */
  isSilent(identity: Identity): boolean {
    return isSilent(this.observed(identity, this.coverage(identity).window));
  }

  private observed(identity: Identity, window: Window): Observed {
    const facets = this.observation.facets(identity, window);
    const observed = withSourceAddresses(this.observation.observed(identity, window), facets);
    const { conditions } = this.given.settings;
    return conditions === undefined ? observed : narrowed(observed, parseNarrowings(conditions), facets);
  }

  /** Accounts a permission set, or one role of several accounts, is in use in that the window does not cover for long enough; its evidence is all of them. */
  private missing({ kind, name, accounts, parts }: Identity, window: Window): readonly MissingAccount[] {
    if ((kind !== 'permission-set' && !parts) || !this.current) return [];
    const assigned = this.current.holders
      .filter((holder) => holder.kind === kind && holder.name === name)
      .map(({ account }) => account)
      .filter(Boolean);
    const all = sortedUnique([...accounts, ...assigned]);
    // Of a single account the covered days of the window speak already.
    if (all.length === 1 && accounts.length === 1) return [];
    return all
      .map((account) => ({ account, days: this.observation.daysCovered(account, window) }))
      .filter(({ days }) => days < this.given.settings.minWindow);
  }

  /** @param tell whether to warn of a principal that today's policies do not name */
  private today(current: Current, identity: Identity, alone: boolean, tell: boolean): FoundToday {
    const { kind, name } = identity;
    const today = identity.parts
      ? this.todayOfAll(current, identity.parts, alone)
      : todayOf(current, identity, alone);
    const why = today.standing === 'named' ? 'left out, its current policies cannot be read: ' : '';
    if (tell || why !== '')
      for (const fault of today.faults) this.given.warn(`${kind} ${name}: ${why}${fault}`);
    return today;
  }

  /** One policy for all accounts can only be said not to be wider than today where today's policies of each are known. */
  private todayOfAll(current: Current, parts: readonly Identity[], alone: boolean): FoundToday {
    const found = parts.map((part) => ({ account: part.account, of: todayOf(current, part, alone) }));
    const unknown = found.filter(({ of }) => of.standing !== 'named').map(({ account }) => account);
    const faults = found.flatMap(({ of }) => (of.standing === 'named' ? of.faults : []));
    if (unknown.length > 0)
      faults.push(
        `${String(this.given.settings.current)} does not show what it holds in ${unknown.join(', ')}; give the policies of every account it is in`,
      );
    return { ...todayAcross(found), faults, standing: 'named' };
  }
}
