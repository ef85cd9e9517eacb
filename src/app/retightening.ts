import { basename } from 'node:path';
import type { AwsAccess } from '../aws/access.ts';
import { canHoldPolicies, type Identity } from '../cloudtrail/identity.ts';
import type { Format } from '../emit/iac/format.ts';
import {
  isGone,
  recordedText,
  retightenedJson,
  type Entry,
  type LeftEntry,
  type Retightened,
} from '../emit/json/retightened.ts';
import { pullRequest } from '../emit/markdown/pull-request.ts';
import { folderOf } from '../emit/review/principal-folder.ts';
import { outputTree, type OutputFile } from '../emit/tree.ts';
import { groupBy, sortedUnique } from '../iam/order.ts';
import { IndexReader } from '../store/reader.ts';
import { brokenOf } from '../synth/backtest.ts';
import { blocksOf } from '../synth/keep/blocks.ts';
import { renewalOf, type LeftReason } from '../synth/renewal.ts';
import { goneOrNot, identityOf, othersLeft } from './principals-without-proposal.ts';
import { Proposer } from './proposer.ts';
import { isGlob, isMeant, unknownName } from './settings/chosen-principals.ts';
import type { ProposalSettings } from './settings/settings.ts';
import { isFar } from './settings/source-argument.ts';
import { updateIndex, type IndexUpdate } from './sources/index-update.ts';
import { askedFor } from './sources/rebuild.ts';
import { allOfSources, sourcesOf } from './sources/sources.ts';
import { telling, type Surroundings } from './sources/surroundings.ts';
import { knownRegressions, lastProposal, ownFiles, recordedName } from './tree/last-proposal.ts';
import { changeTree, finishChange, type TreeChange } from './tree/tree-change.ts';
import { treeLock } from './tree/tree-lock.ts';
import { drift, inside, textOf } from './tree/tree.ts';
import { printableJson } from '../iam/printable.ts';

/** What one scheduled run was asked for. */
export interface RetightenSettings extends ProposalSettings {
  /** The index. */
  readonly db: string;
  readonly principals: readonly string[];
  /** SOURCE arguments. */
  readonly sources: readonly string[];
  readonly out: string;
  readonly format: Format;
  /** Whether each account has pages of its own, for a pull request of its own. */
  readonly groupBy: 'account' | undefined;
  readonly restore: boolean;
  /** Whether files are compared and none written. */
  readonly check: boolean;
}

/** What a scheduled run has done: read what is new, then compared the tree, and changed it unless it is only compared. */
export type Retightening =
  | ({ readonly kind: 'read' } & IndexUpdate)
  | { readonly kind: 'compared'; readonly found: Retightened; readonly change: TreeChange };

/** Written at the root of the tree when anything in it changes; with `groupBy` in the folder of each account in which anything does. */
const pageName = 'PULL_REQUEST.md';
const summaryName = 'retighten.json';

/** Log objects fetched ahead. */
const concurrency = 4;

/**
 * One scheduled run: reads what is new, proposes again, and changes the tree as a whole or not at all. Only one at a time is
 * at work on a tree. One that is stopped ends before it compares.
 * @throws InputError for a name that is not in the index, or input that cannot be read
 */
export async function* retightening(
  settings: RetightenSettings,
  access: AwsAccess,
  surroundings: Surroundings,
): AsyncGenerator<Retightening> {
  const { out, db, check, sources } = settings;
  const { signal, warn } = surroundings;
  const lock = await treeLock(out, signal, () => warn(`${out}: another run is at work; waiting for its end`));
  try {
    if (!check) finishChange(out);
    let unread = 0;
    if (sources.length > 0) {
      const update = await readNew(settings, access, surroundings);
      yield { kind: 'read', ...update };
      unread = update.report.failures.length;
    }
    if (signal.aborted) return;
    const index = IndexReader.open(db);
    try {
      const proposer = await Proposer.open(index, settings, access, warn);
      const { found, change } = await compared(settings, proposer, unread, surroundings);
      if (found.changed && !check) changeTree(out, change);
      yield { kind: 'compared', found, change };
    } finally {
      index.close();
    }
  } finally {
    lock.release();
  }
}

/** Reads what the index does not have yet. Of far places only what the window needs is fetched; the names of local files need not tell a day. */
async function readNew(
  { db, sources, since }: RetightenSettings,
  access: AwsAccess,
  surroundings: Surroundings,
): Promise<IndexUpdate> {
  const local = sources.filter((source) => !isFar(source));
  const near = await sourcesOf(local, allOfSources, access, surroundings);
  const far = await sourcesOf(sources.filter(isFar), { ...allOfSources, since }, access, surroundings);
  return updateIndex(db, [...near, ...far], concurrency, surroundings, [], [askedFor(sources, allOfSources)]);
}

/** Sets proposals beside the tree. @param unread log objects that could not be read to their end */
async function compared(
  settings: RetightenSettings,
  proposer: Proposer,
  unread: number,
  surroundings: Surroundings,
): Promise<{ found: Retightened; change: TreeChange }> {
  const { identities } = proposer.observation;
  const chosen = identities.filter(
    (identity) =>
      canHoldPolicies(identity.kind) && settings.principals.some((text) => isMeant(identity, text)),
  );
  const entries: Entry[] = [];
  const withoutProposal: LeftEntry[] = [];
  const write: OutputFile[] = [];
  const remove: (readonly string[])[] = [];
  proposer.strangers(chosen);
  for (const identity of telling(chosen, surroundings)) {
    const found = await renewed(settings, proposer, identity, chosen.length === 1);
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
    if (isGone(one)) remove.push(...files.map((name) => [...path, name]));
    // Of one that is gone, and has no files any more, all has been said.
    if (files.length > 0 || !(isGone(one) || one.reason === 'perhaps-gone')) left.push(one);
  }
  const others = beside.map(identityOf);
  for (const text of settings.principals) {
    if ([...chosen, ...others].some((identity) => isMeant(identity, text))) continue;
    if (!isGlob(text)) throw unknownName('principals:', text, identities);
    surroundings.warn(`${text}: nobody of this name in the index; nothing is proposed`);
  }
  const change = { write, remove };
  const run = { entries, left, unread, newDays: settings.newDays };
  const parts = partsOf(settings, run, change);
  const pages = parts
    .filter(({ found }) => found.changed)
    .flatMap(({ folder, found }) => [
      { path: [...folder, pageName], text: pullRequest(found) },
      { path: [...folder, summaryName], text: printableJson(retightenedJson(found), 2) },
    ]);
  const changed = pages.length > 0;
  return {
    change: { write: [...write, ...pages], remove },
    found: { ...run, changed, backtest: backtestOf(entries) },
  };
}

/** The run as a whole, or account by account (permission sets together), each with the folder of its pages. */
function partsOf(
  { out, groupBy: by }: RetightenSettings,
  run: Omit<Retightened, 'changed' | 'backtest'>,
  { write, remove }: TreeChange,
): readonly { readonly folder: readonly string[]; readonly found: Retightened }[] {
  const partOf = (path: string): string => (by === 'account' ? (path.split('/')[0] ?? '') : '');
  const touched = new Set(
    [...write.map(({ path }) => path), ...remove].map((path) => partOf(path.join('/'))),
  );
  const entries = groupBy(run.entries, ({ folder }) => partOf(folder));
  const left = groupBy(run.left, ({ folder }) => partOf(folder));
  return sortedUnique([...entries.keys(), ...left.keys()]).map((part) => {
    const own = entries.get(part) ?? [];
    const folder = part === '' ? [] : [part];
    const changed = touched.has(part) || hasOtherRegressions(inside(out, [...folder, summaryName]), own);
    const found = { ...run, changed, entries: own, left: left.get(part) ?? [], backtest: backtestOf(own) };
    return { folder, found };
  });
}

/** How those of some principals who have a trial would have fared; undefined where nobody has. */
function backtestOf(entries: readonly Entry[]): Retightened['backtest'] {
  const trials = entries.flatMap(({ trial }) => trial ?? []);
  return trials.length > 0 ? brokenOf(trials) : undefined;
}

/** What becomes of one principal and its files; why nothing does where it stays as it is. */
async function renewed(
  { out, restore, newDays, format, strategy }: RetightenSettings,
  proposer: Proposer,
  identity: Identity,
  alone: boolean,
): Promise<{ entry: Entry; change: TreeChange } | LeftEntry> {
  const path = folderOf(identity);
  const folder = path.join('/');
  const before = lastProposal(out, path);
  const proposed = await proposer.propose(identity, alone, { ...before, restore });
  const { kind, account, name } = identity;
  const leave = (reason: LeftReason): LeftEntry => ({ kind, account, name, folder, reason });
  if (proposed === 'not-known')
    return leave(proposer.isSilent(identity) ? goneOrNot(proposer, identity) : 'not-in-current');
  if (typeof proposed === 'string') return leave(proposed);
  const { proposal, today } = proposed;
  if (!today && before.exists && blocksOf(proposer.coverage(identity)).length > 0)
    return leave('window-short');
  const tree = outputTree(proposal, format);
  const { changed, stale } = drift(out, tree);
  const isChanged = changed.length > 0 || stale.length > 0;
  const renewal = renewalOf(proposed, before, isChanged);
  const record = { path: [...path, recordedName], text: recordedText(renewal.recorded, renewal.restored) };
  const { since, until } = proposal.window;
  const slide = { train: until - since + 1 - newDays, test: newDays, step: 1 };
  const isRecorded = textOf(inside(out, record.path)) !== record.text;
  return {
    entry: {
      ...renewal,
      trial: proposer.trials(proposed, slide, [strategy])[0],
      folder,
      state: before.exists ? (isChanged ? 'changed' : isRecorded ? 'recorded' : 'same') : 'new',
    },
    change: {
      write: [...changed, ...(isChanged ? tree.companions : []), ...(isRecorded ? [record] : [])],
      remove: stale.map((file) => [...path, basename(file)]),
    },
  };
}

/** Whether other permissions are missed than a summary says. */
function hasOtherRegressions(summary: string, entries: readonly Entry[]): boolean {
  const known = knownRegressions(textOf(summary) ?? '');
  return entries.some(({ folder, regressions }) => {
    const now = regressions.map(({ action, resource }) => JSON.stringify([action, resource]));
    return JSON.stringify(now) !== JSON.stringify(known.get(folder) ?? []);
  });
}
