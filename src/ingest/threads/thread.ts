import { parentPort, type MessagePort } from 'node:worker_threads';
import type { FoldedFacts } from '../../store/folded.ts';
import { openFile } from '../objects/local.ts';
import { foldObject, type Outcome } from './object-fold.ts';

/** To a thread: an object to read, by its path or its bytes; or that the part it told of was taken. */
export type Order =
  | {
      readonly kind: 'fold';
      readonly size: number | undefined;
      readonly path: string | undefined;
      readonly partial: boolean;
      readonly bytes: Uint8Array | undefined;
    }
  | { readonly kind: 'taken' };

/** From a thread: a part of what came of the object, or all the rest. */
export type Told =
  | { readonly kind: 'part'; readonly facts: FoldedFacts }
  | { readonly kind: 'done'; readonly outcome: Outcome };

/** Reads objects for the thread at the other end. */
class Server {
  private readonly port: MessagePort;
  private taken: (() => void) | undefined;

  constructor(port: MessagePort) {
    this.port = port;
    port.on('message', (order: Order) => {
      if (order.kind === 'taken') this.taken?.();
      // What fails here is told to the other end as the error of this thread.
      else void this.fold(order);
    });
  }

  private async fold({ size, path = '', partial, bytes }: Order & { kind: 'fold' }): Promise<void> {
    const stored = bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const outcome = await foldObject(
      { size, path, partial, open: () => openFile(path), bytes: stored },
      {
        part: (facts) =>
          new Promise((resolve) => {
            this.taken = resolve;
            this.tell({ kind: 'part', facts });
          }),
      },
    );
    this.tell({ kind: 'done', outcome });
  }

  private tell(told: Told): void {
    this.port.postMessage(told);
  }
}

export const server = parentPort && new Server(parentPort);
