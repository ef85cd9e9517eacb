import type { Identity } from '../cloudtrail/identity.ts';
import type { Current } from '../current/current.ts';
import { printable } from '../iam/printable.ts';
import type { Window } from '../iam/days.ts';
import { InputError } from '../iam/input-error.ts';
import { sortedUnique } from '../iam/order.ts';
import type { MissingAccount } from '../synth/block.ts';
import type { Observation } from '../synth/observation.ts';
import type { Proposal, Today } from '../synth/generate.ts';
import type { Observed } from '../synth/use.ts';
import type { TrailConfig } from '../permissions/selectors.ts';
import { isMeant } from './choice.ts';
import { defaultIndex, standardStream, type ExitCode, type Terminal } from './command.ts';
import type { Settings } from './settings.ts';
import { todayOf } from './today.ts';

/** One run of `generate`: proposes for each principal, shows it, writes it, and remembers the exit code. */
export class GenerateRun {
  private readonly settings: Settings;
  private readonly terminal: Terminal;
  private readonly observation: Observation;
  private readonly current: Current | undefined;
  private readonly trails: TrailConfig | undefined;
  private readonly codes = new Set<ExitCode>();

  constructor(
    settings: Settings,
    terminal: Terminal,
    observation: Observation,
    current: Current | undefined,
    trails: TrailConfig | undefined,
  ) {
    this.settings = settings;
    this.terminal = terminal;
    this.observation = observation;
    this.current = current;
    this.trails = trails;
  }

  async all(chosen: readonly Identity[]): Promise<ExitCode> {
    for (const { principal, action } of this.settings.pins) {
      if (!this.observation.identities.some((identity) => isMeant(identity, principal)))
        this.warn(`pin of ${action} for ${principal}: no such principal in the index; it adds nothing`);
    }
    for (const identity of chosen) await this.one(identity, chosen.length === 1);
    if (this.settings.all) await this.neverSeen(chosen);
    return ([70, 2, 1, 3] as const).find((code) => this.codes.has(code)) ?? 0;
  }

  private async one(identity: Identity, alone: boolean): Promise<void> {
    const { windowOf } = await import('./window.ts');
    const { propose } = await import('../synth/generate.ts');
    const window = windowOf(this.settings, this.observation.covered(identity));
    const held = this.today(identity, alone);
    if (held === 'faulty') {
      this.codes.add(3);
      return;
    }
    const observed = await this.observed(identity, window);
    const seen =
      observed.uses.length +
      observed.unmapped.length +
      observed.noPermission +
      observed.denied.length +
      observed.inconclusive.length;
    if (seen === 0 && !this.settings.all) {
      throw new InputError(
        `${identity.kind} ${identity.name}: no events in the window; widen --since and --until (iam-minimize principals shows the days)`,
      );
    }
    const proposal = propose({
      identity,
      observed,
      today: held,
      strategy: this.settings.strategy,
      unobservable: this.settings.unobservable,
      trails: this.trails,
      regions: this.observation.regions(identity, window),
      window,
      gaps: this.observation.gaps(identity, window),
      minWindow: this.settings.minWindow,
      minAge: this.settings.minAge,
      missing: this.missing(identity, window),
      pins: this.settings.pins.filter((pin) => isMeant(identity, pin.principal)),
    });
    await this.show(proposal);
  }

  private async observed(identity: Identity, window: Window): Promise<Observed> {
    const observed = this.observation.observed(identity, window);
    const { conditions } = this.settings;
    if (conditions === undefined) return observed;
    const { narrowed, parseNarrowings } = await import('../synth/narrow.ts');
    return narrowed(observed, parseNarrowings(conditions), this.observation.facets(identity, window));
  }

  /** Accounts a permission set is in use in that the window does not cover for long enough; its evidence is all of them. */
  private missing({ kind, name, accounts }: Identity, window: Window): readonly MissingAccount[] {
    if (kind !== 'permission-set' || !this.current) return [];
    const assigned = this.current.holders
      .filter((holder) => holder.kind === kind && holder.name === name)
      .map(({ account }) => account)
      .filter(Boolean);
    const all = sortedUnique([...accounts, ...assigned]);
    // Of a single account the covered days of the window speak already.
    if (all.length === 1 && accounts.length === 1) return [];
    return all
      .map((account) => ({ account, days: this.observation.daysCovered(account, window) }))
      .filter(({ days }) => days < this.settings.minWindow);
  }

  /** Today's policies of one principal; undefined without `--current`; `faulty` when they cannot all be read. */
  private today(identity: Identity, alone: boolean): Today | undefined | 'faulty' {
    if (!this.current) return undefined;
    const { kind, name } = identity;
    const today = todayOf(this.current, identity, alone);
    for (const fault of today.faults)
      this.warn(`${kind} ${name}: left out, its current policies cannot be read: ${fault}`);
    if (today.faults.length > 0) return 'faulty';
    if (!today.isKnown)
      this.warn(
        `${kind} ${name}: holds nothing in ${String(this.settings.current)}; all it used counts as granted elsewhere`,
      );
    return today;
  }

  private async show(proposal: Proposal): Promise<void> {
    const { settings, terminal } = this;
    if (proposal.proof.denied > 0 || proposal.overflow.length > 0) this.codes.add(1);
    if (settings.out === standardStream) {
      const { toJson } = await import('../iam/policy-json.ts');
      terminal.out.write(proposal.documents.map(toJson).join(''));
      return;
    }
    if (settings.json) {
      const { proposalJson } = await import('../emit/proposal-json.ts');
      const { dataVersion } = await import('../permissions/operation.ts');
      terminal.out.write(`${JSON.stringify(proposalJson(proposal, dataVersion()))}\n`);
    } else {
      const { proposalText } = await import('../emit/proposal-text.ts');
      const { terminalLines: most } = await import('../emit/change-text.ts');
      terminal.out.write(proposalText(proposal, { color: terminal.color, diff: settings.diff, most }));
    }
    await this.write(proposal);
  }

  private async write(proposal: Proposal): Promise<void> {
    const { settings, terminal } = this;
    const { outputTree } = await import('../emit/tree.ts');
    const { drift, writeTree } = await import('./tree.ts');
    if (settings.out === undefined) {
      const changes = proposal.diff?.items.some((item) => item.kind !== 'kept') ?? false;
      if (settings.check && changes) this.codes.add(1);
      if (settings.json) return;
      if (settings.check) terminal.out.write(changes ? 'differs from --current\n' : 'same as --current\n');
      terminal.out.write(this.hint(proposal));
      return;
    }
    const tree = outputTree(proposal);
    const { changed, stale } = settings.check ? drift(settings.out, tree) : writeTree(settings.out, tree);
    if (settings.check && (changed.length > 0 || stale.length > 0)) this.codes.add(1);
    if (settings.json) return;
    const { grouped } = await import('../emit/text.ts');
    const { policySize } = await import('../iam/quota.ts');
    const { quotaOf } = await import('../synth/synthesize.ts');
    const quota = quotaOf(proposal.identity.kind);
    for (const [i, file] of tree.policies.entries()) {
      const state = settings.check
        ? changed.includes(file)
          ? 'differs'
          : 'same  '
        : changed.includes(file)
          ? 'wrote '
          : 'same  ';
      const document = proposal.documents[i];
      const size = document ? `   ${grouped(policySize(document))} of ${grouped(quota)} characters` : '';
      terminal.out.write(`${state} ${printable([settings.out, ...file.path].join('/'))}${size}\n`);
    }
    for (const file of stale)
      terminal.out.write(`${settings.check ? 'surplus' : 'removed'} ${printable(file)}\n`);
    terminal.out.write(this.hint(proposal));
  }

  private hint({ verdicts, identity }: Proposal): string {
    const [first] = verdicts;
    const db = this.settings.db === defaultIndex ? '' : ` --db ${this.settings.db}`;
    return first
      ? printable(`why?   iam-minimize why ${first.use.action} --principal ${identity.name}${db}`) + '\n\n'
      : '\n';
  }

  /** Principals that hold policies and never appear in the log. */
  private async neverSeen(seen: readonly Identity[]): Promise<void> {
    if (!this.current) return;
    const { unseenHolderJson, unseenHolderText } = await import('../emit/unseen-holder.ts');
    const known = new Set(
      seen.flatMap(({ kind, name, accounts }) => accounts.map((account) => `${kind} ${account} ${name}`)),
    );
    for (const holder of this.current.holders) {
      if (known.has(`${holder.kind} ${holder.account} ${holder.name}`)) continue;
      this.terminal.out.write(
        this.settings.json ? `${JSON.stringify(unseenHolderJson(holder))}\n` : unseenHolderText(holder),
      );
    }
  }

  private warn(text: string): void {
    this.terminal.err.write(`${printable(text)}\n`);
  }
}
