import type { S3Bucket, S3Key } from '../../aws/s3.ts';
import type { ObjectKey } from '../objects/object-key.ts';
import { trailRange } from './late-files.ts';
import { objectOf, pagesOf, shardsBelow } from './walk.ts';
import { takes, type Choice } from '../objects/selection.ts';
import type { DigestObject, DigestShelf } from '../verified.ts';

/** Logs of an account and a Region; the account is '' where the prefix does not say. */
interface Asked {
  readonly account: string;
  readonly region: string;
  readonly first: number;
  readonly last: number;
}

/** The digest files of the trails below a prefix (one object has none): they lie in `CloudTrail-Digest/`, beside `CloudTrail/`. */
export function s3Digests(bucket: S3Bucket, root: string | S3Key, choice: Choice): DigestShelf {
  const asked: Asked[] = [];
  async function* digests(): AsyncGenerator<DigestObject> {
    if (typeof root !== 'string') return;
    for await (const shard of shardsBelow(bucket, root, choice)) {
      if (shard.kind !== 'trail') continue;
      const first = Math.max(shard.first, choice.first);
      const last = Math.min(shard.last, choice.last);
      asked.push({ account: shard.account, region: shard.region, first, last });
      const root = shard.root.replace(/CloudTrail(\/[^/]+\/)$/, 'CloudTrail-Digest$1');
      // The last log files of a day stand in a digest of the next.
      const range = trailRange({ root, first, last: last + 1 }, undefined, 0);
      for await (const keys of pagesOf(bucket, range)) yield* keys.map((key) => digestOf(bucket, key));
    }
  }
  return {
    digests: digests(),
    wants: (key: ObjectKey) => takes(choice, key) && asked.some((one) => covers(one, key)),
  };
}

const covers = ({ account, region, first, last }: Asked, key: ObjectKey): boolean =>
  (account === '' || account === key.account) && region === key.region && key.day >= first && key.day <= last;

/** Its signature is in its metadata: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html */
function digestOf(bucket: S3Bucket, listed: S3Key): DigestObject {
  let signature: string | undefined;
  return {
    ...objectOf(bucket, listed),
    open: () => bucket.read(listed, ({ metadata }) => (signature = metadata['signature'])),
    signature: () => signature,
  };
}
