import type { S3Bucket, S3Key } from '../../aws/s3.ts';
import type { LogObject } from '../objects/log-object.ts';

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
