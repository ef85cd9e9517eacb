import { statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Identity } from '../cloudtrail/identity.ts';
import { InputError } from '../iam/input-error.ts';
import { isSilent } from '../synth/usage/use.ts';
import type { NoProposal, Proposer } from './proposer.ts';
import { shownAs, type Showing, type Shown } from './shown.ts';
import type { ProposalSettings } from './settings/settings.ts';

/** What came of one principal: a proposal and whether nothing was seen, why there is none, or what is wrong with the input. */
export type Outcome =
  | { readonly shown: Shown; readonly isSilent: boolean }
  | { readonly none: NoProposal }
  | { readonly fault: string };

/** To a thread: whom to propose for, from what. */
export interface Order {
  readonly db: string;
  readonly settings: ProposalSettings;
  readonly how: Showing;
  readonly identity: Identity;
}

/** From a thread: what came of it, what was warned of, and which exclusions left anything out. */
export interface Told {
  readonly outcome: Outcome;
  readonly excludedBy: readonly string[];
  readonly lines: readonly string[];
}

/** Fewer principals than this for each thread are done before it is ready. */
const leastEach = 8;
/** Each thread takes memory of its own, some 100 MB and what a principal needs. */
const mostThreads = 8;

/** @param alone whether only this principal is asked about */
export async function outcomeOf(
  proposer: Proposer,
  identity: Identity,
  how: Showing,
  alone: boolean,
): Promise<Outcome> {
  const proposed = await proposer.propose(identity, alone);
  if (typeof proposed === 'string') return { none: proposed };
  return { shown: shownAs(proposed.proposal, how), isSilent: isSilent(proposed.observed) };
}

/** The proposals for some principals in their order; of many some are made ahead of their turn, on other threads. */
export class Proposals {
  private readonly proposer: Proposer;
  private readonly work: Omit<Order, 'identity'>;
  private readonly warn: (line: string) => void;
  private readonly left: Identity[];
  private readonly alone: boolean;
  private readonly threads: readonly Thread[];
  private readonly ahead: Promise<Told>[] = [];

  /** @param threads the most there may be beside this one */
  constructor(
    proposer: Proposer,
    work: Omit<Order, 'identity'>,
    asked: readonly Identity[],
    { warn, threads, alone }: { warn: (line: string) => void; threads: number; alone: boolean },
  ) {
    this.proposer = proposer;
    this.work = work;
    this.warn = warn;
    this.alone = alone;
    this.left = [...asked];
    const most = Math.min(threads, mostThreads, Math.floor(asked.length / leastEach));
    const count = most > 1 && canBeReadAgain(work.settings) ? most : 0;
    this.threads = Array.from({ length: count }, () => new Thread());
  }

  /** Of the next one. @throws InputError when something is wrong with the input */
  async next(): Promise<Exclude<Outcome, { readonly fault: string }>> {
    const outcome = this.threads.length === 0 ? await this.here() : await this.elsewhere();
    if ('fault' in outcome) throw new InputError(outcome.fault);
    return outcome;
  }

  async close(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.end()));
  }

  private async here(): Promise<Outcome> {
    const identity = this.left.shift();
    if (!identity) throw new RangeError('nobody is left');
    return outcomeOf(this.proposer, identity, this.work.how, this.alone);
  }

  /** Each thread has one in hand and one to come. */
  private async elsewhere(): Promise<Outcome> {
    while (this.left.length > 0 && this.ahead.length < 2 * this.threads.length) {
      const identity = this.left.shift();
      const [thread] = this.threads.toSorted((a, b) => a.asked - b.asked);
      if (!identity || !thread) break;
      const told = thread.propose({ ...this.work, identity });
      // A failure is met when its turn comes.
      told.catch(() => {});
      this.ahead.push(told);
    }
    const told = await this.ahead.shift();
    if (!told) throw new RangeError('nobody is left');
    for (const line of told.lines) this.warn(line);
    for (const text of told.excludedBy) this.proposer.observation.excludedBy.add(text);
    return told.outcome;
  }
}

/** Whether threads may read what the settings name again: neither an account, which is asked once, nor a pipe. */
const canBeReadAgain = ({ current, trailConfig, lastAccessed }: ProposalSettings): boolean =>
  [current, trailConfig, lastAccessed].every((path) => {
    const found =
      path === undefined || path === 'aws' ? undefined : statSync(path, { throwIfNoEntry: false });
    return path === undefined || found?.isFile() === true || found?.isDirectory() === true;
  });

/** Another thread, as seen from this one; it does one after another. */
class Thread {
  private readonly worker = new Worker(new URL('./proposing-thread.js', import.meta.url), { execArgv: [] });
  private readonly waiting: ((told: Told) => void)[] = [];
  private readonly failed: Promise<never>;

  constructor() {
    this.worker.on('message', (told: Told) => this.waiting.shift()?.(told));
    this.failed = new Promise((_, reject) => this.worker.on('error', reject));
    this.failed.catch(() => {});
  }

  /** How many it has not answered. */
  get asked(): number {
    return this.waiting.length;
  }

  propose(order: Order): Promise<Told> {
    const told = new Promise<Told>((resolve) => this.waiting.push(resolve));
    this.worker.postMessage(order);
    return Promise.race([told, this.failed]);
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }
}
