/** Room `s3`: logs in a bucket: its layout, and how files that come late are found. */
import { S3Bucket, type S3Key, type S3Listing, type S3Options } from '../../aws/s3.ts';
import { InputError } from '../../iam/input-error.ts';
import { countObjects, type Estimate } from '../objects/estimate.ts';
import type { Known } from '../objects/ledger.ts';
import { ingest } from '../ingest.ts';
import type { LogObject } from '../objects/log-object.ts';
import type { UnreadObject } from '../../store/writer.ts';
import { parseReadRange, readRangeText, trailRange } from './late-files.ts';
import { isBeside } from './layout.ts';
import { s3Digests } from './digests.ts';
import { objectOf, pagesOf, shardsBelow, type Shard } from './walk.ts';
import { isChosen, type Choice } from '../objects/selection.ts';
import type { Source } from '../source.ts';
import { verified, type KeysFor } from '../verified.ts';

/** A bucket and a prefix in it; '' for all of it. */
interface S3Place {
  readonly bucket: string;
  readonly prefix: string;
}

export interface S3SourceOptions extends S3Options {
  readonly choice: Choice;
  /** Days before the last one read that are listed again. */
  readonly lookback: number;
  /** Given when digests are to be verified. */
  readonly keysFor?: KeysFor | undefined;
}

/** Shards whose first page is asked for before it is needed. */
const shardsAhead = 8;

/** @throws InputError for what is no `s3://bucket/prefix` */
export function parseS3Url(url: string): S3Place {
  const [, bucket, prefix = ''] = /^s3:\/\/([A-Za-z0-9][A-Za-z0-9._-]{1,254})(?:\/([^]*))?$/.exec(url) ?? [];
  if (bucket === undefined) throw new InputError(`${url}: no bucket; write it as s3://bucket/prefix`);
  return { bucket, prefix };
}

/**
 * The logs below a prefix of a bucket, wherever below it the layout of CloudTrail begins; what is not of the layout is read
 * whatever its name. Goes on where an earlier run stopped.
 * @throws InputError when the bucket cannot be listed, or nothing has this prefix
 */
export async function s3Source({ bucket: name, prefix }: S3Place, options: S3SourceOptions): Promise<Source> {
  const bucket = await S3Bucket.open(name, options);
  const root = await rootOf(bucket, prefix);
  const { choice, keysFor } = options;
  const objects = (index: Known, gone: (object: UnreadObject) => void): AsyncGenerator<LogObject> =>
    withUnread(bucket, root, options, index, gone);
  const logs: Source = {
    bytes: undefined,
    read: (index, run) =>
      ingest(
        objects(index, ({ folder, name: gone }) => index.settle(folder, gone, '')),
        index,
        run,
      ),
  };
  const source = keysFor ? verified(logs, s3Digests(bucket, root, choice), keysFor) : logs;
  const closing = async <T>(asked: Promise<T>): Promise<T> => asked.finally(() => bucket.close());
  const estimate = async (index: Known): Promise<Estimate> => {
    const counted = await countObjects(
      objects(index, () => {}),
      index,
    );
    return { ...counted, requests: { list: bucket.requests.list, get: counted.objects } };
  };
  return {
    bytes: undefined,
    read: (index, run) => closing(source.read(index, run)),
    // What is verified is read whether it is known or not.
    ...(keysFor ? {} : { estimate: (index: Known) => closing(estimate(index)) }),
  };
}

/** A prefix is a folder, with or without its last slash, or the key of one object. */
async function rootOf(bucket: S3Bucket, prefix: string): Promise<string | S3Key> {
  const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  for (const asked of new Set([prefix, folder])) {
    const [first] = await firstPage(bucket, { prefix: asked, pageSize: 1 });
    if (first !== undefined && first.key === prefix && !prefix.endsWith('/')) return first;
    if (first?.key.startsWith(folder)) return folder;
  }
  throw new InputError(`s3://${bucket.name}/${prefix}: nothing there; check the prefix`);
}

async function firstPage(bucket: S3Bucket, listing: S3Listing): Promise<readonly S3Key[]> {
  for await (const page of bucket.pages(listing)) return page.keys;
  return [];
}

/** The objects of a source, then those that an earlier run could not read, however old. @param gone told of one that is not there */
async function* withUnread(
  bucket: S3Bucket,
  root: string | S3Key,
  options: S3SourceOptions,
  index: Known,
  gone: (object: UnreadObject) => void,
): AsyncGenerator<LogObject> {
  const keyOf = ({ folder, name }: Pick<LogObject, 'folder' | 'name'>): string =>
    `${folder}/${name}`.slice(`s3://${bucket.name}/`.length);
  const below = typeof root === 'string' ? `s3://${bucket.name}/${root}`.replace(/\/$/, '') : undefined;
  const unread = new Map((below === undefined ? [] : index.unread(below)).map((one) => [keyOf(one), one]));
  for await (const object of objectsOf(bucket, root, options, index)) {
    unread.delete(keyOf(object));
    yield object;
  }
  for (const [key, object] of unread) {
    if (!isChosen(options.choice, object.name)) continue;
    const [first] = await firstPage(bucket, { prefix: key, pageSize: 1 });
    if (first?.key === key) yield objectOf(bucket, first);
    else gone(object);
  }
}

async function* objectsOf(
  bucket: S3Bucket,
  root: string | S3Key,
  { choice, lookback }: S3SourceOptions,
  index: Known,
): AsyncGenerator<LogObject> {
  if (typeof root !== 'string') {
    yield objectOf(bucket, root);
    return;
  }
  const waiting: Sweep[] = [];
  async function* drain({ first, rest }: Sweep): AsyncGenerator<LogObject> {
    const result = await first;
    if (result.done) return;
    yield result.value;
    yield* rest;
  }
  try {
    for await (const shard of shardsBelow(bucket, root, choice)) {
      const rest = sweep(bucket, shard, choice, lookback, index);
      const first = rest.next();
      // A failure is met when its turn comes.
      first.catch(() => undefined);
      waiting.push({ first, rest });
      if (waiting.length > shardsAhead) for (const due of waiting.splice(0, 1)) yield* drain(due);
    }
    while (waiting.length > 0) for (const due of waiting.splice(0, 1)) yield* drain(due);
  } finally {
    await Promise.allSettled(waiting.map(({ first }) => first));
  }
}

/** The objects of a shard; the first has been asked for. */
interface Sweep {
  readonly first: Promise<IteratorResult<LogObject, void>>;
  readonly rest: AsyncGenerator<LogObject, void>;
}

async function* sweep(
  bucket: S3Bucket,
  shard: Shard,
  choice: Choice,
  lookback: number,
  index: Known,
): AsyncGenerator<LogObject, void> {
  if (shard.kind === 'trail') yield* sweepTrail(bucket, shard, choice, lookback, index);
  else if (shard.kind === 'keys') yield* chosen(bucket, shard.keys, choice);
  else for await (const { keys } of bucket.pages(shard)) yield* chosen(bucket, keys, choice);
}

function* chosen(bucket: S3Bucket, keys: readonly S3Key[], choice: Choice): Generator<LogObject> {
  for (const key of keys) {
    const object = objectOf(bucket, key);
    // A key that ends in a slash is what consoles make for an empty folder.
    if (object.name !== '' && !isBeside(key.key) && isChosen(choice, object.name)) yield object;
  }
}

async function* sweepTrail(
  bucket: S3Bucket,
  trail: Shard & { kind: 'trail' },
  choice: Choice,
  lookback: number,
  index: Known,
): AsyncGenerator<LogObject> {
  const source = `s3://${bucket.name}`;
  const { root: shard } = trail;
  const [first, last] = [Math.max(trail.first, choice.first), Math.min(trail.last, choice.last)];
  if (first > last) return;
  const range = trailRange({ root: shard, first, last }, parseReadRange(index.mark(source, shard)), lookback);
  let { to } = range;
  for await (const keys of pagesOf(bucket, range))
    for (const key of keys) {
      const path = key.key.slice(shard.length);
      if (path > to) to = path;
      const mark = { source, shard, mark: readRangeText({ from: range.from, to }) };
      for (const object of chosen(bucket, [key], choice)) yield { ...object, mark };
    }
}
