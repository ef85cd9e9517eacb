import { cleared } from '../app/generation.ts';
import type { Showing, Shown } from '../app/shown.ts';
import type { OutputTree } from '../emit/tree.ts';
import { writeTree } from '../app/tree/tree.ts';
import { namesOf } from '../app/settings/chosen-principals.ts';
import type { GenerationSettings } from '../app/settings/settings.ts';
import { standardStream } from '../app/settings/source-argument.ts';
import type { Identity } from '../cloudtrail/identity.ts';
import type { Holder } from '../current/holder.ts';
import { policiesText } from '../emit/iac/format.ts';
import { unseenHolderJson } from '../emit/json/proposal.ts';
import { proposalsPage } from '../emit/markdown/pull-request.ts';
import { byRisk } from '../emit/review/attention.ts';
import { code } from '../emit/markdown/markdown.ts';
import { filled } from '../emit/review/layout.ts';
import { unusedLine, type UnseenFacts } from '../emit/review/unused-principal.ts';
import { counted, grouped } from '../emit/review/words.ts';
import { overviewTable, totalsText, type OverviewLine } from '../emit/text/overview.ts';
import { policySize } from '../iam/policy/quota.ts';
import { printable, printableJson } from '../iam/printable.ts';
import { quotaOf } from '../synth/shape/synthesis.ts';
import { defaultIndex, type Terminal } from './command.ts';

/** What a review takes from its command beside the settings. */
interface ReviewSettings extends GenerationSettings, Pick<Showing, 'json' | 'diff' | 'full'> {
  readonly db: string;
  readonly quiet: boolean;
}

/** One principal of a review of many: its line in the table, and its block. */
interface Block {
  readonly line: OverviewLine;
  readonly text: string;
  readonly differs: boolean;
}

/** Shows proposals, one by itself, many under a table with totals below, and puts their files where they belong. */
export class Review {
  /** Whether anything was found that `generate` looks for: a denial, what does not fit, a difference with `--check`. */
  hasFindings = false;
  private readonly settings: ReviewSettings;
  private readonly terminal: Terminal;
  /** With `--out -`, until all are there. */
  private readonly printed: Shown[] = [];
  /** Until all are there, for the table stands first. */
  private readonly shown: Block[] = [];
  private readonly first: string[] = [];
  private readonly unused: UnseenFacts[] = [];

  constructor(settings: ReviewSettings, terminal: Terminal) {
    this.settings = settings;
    this.terminal = terminal;
  }

  get how(): Showing {
    const { db } = this.settings;
    const { color, width } = this.terminal;
    return { ...this.settings, color, width, index: db === defaultIndex ? '' : ` --db ${db}` };
  }

  show(shown: Shown): void {
    const { settings, terminal } = this;
    const { identity, overflow } = shown;
    if (shown.isDenied || overflow.length > 0) this.hasFindings = true;
    if (settings.format === 'cloudformation' && identity.kind === 'permission-set')
      terminal.err.write(
        `permission set ${printable(identity.name)}: CloudFormation cannot set the inline policy of one that exists; use --format terraform or json\n`,
      );
    // The review says it; where there is none it is said beside what is printed.
    if (settings.out === standardStream || (settings.diff === 'none' && !settings.json))
      for (const line of overflow)
        terminal.err.write(`${printable(`${identity.kind} ${identity.name}: does not fit: ${line}`)}\n`);
    if (settings.out === standardStream) {
      this.printed.push(shown);
      return;
    }
    const files =
      settings.out === undefined || !shown.tree
        ? { differs: shown.differs, lines: '' }
        : this.place(shown, shown.tree, settings.out);
    if (settings.check && files.differs) this.hasFindings = true;
    if (settings.json) {
      terminal.out.write(shown.text);
      return;
    }
    const isPage = settings.diff === 'markdown';
    if (isPage) terminal.err.write(files.lines);
    this.shown.push({
      line: shown.line,
      text: isPage ? shown.text : `${shown.text}${files.lines}${shown.hint}`,
      differs: files.differs,
    });
  }

  /** Principals of whom today's policies say nothing. */
  showUnknown(identities: readonly Identity[]): void {
    const { json, out } = this.settings;
    const line = `not known to --current, their files stay: ${namesOf(identities)}\n\n`;
    if (json || out === standardStream) this.terminal.err.write(line);
    else this.first.push(line);
  }

  /** A principal of the log that today's policies show to be gone. */
  showDeleted(identity: Identity): void {
    const { json, out, check, diff } = this.settings;
    const isTree = out !== undefined && out !== standardStream;
    const stale = isTree ? cleared(identity, out, this.settings) : [];
    if (check && stale.length > 0) this.hasFindings = true;
    if (json || out === standardStream) return;
    const { kind, name, account } = identity;
    const title = printable(`${kind}/${name}  ${account}        deleted: not in --current any more`);
    const lines = [title, ...stale.map(this.staleLine), '\n'].join('\n');
    if (diff === 'markdown') this.terminal.err.write(lines);
    else this.first.push(lines);
  }

  /** A principal that holds policies and never appears in the log: it may be deleted, which saves most. */
  showUnseen(holder: Holder, facts: UnseenFacts): void {
    const { json, diff, out, check } = this.settings;
    this.unused.push(facts);
    if (json) this.terminal.out.write(printableJson(unseenHolderJson(holder, facts)));
    if (json || out === standardStream || check) return;
    const line = `- ${unusedLine(holder, facts, diff === 'markdown' ? code : printable)}`;
    this.first.push(
      ...(diff === 'markdown' ? [line] : filled(line, this.terminal.width, '  ')).map((one) => `${one}\n`),
    );
  }

  /** Prints what waits for all to be there. */
  end(): void {
    const { out, json, check, quiet, diff, format } = this.settings;
    const { terminal, first, shown } = this;
    if (out === standardStream) terminal.out.write(policiesText(this.printed, format));
    if (out === standardStream || json) return;
    const lines = shown.map(({ line }) => line);
    if (diff === 'markdown') {
      const parts = shown.map(({ line, text }) => ({ line, text: () => text }));
      terminal.out.write(proposalsPage(parts, first.join(''), totalsText(lines, this.unused)));
      return;
    }
    if (check) {
      const differing = shown.filter(({ differs }) => differs);
      if (!quiet)
        for (const text of [...first, ...differing.map((one) => `${one.text}\n`)]) terminal.out.write(text);
      const what = out === undefined ? '--current' : '--out';
      terminal.out.write(
        differing.length === 0 && !this.hasFindings
          ? `same as ${what}: ${counted(shown.length, 'principal')}\n`
          : `${grouped(differing.length)} of ${counted(shown.length, 'principal')} ${differing.length === 1 ? 'differs' : 'differ'} from ${what}\n`,
      );
      return;
    }
    const unused = first.join('');
    if (unused !== '') terminal.out.write(`${unused}\n`);
    if (shown.length > 1) terminal.out.write(`${overviewTable([...lines].sort(byRisk))}\n`);
    for (const { text } of shown) terminal.out.write(text);
    if (shown.length > 1 || this.unused.length > 0) terminal.out.write(`${totalsText(lines, this.unused)}\n`);
  }

  private readonly staleLine = (file: string): string =>
    `${this.settings.check ? 'surplus' : 'removed'} ${printable(file)}`;

  /** Writes or compares its files. */
  private place(
    { identity, documents }: Shown,
    tree: OutputTree,
    out: string,
  ): { readonly differs: boolean; readonly lines: string } {
    const { check } = this.settings;
    const { changed, stale } = writeTree(out, tree, check);
    const quota = quotaOf(identity.kind);
    const lines = tree.policies.map((file, i) => {
      const state = !changed.includes(file) ? 'same  ' : check ? 'differs' : 'wrote ';
      const document = documents[i];
      const size = document ? `   ${grouped(policySize(document))} of ${grouped(quota)} characters` : '';
      return `${state} ${printable([out, ...file.path].join('/'))}${size}\n`;
    });
    const surplus = stale.map((file) => `${this.staleLine(file)}\n`);
    return { differs: changed.length > 0 || stale.length > 0, lines: [...lines, ...surplus].join('') };
  }
}
