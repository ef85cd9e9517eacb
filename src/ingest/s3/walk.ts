import pLimit from 'p-limit';
import type { S3Bucket, S3Key } from '../../aws/s3.ts';
import { placeOf, type LayoutPlace } from './layout.ts';
import type { LogObject } from '../objects/log-object.ts';
import { isWanted, type Choice } from '../objects/selection.ts';
import type { TrailRange } from './late-files.ts';

/** A part of a bucket that is listed by itself, in one sweep. */
export type Shard =
  | (LayoutPlace & { readonly kind: 'trail' })
  /** All keys below a prefix, whatever their names. */
  | { readonly kind: 'plain'; readonly prefix: string }
  /** Keys met on the way. */
  | { readonly kind: 'keys'; readonly keys: readonly S3Key[] };

interface Folder {
  readonly prefix: string;
  /** Levels above it that are not of the layout. */
  readonly depth: number;
}

/** How deep the layout is looked for below folders of other names. */
const maxDepth = 4;
/** Requests at a time that look for it. */
const atOnce = 8;

/**
 * Finds the logs below a prefix with a request for each folder above a Region. Accounts and Regions that were not chosen
 * are passed over unlisted. Folders of other names are looked into, to a depth and if a page shows all that lies in them;
 * else all below them is one shard.
 * @param prefix '' or ending in a slash
 */
export async function* shardsBelow(bucket: S3Bucket, prefix: string, choice: Choice): AsyncGenerator<Shard> {
  const limit = pLimit(atOnce);
  let level: Folder[] = [{ prefix, depth: 0 }];
  while (level.length > 0) {
    const found = await Promise.all(level.map((folder) => limit(() => lookInto(bucket, folder, choice))));
    for (const { shards } of found) yield* shards;
    level = found.flatMap(({ folders }) => folders);
  }
}

interface Found {
  readonly shards: readonly Shard[];
  readonly folders: readonly Folder[];
}

async function lookInto(bucket: S3Bucket, { prefix, depth }: Folder, choice: Choice): Promise<Found> {
  const nothing: Found = { shards: [], folders: [] };
  const place = placeOf(prefix);
  if (place.kind === 'other') return nothing;
  if (place.kind === 'folder') {
    if (depth > maxDepth) return { shards: [{ kind: 'plain', prefix }], folders: [] };
    return await children(bucket, prefix, depth + 1);
  }
  if (place.account !== '' && !isWanted(choice.accounts, place.account)) return nothing;
  if (place.kind === 'level') return await children(bucket, prefix, depth);
  if (place.kind === 'account') return { shards: [], folders: [{ prefix: `${prefix}CloudTrail/`, depth }] };
  return isWanted(choice.regions, place.region) ? { shards: [place], folders: [] } : nothing;
}

/** What lies in a folder; all of it as one shard when there is more than a page, unless these are folders of the layout. */
async function children(bucket: S3Bucket, prefix: string, depth: number): Promise<Found> {
  const folders: Folder[] = [];
  for await (const page of bucket.pages({ prefix, delimiter: '/' })) {
    const known = page.folders.every((folder) => placeOf(folder).kind !== 'folder');
    if (page.more && (page.keys.length > 0 || !known))
      return { shards: [{ kind: 'plain', prefix }], folders: [] };
    folders.push(...page.folders.map((folder) => ({ prefix: folder, depth })));
    if (!page.more) return { shards: [{ kind: 'keys', keys: page.keys }], folders };
  }
  return { shards: [], folders };
}

/** The objects of a range, page by page. */
export async function* pagesOf(bucket: S3Bucket, range: TrailRange): AsyncGenerator<readonly S3Key[]> {
  for await (const { keys } of bucket.pages(range)) {
    const due = keys.filter(({ key }) => key <= range.end);
    yield due;
    if (due.length < keys.length) return;
  }
}

/** An object of a listing, to be read. */
export function objectOf(bucket: S3Bucket, listed: S3Key): LogObject {
  const { key, size, etag } = listed;
  const slash = key.lastIndexOf('/');
  return {
    folder: `s3://${bucket.name}${slash === -1 ? '' : `/${key.slice(0, slash)}`}`,
    name: key.slice(slash + 1),
    size,
    etag,
    label: `s3://${bucket.name}/${key}`,
    open: () => bucket.read(listed),
  };
}
