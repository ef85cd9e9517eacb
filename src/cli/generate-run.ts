import type { Identity } from '../cloudtrail/identity.ts';
import { InputError } from '../iam/input-error.ts';
import { printable } from '../iam/printable.ts';
import type { Proposal } from '../synth/generate.ts';
import { defaultIndex, standardStream, type ExitCode, type Terminal } from './command.ts';
import type { Proposer } from '../app/proposer.ts';
import type { Settings } from '../app/settings/settings.ts';

/** One run of `generate`: proposes for each principal, shows it, writes it, and remembers the exit code. */
export class GenerateRun {
  private readonly settings: Settings;
  private readonly terminal: Terminal;
  private readonly proposer: Proposer;
  private readonly codes = new Set<ExitCode>();
  /** With `--out -`, until all are there. */
  private readonly printed: Proposal[] = [];

  constructor(settings: Settings, terminal: Terminal, proposer: Proposer) {
    this.settings = settings;
    this.terminal = terminal;
    this.proposer = proposer;
  }

  async all(chosen: readonly Identity[]): Promise<ExitCode> {
    for (const identity of chosen) await this.one(identity, chosen.length === 1);
    if (this.settings.out === standardStream) {
      const { policiesText } = await import('../emit/iac/format.ts');
      this.terminal.out.write(policiesText(this.printed, this.settings.format));
    } else if (this.settings.all) await this.neverSeen(chosen);
    return ([70, 2, 1, 3] as const).find((code) => this.codes.has(code)) ?? 0;
  }

  private async one(identity: Identity, alone: boolean): Promise<void> {
    if (this.settings.form === 'boundary' && identity.kind === 'permission-set') {
      this.terminal.err.write(
        `permission set ${printable(identity.name)}: left out, --as boundary is for roles and users\n`,
      );
      return;
    }
    const proposed = this.proposer.propose(identity, alone);
    if (!proposed) {
      this.codes.add(3);
      return;
    }
    const { isSilent } = await import('../synth/usage/use.ts');
    if (isSilent(proposed.observed) && !this.settings.all) {
      throw new InputError(
        `${identity.kind} ${identity.name}: no events in the window; widen --since and --until (iam-minimize principals shows the days)`,
      );
    }
    await this.show(proposed.proposal);
  }

  private async show(proposal: Proposal): Promise<void> {
    const { settings, terminal } = this;
    if (proposal.proof.denied > 0 || proposal.overflow.length > 0) this.codes.add(1);
    if (settings.format === 'cloudformation' && proposal.identity.kind === 'permission-set')
      terminal.err.write(
        `permission set ${printable(proposal.identity.name)}: CloudFormation cannot set the inline policy of one that exists; use --format terraform or json\n`,
      );
    // The review says it; where there is none it is said beside what is printed.
    if (settings.out === standardStream || (settings.diff === 'none' && !settings.json))
      for (const line of proposal.overflow)
        terminal.err.write(
          `${printable(`${proposal.identity.kind} ${proposal.identity.name}: does not fit: ${line}`)}\n`,
        );
    if (settings.out === standardStream) {
      this.printed.push(proposal);
      return;
    }
    if (settings.json) {
      const { proposalJson } = await import('../emit/json/proposal.ts');
      const { dataVersion } = await import('../permissions/operation.ts');
      terminal.out.write(`${JSON.stringify(proposalJson(proposal, dataVersion()))}\n`);
    } else if (settings.diff === 'markdown') {
      const { proposalMarkdown } = await import('../emit/markdown/proposal.ts');
      terminal.out.write(proposalMarkdown(proposal, { rest: '`iam-minimize generate --json` shows all' }));
    } else {
      const { proposalText } = await import('../emit/text/proposal.ts');
      const { terminalLines: most } = await import('../emit/review/change-lines.ts');
      terminal.out.write(proposalText(proposal, { color: terminal.color, diff: settings.diff, most }));
    }
    await this.write(proposal);
  }

  private async write(proposal: Proposal): Promise<void> {
    const { settings } = this;
    // A page for a pull request stands alone on stdout.
    const out = settings.diff === 'markdown' ? this.terminal.err : this.terminal.out;
    const { outputTree } = await import('../emit/tree.ts');
    const { drift, writeTree } = await import('../app/tree/tree.ts');
    if (settings.out === undefined) {
      const changes = proposal.diff?.items.some((item) => item.kind !== 'kept') ?? false;
      if (settings.check && changes) this.codes.add(1);
      if (settings.json) return;
      if (settings.check) out.write(changes ? 'differs from --current\n' : 'same as --current\n');
      this.hint(proposal);
      return;
    }
    const tree = outputTree(proposal, settings.format);
    const { changed, stale } = settings.check ? drift(settings.out, tree) : writeTree(settings.out, tree);
    if (settings.check && (changed.length > 0 || stale.length > 0)) this.codes.add(1);
    if (settings.json) return;
    const { grouped } = await import('../emit/review/words.ts');
    const { policySize } = await import('../iam/policy/quota.ts');
    const { quotaOf } = await import('../synth/shape/synthesize.ts');
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
      out.write(`${state} ${printable([settings.out, ...file.path].join('/'))}${size}\n`);
    }
    for (const file of stale) out.write(`${settings.check ? 'surplus' : 'removed'} ${printable(file)}\n`);
    this.hint(proposal);
  }

  private hint({ verdicts, identity }: Proposal): void {
    const { db, diff } = this.settings;
    if (diff === 'markdown') return;
    const [first] = verdicts;
    const index = db === defaultIndex ? '' : ` --db ${db}`;
    this.terminal.out.write(
      first
        ? `${printable(`why?   iam-minimize why ${first.use.action} --principal ${identity.name}${index}`)}\n\n`
        : '\n',
    );
  }

  /** Principals that hold policies and never appear in the log. */
  private async neverSeen(seen: readonly Identity[]): Promise<void> {
    const { unseenHolderJson } = await import('../emit/json/unused-principal.ts');
    const { unseenHolderMarkdown } = await import('../emit/markdown/unused-principal.ts');
    const { unseenHolderText } = await import('../emit/text/unused-principal.ts');
    const { json, diff } = this.settings;
    const textOf = diff === 'markdown' ? unseenHolderMarkdown : unseenHolderText;
    for (const holder of this.proposer.holdersBeside(seen))
      this.terminal.out.write(json ? `${JSON.stringify(unseenHolderJson(holder))}\n` : textOf(holder));
  }
}
