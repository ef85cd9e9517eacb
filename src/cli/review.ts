import { cleared, placed } from '../app/generation.ts';
import { namesOf } from '../app/settings/chosen-principals.ts';
import type { GenerationSettings } from '../app/settings/settings.ts';
import { standardStream } from '../app/settings/source-argument.ts';
import type { Identity } from '../cloudtrail/identity.ts';
import type { Holder } from '../current/holder.ts';
import { policiesText } from '../emit/iac/format.ts';
import { proposalJson } from '../emit/json/proposal.ts';
import { unseenHolderJson } from '../emit/json/unused-principal.ts';
import { proposalMarkdown } from '../emit/markdown/proposal.ts';
import { unseenHolderMarkdown } from '../emit/markdown/unused-principal.ts';
import { terminalLines } from '../emit/review/change-lines.ts';
import { grouped } from '../emit/review/words.ts';
import { proposalText } from '../emit/text/proposal.ts';
import { unseenHolderText } from '../emit/text/unused-principal.ts';
import { policySize } from '../iam/policy/quota.ts';
import { printable, printableJson } from '../iam/printable.ts';
import { dataVersion } from '../permissions/operation.ts';
import type { Proposal } from '../synth/proposal.ts';
import { quotaOf } from '../synth/shape/synthesis.ts';
import { defaultIndex, type Terminal } from './command.ts';

/** How proposals are shown. */
export interface ReviewSettings extends GenerationSettings {
  readonly db: string;
  readonly json: boolean;
  readonly diff: 'text' | 'markdown' | 'none';
}

/** Shows proposals one after another, and puts their files where they belong. */
export class Review {
  /** Whether anything was found that `generate` looks for: a denial, what does not fit, a difference with `--check`. */
  hasFindings = false;
  private readonly settings: ReviewSettings;
  private readonly terminal: Terminal;
  /** With `--out -`, until all are there. */
  private readonly printed: Proposal[] = [];

  constructor(settings: ReviewSettings, terminal: Terminal) {
    this.settings = settings;
    this.terminal = terminal;
  }

  show(proposal: Proposal): void {
    const { settings, terminal } = this;
    const { identity, overflow } = proposal;
    if (proposal.proof.denied > 0 || overflow.length > 0) this.hasFindings = true;
    if (settings.format === 'cloudformation' && identity.kind === 'permission-set')
      terminal.err.write(
        `permission set ${printable(identity.name)}: CloudFormation cannot set the inline policy of one that exists; use --format terraform or json\n`,
      );
    // The review says it; where there is none it is said beside what is printed.
    if (settings.out === standardStream || (settings.diff === 'none' && !settings.json))
      for (const line of overflow)
        terminal.err.write(`${printable(`${identity.kind} ${identity.name}: does not fit: ${line}`)}\n`);
    if (settings.out === standardStream) {
      this.printed.push(proposal);
      return;
    }
    terminal.out.write(this.textOf(proposal));
    if (settings.out === undefined) this.compareWithCurrent(proposal);
    else this.place(proposal, settings.out);
  }

  /** Principals of whom today's policies say nothing; shown before all others. */
  showUnknown(identities: readonly Identity[]): void {
    const { json, out } = this.settings;
    const isPage = json || out === standardStream;
    (isPage ? this.terminal.err : this.terminal.out).write(
      `not known to --current, their files stay: ${namesOf(identities)}\n\n`,
    );
  }

  /** A principal of the log that today's policies show to be gone. */
  showDeleted(identity: Identity): void {
    const { json, out, check } = this.settings;
    const isTree = out !== undefined && out !== standardStream;
    const stale = isTree ? cleared(identity, out, this.settings) : [];
    if (check && stale.length > 0) this.hasFindings = true;
    if (json || out === standardStream) return;
    const { kind, name, account } = identity;
    this.beside.write(
      `${printable(`${kind}/${name}  ${account}`)}        deleted: not in --current any more\n`,
    );
    for (const file of stale) this.beside.write(`${check ? 'surplus' : 'removed'} ${printable(file)}\n`);
    this.beside.write('\n');
  }

  /** A principal that holds policies and never appears in the log. */
  showUnseen(holder: Holder): void {
    const { json, diff, out } = this.settings;
    if (out === standardStream) return;
    const textOf = diff === 'markdown' ? unseenHolderMarkdown : unseenHolderText;
    this.terminal.out.write(json ? printableJson(unseenHolderJson(holder)) : textOf(holder));
  }

  /** Prints what waits for all to be there. */
  end(): void {
    if (this.settings.out === standardStream)
      this.terminal.out.write(policiesText(this.printed, this.settings.format));
  }

  private textOf(proposal: Proposal): string {
    const { json, diff } = this.settings;
    if (json) return printableJson(proposalJson(proposal, dataVersion()));
    return diff === 'markdown'
      ? proposalMarkdown(proposal, { rest: '`iam-minimize generate --json` shows all' })
      : proposalText(proposal, { color: this.terminal.color, diff, most: terminalLines });
  }

  private compareWithCurrent(proposal: Proposal): void {
    const { check, json } = this.settings;
    const { items = [], broadened = false } = proposal.diff ?? {};
    const changes = broadened !== false || items.some((item) => item.kind !== 'kept');
    if (check && changes) this.hasFindings = true;
    if (json) return;
    if (check) this.beside.write(changes ? 'differs from --current\n' : 'same as --current\n');
    this.hint(proposal);
  }

  private place(proposal: Proposal, out: string): void {
    const { check, json } = this.settings;
    const { tree, changed, stale } = placed(proposal, out, this.settings);
    if (check && (changed.length > 0 || stale.length > 0)) this.hasFindings = true;
    if (json) return;
    const quota = quotaOf(proposal.identity.kind);
    for (const [i, file] of tree.policies.entries()) {
      const state = !changed.includes(file) ? 'same  ' : check ? 'differs' : 'wrote ';
      const document = proposal.documents[i];
      const size = document ? `   ${grouped(policySize(document))} of ${grouped(quota)} characters` : '';
      this.beside.write(`${state} ${printable([out, ...file.path].join('/'))}${size}\n`);
    }
    for (const file of stale) this.beside.write(`${check ? 'surplus' : 'removed'} ${printable(file)}\n`);
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

  /** A page for a pull request stands alone on stdout. */
  private get beside(): NodeJS.WritableStream {
    return this.settings.diff === 'markdown' ? this.terminal.err : this.terminal.out;
  }
}
