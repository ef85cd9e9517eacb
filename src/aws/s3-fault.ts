import { InputError } from '../iam/input-error.ts';
import { isObject } from '../iam/json.ts';
import { networkFault, statusOf, unreachable } from './failure.ts';

/** An object whose bytes cannot be had, though others of the bucket can; `code` says why. */
export class ObjectFault extends Error {
  readonly code: string;

  constructor(code: string, cause: unknown) {
    super(code, { cause });
    this.code = code;
  }
}

/** The Region that S3 names when it is asked in another: https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html */
export function regionOf(error: unknown): string | undefined {
  const response = isObject(error) ? error['$response'] : undefined;
  const headers = isObject(response) ? response['headers'] : undefined;
  const region = isObject(headers) ? headers['x-amz-bucket-region'] : undefined;
  return typeof region === 'string' ? region : undefined;
}

/** What hits one object alone; undefined for what hits all of the bucket. */
export function objectFault(error: unknown): ObjectFault | undefined {
  const cause = error instanceof InputError ? error.cause : undefined;
  if (!(cause instanceof Error)) return undefined;
  if (cause.name === 'InvalidObjectState') return new ObjectFault('archived: restore it first', cause);
  const network = networkFault(cause);
  if (network !== undefined) return unreachable.has(network) ? undefined : new ObjectFault(network, cause);
  const status = statusOf(cause);
  const alone = cause.name !== 'NoSuchBucket' && ([404, 412, 416].includes(status) || status >= 500);
  return alone ? new ObjectFault(cause.name, cause) : undefined;
}
