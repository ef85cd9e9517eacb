import { canHoldPolicies, type Identity } from '../cloudtrail/identity.ts';
import type { Format } from '../emit/iac/format.ts';
import { pullRequest } from '../emit/markdown/pull-request.ts';
import { recordedText } from '../emit/json/recorded.ts';
import { retightenText } from '../emit/text/retightened.ts';
import { retightenedJson, type Entry, type LeftEntry, type Retightened } from '../emit/json/retightened.ts';
import { folderOf } from '../emit/review/principal-folder.ts';
import { outputTree, type OutputFile } from '../emit/tree.ts';
import { printable } from '../iam/printable.ts';
import { IndexReader } from '../store/reader.ts';
import { blocksOf } from '../synth/keep/blocks.ts';
import { renewalOf, type LeftReason } from '../synth/renewal/renewal.ts';
import { accessOf } from './access.ts';
import { isSilent } from '../synth/usage/use.ts';
import { isGlob, isMeant, unknownName } from '../app/settings/chosen-principals.ts';
import type { ExitCode, GlobalFlags, Terminal } from './command.ts';
import { knownRegressions, lastProposal, ownFiles, recordedName } from '../app/tree/last-proposal.ts';
import { goneOrNot, identityOf, othersLeft } from '../app/unproposed.ts';
import { readShown, readSummary } from './progress.ts';
import { Proposer } from '../app/proposer.ts';
import type { ProposalSettings } from '../app/settings/settings.ts';
import { allOfSources, isFar, sourcesOf } from './sources.ts';
import { changeTree, finishChange, type TreeChange } from '../app/tree/tree-change.ts';
import { drift, inside, list, policyNames, textOf } from '../app/tree/tree.ts';

/** What one scheduled run was asked for. */
export interface RetightenSettings extends ProposalSettings {
  readonly principals: readonly string[];
  readonly sources: readonly string[];
  readonly out: string;
  readonly format: Format;
  /** Days. */
  readonly newDays: number;
  readonly restore: boolean;
  readonly check: boolean;
  readonly global: GlobalFlags;
}

/** Written at the root of the tree when anything in it changes. */
const pageName = 'PULL_REQUEST.md';
const summaryName = 'retighten.json';

/** One scheduled run: reads what is new, proposes again, and changes the tree as a whole or not at all. */
export class RetightenRun {
  private readonly settings: RetightenSettings;
  private readonly terminal: Terminal;
  private readonly warn: (line: string) => void;

  constructor(settings: RetightenSettings, terminal: Terminal, warn: (line: string) => void) {
    this.settings = settings;
    this.terminal = terminal;
    this.warn = warn;
  }

  /** Only one run at a time may be at work on a tree. */
  async run(): Promise<ExitCode> {
    const { settings, terminal } = this;
    if (!settings.check) finishChange(settings.out);
    const unread = await this.ingest();
    if (terminal.signal.aborted) {
      this.warn('stopped; the policies are as they were, run the same command again to go on');
      return 3;
    }
    const index = IndexReader.open(settings.global.db);
    try {
      const proposer = await Proposer.open(index, settings, accessOf(settings.global), this.warn);
      const { change, found } = this.compare(proposer, unread);
      if (found.changed && !settings.check) changeTree(settings.out, change);
      this.show(found, change);
      return this.codeOf(found);
    } finally {
      index.close();
    }
  }

  /** Reads what the index does not have yet. @returns how many objects could not be read to their end */
  private async ingest(): Promise<number> {
    const { settings, terminal } = this;
    if (settings.sources.length === 0) return 0;
    const flags = { ...allOfSources, ...settings.global };
    // Of far places only what the window needs is fetched; the names of local files need not tell a day.
    const sources = [
      ...(await sourcesOf(
        settings.sources.filter((source) => !isFar(source)),
        flags,
        terminal,
      )),
      ...(await sourcesOf(settings.sources.filter(isFar), { ...flags, since: settings.since }, terminal)),
    ];
    const started = terminal.clock();
    const report = await readShown(sources, settings.global, 4, terminal);
    const { failures } = report;
    for (const { object, reason } of failures) this.warn(`not read in full: ${object}: ${reason}`);
    if (!settings.global.quiet) terminal.err.write(readSummary(report, (terminal.clock() - started) / 1000));
    return failures.length;
  }

  private compare(proposer: Proposer, unread: number): { change: TreeChange; found: Retightened } {
    const { settings } = this;
    const { identities } = proposer.observation;
    const chosen = identities.filter(
      (identity) =>
        canHoldPolicies(identity.kind) && settings.principals.some((text) => isMeant(identity, text)),
    );
    const entries: Entry[] = [];
    const withoutProposal: LeftEntry[] = [];
    const write: OutputFile[] = [];
    const remove: (readonly string[])[] = [];
    for (const identity of chosen) {
      const found = this.renew(proposer, identity, chosen.length === 1);
      if ('reason' in found) withoutProposal.push(found);
      else {
        entries.push(found.entry);
        write.push(...found.change.write);
        remove.push(...found.change.remove);
      }
    }
    const beside = othersLeft(proposer, settings, chosen);
    const left: LeftEntry[] = [];
    for (const one of [...withoutProposal, ...beside]) {
      const path = one.folder.split('/');
      const files = ownFiles(settings.out, path);
      if (one.reason === 'gone') remove.push(...files.map((name) => [...path, name]));
      // Of one that is gone, and has no files any more, all has been said.
      if (files.length > 0 || !one.reason.endsWith('gone')) left.push(one);
    }
    const others = beside.map(identityOf);
    for (const text of settings.principals) {
      if ([...chosen, ...others].some((identity) => isMeant(identity, text))) continue;
      if (!isGlob(text)) throw unknownName('principals:', text, identities);
      this.warn(`${text}: nobody of this name in the index; nothing is proposed`);
    }
    const changed = write.length > 0 || remove.length > 0 || this.hasOtherRegressions(entries);
    const found = { changed, entries, left, unread, newDays: settings.newDays };
    const pages = [
      { path: [pageName], text: pullRequest(found) },
      { path: [summaryName], text: `${JSON.stringify(retightenedJson(found), null, 2)}\n` },
    ];
    return { change: { write: [...write, ...pages], remove }, found };
  }

  private renew(
    proposer: Proposer,
    identity: Identity,
    alone: boolean,
  ): { entry: Entry; change: TreeChange } | LeftEntry {
    const { out, restore, newDays, format } = this.settings;
    const path = folderOf(identity);
    const folder = path.join('/');
    const before = lastProposal(out, path);
    const proposed = proposer.propose(identity, alone, { ...before, restore });
    const { kind, account, name } = identity;
    const leave = (reason: LeftReason): LeftEntry => ({ kind, account, name, folder, reason });
    if (!proposed) return leave('unreadable');
    const { proposal, observed, today } = proposed;
    if (today && !today.isKnown) {
      return leave(isSilent(observed) ? goneOrNot(proposer, identity) : 'not-in-current');
    }
    if (!today && before.exists && blocksOf(proposer.coverage(identity)).length > 0)
      return leave('window-short');
    const tree = outputTree(proposal, format);
    const { changed } = drift(out, tree);
    const names = new Set(tree.policies.map((file) => file.path.at(-1)));
    const stale = policyNames(list(inside(out, path)), tree.stem).filter((one) => !names.has(one));
    const isChanged = changed.length > 0 || stale.length > 0;
    const renewal = renewalOf(proposed, before, { isChanged, newDays });
    const record = { path: [...path, recordedName], text: recordedText(renewal.recorded, renewal.restored) };
    const isRecorded = textOf(inside(out, record.path)) !== record.text;
    return {
      entry: {
        ...renewal,
        folder,
        state: before.exists ? (isChanged ? 'changed' : isRecorded ? 'recorded' : 'same') : 'new',
      },
      change: {
        write: [...changed, ...(isChanged ? tree.companions : []), ...(isRecorded ? [record] : [])],
        remove: stale.map((one) => [...path, one]),
      },
    };
  }

  /** Whether other permissions are missed than the tree says. */
  private hasOtherRegressions(entries: readonly Entry[]): boolean {
    const known = knownRegressions(textOf(inside(this.settings.out, [summaryName])) ?? '');
    return entries.some(({ folder, regressions }) => {
      const now = regressions.map(({ action, resource }) => JSON.stringify([action, resource]));
      return JSON.stringify(now) !== JSON.stringify(known.get(folder) ?? []);
    });
  }

  private show(found: Retightened, { write, remove }: TreeChange): void {
    const { settings, terminal } = this;
    if (settings.global.json) {
      terminal.out.write(`${JSON.stringify(retightenedJson(found))}\n`);
      return;
    }
    terminal.out.write(retightenText(found, terminal.color));
    if (!found.changed) return;
    const file = (path: readonly string[]): string => printable([settings.out, ...path].join('/'));
    for (const { path } of write)
      terminal.out.write(`${settings.check ? 'differs' : 'wrote  '}  ${file(path)}\n`);
    for (const path of remove)
      terminal.out.write(`${settings.check ? 'surplus' : 'removed'}  ${file(path)}\n`);
  }

  private codeOf({ changed, entries, left, unread }: Retightened): ExitCode {
    const isWrong = entries.some(
      ({ proposal: { proof, overflow } }) => proof.denied > 0 || overflow.length > 0,
    );
    const isToDo = changed || entries.some(({ regressions }) => regressions.some((one) => one.isNamed));
    if (isWrong || (this.settings.check && isToDo)) return 1;
    return unread > 0 || left.some(({ reason }) => reason === 'unreadable') ? 3 : 0;
  }
}
