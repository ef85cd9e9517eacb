/** One thing to read: a file, standard input, later an object in S3. */
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
  /** The bytes as stored, from the start at each call (standard input: once). */
  open(): AsyncIterable<Buffer>;
}
