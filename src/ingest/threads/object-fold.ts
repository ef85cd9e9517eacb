/** Room `threads`: objects are read and their calls folded, on several threads or on this one. */
import { Batch, type ObjectEntry } from '../../store/batch.ts';
import { folded, type FoldedFacts } from '../../store/folded.ts';
import { ObjectReader } from '../formats/object-reader.ts';
import { readFault, storedBytes, streamContent, unpackedWhole } from '../objects/content.ts';
import type { LogObject } from '../objects/log-object.ts';

/** What is read: an object, perhaps with its bytes as stored. */
export interface Input extends Pick<LogObject, 'size' | 'path' | 'open'> {
  readonly partial: boolean;
  readonly bytes: Buffer | undefined;
}

/** What came of reading an object; `facts` are those that were not given out before. */
export type Outcome =
  /** Its bytes could not be had. */
  | { readonly kind: 'unread'; readonly fault: string; readonly facts?: FoldedFacts }
  /** Its content is not to be used. */
  | { readonly kind: 'refused' }
  | ({
      readonly kind: 'folded';
      readonly facts: FoldedFacts;
      /** All its facts are here: whether they are used may still be decided. */
      readonly isWhole: boolean;
      /** Its bytes ended early: the hash is not that of its content. */
      readonly isCut: boolean;
      readonly unpacked: number;
    } & Pick<ObjectEntry, 'hash' | 'size' | 'read' | 'used' | 'duplicate' | 'skipped' | 'fault'>);

/** Who is told of an object while it is read. */
export interface Listener {
  /** Takes facts of an object that is still being read. */
  part(facts: FoldedFacts): Promise<void> | void;
  /** Whether content of this hash is to be used; asked of what is read piece by piece, before it is. */
  accepts?: ((hash: Buffer) => boolean) | undefined;
}

/** Facts are given out when so many rows wait. */
const partRows = 20_000;

/** Reads an object and folds its calls. */
export async function foldObject(input: Input, listener: Listener): Promise<Outcome> {
  let { bytes } = input;
  try {
    // What has no path was asked for its bytes before.
    if (input.path !== undefined) bytes ??= await storedBytes(input);
  } catch (error) {
    return { kind: 'unread', fault: readFault(error) };
  }
  const fold = new Fold(input.partial);
  const whole = bytes && unpackedWhole(bytes);
  if (bytes && whole) {
    fold.reader.push(whole.bytes);
    const fault = whole.bytes.length === 0 ? 'empty file' : await fold.reader.end();
    return fold.outcome({ hash: whole.hash, size: bytes.length, unpacked: whole.bytes.length, fault });
  }
  return foldStream(bytes ? inHand(bytes) : input, fold, listener);
}

async function foldStream(source: Pick<Input, 'open'>, fold: Fold, listener: Listener): Promise<Outcome> {
  // Its facts are given out as it is read, so its hash must be known before.
  if (listener.accepts) {
    const all = await streamContent(source, () => {});
    if (all.unread) return { kind: 'unread', fault: all.fault };
    if (!listener.accepts(all.hash)) return { kind: 'refused' };
  }
  const end = await streamContent(source, async (chunk) => {
    fold.reader.push(chunk);
    if (fold.batch.size >= partRows) await listener.part(fold.take());
  });
  if (end.unread) return { kind: 'unread', fault: end.fault, facts: fold.take() };
  const last = end.unpacked === 0 && end.fault === '' ? 'empty file' : await fold.reader.end();
  const { hash, stored: size, unpacked } = end;
  const fault = [end.fault, last].filter(Boolean).join('; ');
  return fold.outcome({ hash, size, unpacked, fault, isWhole: false, isCut: end.fault !== '' });
}

/** The calls of one object. */
class Fold {
  batch = new Batch();
  readonly reader = new ObjectReader((call, delivered) => this.batch.add(call, 0, delivered ? 1 : 0));
  private readonly partial: boolean;

  constructor(partial: boolean) {
    this.partial = partial;
    this.batch.source('', '', partial);
  }

  take(): FoldedFacts {
    const facts = folded(this.batch);
    this.batch = new Batch();
    this.batch.source('', '', this.partial);
    return facts;
  }

  outcome(
    of: Pick<Outcome & { kind: 'folded' }, 'hash' | 'size' | 'unpacked' | 'fault'> & {
      readonly isWhole?: boolean;
      readonly isCut?: boolean;
    },
  ): Outcome {
    const { read, used, duplicate, skipped } = this.reader;
    const facts = this.take();
    return { kind: 'folded', isWhole: true, isCut: false, ...of, facts, read, used, duplicate, skipped };
  }
}

const inHand = (bytes: Buffer): Pick<Input, 'open'> => ({
  async *open() {
    yield bytes;
  },
});
