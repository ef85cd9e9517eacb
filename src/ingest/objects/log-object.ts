/** Room `objects`: the files that hold logs: listed, chosen, fetched ahead, unpacked. */
import type { SourceMark } from '../../store/batch.ts';

/** One thing to read: a file, standard input, an object in S3, a window of the event history. */
export interface LogObject {
  /** Where it lies, and its name there: its identity in the ledger. */
  readonly folder: string;
  readonly name: string;
  /** Bytes as stored; undefined when not known before reading. */
  readonly size: number | undefined;
  /** Changes when the content may have changed; '' when there is no such mark. */
  readonly etag: string;
  /** What to call it in messages. */
  readonly label: string;
  /** Written with it: its shard has been read to here, if objects of a shard come in order. */
  readonly mark?: SourceMark;
  /** It holds only some kinds of events, so it shows what was used, and covers no day. */
  readonly partial?: true;
  /** A file of this machine, which any thread can open. */
  readonly path?: string | undefined;
  /** The bytes as stored, from the start at each call (standard input: once). */
  open(): AsyncIterable<Buffer>;
}
