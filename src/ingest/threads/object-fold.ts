/** Room `threads`: objects are read and their calls folded, on several threads or on this one. */
import { Batch, type ObjectEntry } from '../../store/batch.ts';
import { folded, type FoldedFacts } from '../../store/folded.ts';
import { ObjectReader } from '../formats/object-reader.ts';
import { readFault, storedBytes, streamContent, unpackedWhole } from '../objects/content.ts';

/** What is read: an object, perhaps with its bytes as stored. */
export interface Input {
  readonly size: number | undefined;
  /** Of a file: what has none was asked for its bytes before. */
  readonly path: string | undefined;
  readonly partial: boolean;
  readonly bytes: Buffer | undefined;
  open(): AsyncIterable<Buffer>;
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
  /** Whether content of this hash is to be used. */
  accepts?: ((hash: Buffer) => boolean) | undefined;
}

/** Facts are given out when so many rows wait. */
const partRows = 5000;

/** Reads an object and folds its calls. */
export async function foldObject(input: Input, listener: Listener): Promise<Outcome> {
  const { accepts } = listener;
  let { bytes } = input;
  try {
    if (input.path !== undefined) bytes ??= await storedBytes(input);
  } catch (error) {
    return { kind: 'unread', fault: readFault(error) };
  }
  let batch = newBatch(input.partial);
  const reader = new ObjectReader((call, delivered) => batch.add(call, 0, delivered ? 1 : 0));
  const take = (): FoldedFacts => {
    const facts = folded(batch);
    batch = newBatch(input.partial);
    return facts;
  };
  const whole = bytes && unpackedWhole(bytes);
  const source = bytes ? inHand(bytes) : input;
  // Facts are given out while an object is read, so its hash must be known before.
  if (accepts) {
    const { hash, fault, unread } = whole ?? (await streamContent(source, () => {}));
    if (unread) return { kind: 'unread', fault };
    if (!accepts(hash)) return { kind: 'refused' };
  }
  if (whole) reader.push(whole.bytes);
  const { hash, stored, unpacked, fault, unread } =
    whole ??
    (await streamContent(source, async (chunk) => {
      reader.push(chunk);
      if (batch.size >= partRows) await listener.part(take());
    }));
  if (unread) return { kind: 'unread', fault, facts: take() };
  const last = unpacked === 0 && fault === '' ? 'empty file' : await reader.end();
  const { read, used, duplicate, skipped } = reader;
  return {
    kind: 'folded',
    facts: take(),
    isWhole: whole !== undefined,
    isCut: fault !== '',
    hash,
    size: stored,
    unpacked,
    read,
    used,
    duplicate,
    skipped,
    fault: [fault, last].filter(Boolean).join('; '),
  };
}

function newBatch(partial: boolean): Batch {
  const batch = new Batch();
  batch.source('', '', partial);
  return batch;
}

const inHand = (bytes: Buffer): Pick<Input, 'open'> => ({
  async *open() {
    yield bytes;
  },
});
