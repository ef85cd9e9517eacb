import { isKnown, type Known } from './ledger.ts';
import type { LogObject } from './log-object.ts';

/** What reading a source would take. */
export interface Estimate {
  /** To be read; those in the index already are `known`. */
  readonly objects: number;
  readonly known: number;
  /** As stored, of the objects to be read. */
  readonly bytes: number;
  /** To S3, without what has to be repeated. */
  readonly requests: { readonly list: number; readonly get: number };
}

export const noEstimate: Estimate = { objects: 0, known: 0, bytes: 0, requests: { list: 0, get: 0 } };

/** Counts objects, which may be any number. */
export async function countObjects(
  objects: AsyncIterable<LogObject> | Iterable<LogObject>,
  index: Known,
): Promise<Estimate> {
  let [toRead, known, bytes] = [0, 0, 0];
  for await (const object of objects) {
    if (isKnown(index, object)) known++;
    else {
      toRead++;
      bytes += object.size ?? 0;
    }
  }
  return { objects: toRead, known, bytes, requests: { list: 0, get: 0 } };
}

export const sumOfEstimates = (a: Estimate, b: Estimate): Estimate => ({
  objects: a.objects + b.objects,
  known: a.known + b.known,
  bytes: a.bytes + b.bytes,
  requests: { list: a.requests.list + b.requests.list, get: a.requests.get + b.requests.get },
});

/** US dollars for 1,000 requests, S3 Standard in us-east-1: https://aws.amazon.com/s3/pricing/ ("Requests & data retrievals") */
const dollarsForLists = 0.005;
const dollarsForGets = 0.0004;

/** What the requests cost, in US dollars; transfer out of AWS and KMS are not in it. */
export const dollarsOf = ({ requests }: Estimate): number =>
  (requests.list * dollarsForLists + requests.get * dollarsForGets) / 1000;
