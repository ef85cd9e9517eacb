import type { Identity } from '../cloudtrail/identity.ts';
import type { Current } from '../current/current.ts';
import { printable } from '../iam/printable.ts';
import type { Window } from '../iam/days.ts';
import { InputError } from '../iam/input-error.ts';
import type { Observation } from '../synth/observation.ts';
import type { Proposal, Today } from '../synth/generate.ts';
import type { Observed } from '../synth/use.ts';
import type { TrailConfig } from '../permissions/selectors.ts';
import type { ArgumentsCamelCase } from 'yargs';
import { accessOf } from './access.ts';
import {
  defaultIndex,
  standardStream,
  type Command,
  type ExitCode,
  type GlobalFlags,
  type Terminal,
} from './command.ts';
import { readTrailConfig } from './input.ts';
import { daysOf } from './window.ts';
import { todayOf } from './today.ts';

interface GenerateFlags {
  readonly principal: string[] | undefined;
  readonly all: boolean;
  readonly current: string | undefined;
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly 'as-of': string | undefined;
  readonly strategy: 'exact' | 'balanced';
  readonly unobservable: 'keep' | 'drop';
  readonly 'min-window': string;
  readonly 'trail-config': string | undefined;
  readonly exclude: string[] | undefined;
  readonly conditions: string | undefined;
  readonly diff: 'text' | 'none';
  readonly out: string | undefined;
  readonly check: boolean;
}

type Args = ArgumentsCamelCase<GlobalFlags & GenerateFlags>;

export const generate: Command<GenerateFlags> = {
  command: 'generate',
  describe: 'The smallest policies that still allow what was used, as a diff against today',
  group: 'Start',
  flags: (yargs) =>
    yargs
      .option('principal', { type: 'string', array: true, describe: 'ARN, bare name or glob; repeatable' })
      .option('all', { type: 'boolean', default: false, describe: 'Every role, user and permission set' })
      .option('current', {
        type: 'string',
        describe:
          "Today's policies: a policy, a folder of policies, get-account-authorization-details JSON, or aws",
      })
      .option('since', {
        type: 'string',
        describe: 'First day (YYYY-MM-DD), or days back from the last covered day (90d)',
      })
      .option('until', { type: 'string', describe: 'Last day' })
      .option('as-of', { type: 'string', describe: 'Count relative windows back from this day' })
      .option('strategy', {
        choices: ['exact', 'balanced'] as const,
        default: 'balanced' as const,
        describe:
          'exact: only names that were seen; balanced: machine-made names and crowds of names become patterns',
      })
      .option('unobservable', {
        choices: ['keep', 'drop'] as const,
        default: 'keep' as const,
        describe: 'What to do with permissions the log could not have shown',
      })
      .option('min-window', {
        type: 'string',
        default: '30d',
        describe: 'Covered days from which on permissions held today may be removed',
      })
      .option('trail-config', {
        type: 'string',
        describe: 'What the trail logs: JSON of get-event-selectors, or aws',
      })
      .option('exclude', {
        type: 'string',
        array: true,
        describe: 'Leave out evidence: session=, source-identity=, event=, day=; repeatable',
      })
      .option('conditions', {
        type: 'string',
        describe: 'Also narrow by what all calls had in common: region,vpce,source-ip,mfa',
      })
      .option('diff', {
        choices: ['text', 'none'] as const,
        default: 'text' as const,
        describe: 'How changes are shown',
      })
      .option('out', {
        type: 'string',
        describe: 'Folder to write the policies to; - prints the policy alone',
      })
      .option('check', {
        type: 'boolean',
        default: false,
        describe: 'Write nothing; exit 1 when the policies in --out (else --current) would change',
      })
      .example(
        'iam-minimize generate --principal app --current authorization-details.json',
        'what app could lose',
      )
      .example('iam-minimize generate --all --out policies', 'a tree of policies'),
  async run(args, terminal) {
    const wanted = args.principal ?? [];
    if (!args.all && wanted.length === 0) throw new InputError('give --principal NAME or --all');
    if (args.check && args.out === undefined && args.current === undefined)
      throw new InputError('--check needs --out DIR or --current PATH|aws to compare with');
    if (args.out === standardStream && args.check)
      throw new InputError('--check compares with a folder; give --out DIR');
    const { IndexReader } = await import('../store/reader.ts');
    const { Observation } = await import('../synth/observation.ts');
    const { knownEntities } = await import('../synth/known.ts');
    const { parseExclusion } = await import('../synth/exclusion.ts');
    const index = IndexReader.open(args.db);
    try {
      const current =
        args.current === undefined
          ? undefined
          : await (await import('../current/current.ts')).readCurrent(args.current, accessOf(args));
      const exclusions = (args.exclude ?? []).map(parseExclusion);
      const observation = new Observation(index, knownEntities(index.principals(), current), exclusions);
      const run = new GenerateRun(
        args,
        terminal,
        observation,
        current,
        await readTrailConfig(args.trailConfig, accessOf(args), (line) =>
          terminal.err.write(`${printable(line)}\n`),
        ),
      );
      return await run.all(await choose(observation.identities, args.all, wanted));
    } finally {
      index.close();
    }
  },
};

async function choose(
  all: readonly Identity[],
  everyone: boolean,
  wanted: readonly string[],
): Promise<readonly Identity[]> {
  const { canHoldPolicies } = await import('../cloudtrail/identity.ts');
  if (everyone) return all.filter((identity) => canHoldPolicies(identity.kind));
  const { chosenIdentities } = await import('./choice.ts');
  return chosenIdentities(all, wanted);
}

class GenerateRun {
  private readonly args: Args;
  private readonly terminal: Terminal;
  private readonly observation: Observation;
  private readonly current: Current | undefined;
  private readonly trails: TrailConfig | undefined;
  private readonly codes = new Set<ExitCode>();

  constructor(
    args: Args,
    terminal: Terminal,
    observation: Observation,
    current: Current | undefined,
    trails: TrailConfig | undefined,
  ) {
    this.args = args;
    this.terminal = terminal;
    this.observation = observation;
    this.current = current;
    this.trails = trails;
  }

  async all(chosen: readonly Identity[]): Promise<ExitCode> {
    for (const identity of chosen) await this.one(identity, chosen.length === 1);
    if (this.args.all) await this.neverSeen(chosen);
    return ([70, 2, 1, 3] as const).find((code) => this.codes.has(code)) ?? 0;
  }

  private async one(identity: Identity, alone: boolean): Promise<void> {
    const { windowOf } = await import('./window.ts');
    const { propose } = await import('../synth/generate.ts');
    const window = windowOf(this.args, this.observation.covered(identity));
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
    if (seen === 0 && !this.args.all) {
      throw new InputError(
        `${identity.kind} ${identity.name}: no events in the window; widen --since and --until (iam-minimize principals shows the days)`,
      );
    }
    const proposal = propose({
      identity,
      observed,
      today: held,
      strategy: this.args.strategy,
      unobservable: this.args.unobservable,
      trails: this.trails,
      regions: this.observation.regions(identity, window),
      window,
      gaps: this.observation.gaps(identity, window),
      minWindow: daysOf(this.args.minWindow, '--min-window'),
    });
    await this.show(proposal);
  }

  private async observed(identity: Identity, window: Window): Promise<Observed> {
    const observed = this.observation.observed(identity, window);
    const { conditions } = this.args;
    if (conditions === undefined) return observed;
    const { narrowed, parseNarrowings } = await import('../synth/narrow.ts');
    return narrowed(observed, parseNarrowings(conditions), this.observation.facets(identity, window));
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
        `${kind} ${name}: holds nothing in ${String(this.args.current)}; all it used counts as granted elsewhere`,
      );
    return today;
  }

  private async show(proposal: Proposal): Promise<void> {
    const { args, terminal } = this;
    if (proposal.proof.denied > 0 || proposal.overflow.length > 0) this.codes.add(1);
    if (args.out === standardStream) {
      const { toJson } = await import('../iam/policy-json.ts');
      terminal.out.write(proposal.documents.map(toJson).join(''));
      return;
    }
    if (args.json) {
      const { proposalJson } = await import('../emit/proposal-json.ts');
      const { dataVersion } = await import('../permissions/operation.ts');
      terminal.out.write(`${JSON.stringify(proposalJson(proposal, dataVersion()))}\n`);
    } else {
      const { proposalText } = await import('../emit/proposal-text.ts');
      terminal.out.write(proposalText(proposal, { color: terminal.color, diff: args.diff }));
    }
    await this.write(proposal);
  }

  private async write(proposal: Proposal): Promise<void> {
    const { args, terminal } = this;
    const { outputTree } = await import('../emit/tree.ts');
    const { drift, writeTree } = await import('./tree.ts');
    if (args.out === undefined) {
      const changes = proposal.diff?.items.some((item) => item.kind !== 'kept') ?? false;
      if (args.check && changes) this.codes.add(1);
      if (!args.json) terminal.out.write(this.hint(proposal));
      return;
    }
    const tree = outputTree(proposal);
    const { changed, stale } = args.check ? drift(args.out, tree) : writeTree(args.out, tree);
    if (args.check && (changed.length > 0 || stale.length > 0)) this.codes.add(1);
    if (args.json) return;
    const { grouped } = await import('../emit/text.ts');
    const { policySize } = await import('../iam/quota.ts');
    const quota = proposal.identity.kind === 'permission-set' ? 32_768 : 6144;
    for (const [i, file] of tree.policies.entries()) {
      const state = args.check
        ? changed.includes(file)
          ? 'differs'
          : 'same  '
        : changed.includes(file)
          ? 'wrote '
          : 'same  ';
      const document = proposal.documents[i];
      const size = document ? `   ${grouped(policySize(document))} of ${grouped(quota)} characters` : '';
      terminal.out.write(`${state} ${printable([args.out, ...file.path].join('/'))}${size}\n`);
    }
    for (const file of stale)
      terminal.out.write(`${args.check ? 'surplus' : 'removed'} ${printable(file)}\n`);
    terminal.out.write(this.hint(proposal));
  }

  private hint({ verdicts, identity }: Proposal): string {
    const [first] = verdicts;
    const db = this.args.db === defaultIndex ? '' : ` --db ${this.args.db}`;
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
        this.args.json ? `${JSON.stringify(unseenHolderJson(holder))}\n` : unseenHolderText(holder),
      );
    }
  }

  private warn(text: string): void {
    this.terminal.err.write(`${printable(text)}\n`);
  }
}
