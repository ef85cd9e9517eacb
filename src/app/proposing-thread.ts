import { parentPort } from 'node:worker_threads';
import { InputError } from '../iam/input-error.ts';
import { IndexReader } from '../store/reader.ts';
import { outcomeOf, type Order, type Outcome, type Told } from './proposals.ts';
import { Proposer } from './proposer.ts';

let lines: string[] = [];
let opened: Promise<Proposer> | undefined;

async function answer({ db, settings, how, identity }: Order): Promise<void> {
  opened ??= Proposer.open(IndexReader.open(db), settings, {}, (line) => lines.push(line));
  const proposer = await opened;
  // What it warned of when it was opened, the other end has said.
  lines = [];
  const outcome = await outcomeOf(proposer, identity, how, false).catch((error: unknown): Outcome => {
    if (error instanceof InputError) return { fault: error.message };
    throw error;
  });
  const told: Told = { outcome, lines, excludedBy: [...proposer.observation.excludedBy] };
  parentPort?.postMessage(told);
}

// What fails here is told to the other end as the error of this thread.
let turn = Promise.resolve();
parentPort?.on('message', (order: Order) => {
  turn = turn.then(() => answer(order));
});
