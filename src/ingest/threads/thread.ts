import { parentPort } from 'node:worker_threads';
import type { FoldedFacts } from '../../store/folded.ts';
import { openFile } from '../objects/local.ts';
import { foldObject, type Input, type Outcome } from './object-fold.ts';

/** To a thread: an object to read, by its path or its bytes; or that the part it told of was taken. */
export type Order = ({ readonly kind: 'fold' } & Omit<Input, 'open'>) | { readonly kind: 'taken' };

/** From a thread: a part of what came of the object, or all the rest. */
export type Told =
  | { readonly kind: 'part'; readonly facts: FoldedFacts }
  | { readonly kind: 'done'; readonly outcome: Outcome };

/** Parts that may wait to be taken: an object can be read on while others have their turn. */
const mostParts = 8;

const tell = (told: Told): void => parentPort?.postMessage(told);
let untaken = 0;
let taken = (): void => {};

async function part(facts: FoldedFacts): Promise<void> {
  tell({ kind: 'part', facts });
  if (++untaken >= mostParts) await new Promise<void>((resolve) => (taken = resolve));
}

async function fold({ path = '', ...object }: Order & { kind: 'fold' }): Promise<void> {
  // Buffers cross as what they are made of.
  const bytes =
    object.bytes && Buffer.from(object.bytes.buffer, object.bytes.byteOffset, object.bytes.length);
  const input = { ...object, path, bytes, open: () => openFile(path) };
  tell({ kind: 'done', outcome: await foldObject(input, { part }) });
}

let last = Promise.resolve();
parentPort?.on('message', (order: Order) => {
  if (order.kind === 'taken') {
    untaken--;
    taken();
  }
  // One after another. What fails here is told to the other end as the error of this thread.
  else last = last.then(() => fold(order));
});
