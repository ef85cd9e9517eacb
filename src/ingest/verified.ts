import pLimit from 'p-limit';
import { bitOfDay, dayOfTime, monthOfDay } from '../iam/days.ts';
import { InputError } from '../iam/input-error.ts';
import { byCodeUnit } from '../iam/order.ts';
import { Batch } from '../store/batch.ts';
import { readFault, storedBytes, unpackedWhole } from './objects/content.ts';
import { checkChains, type ChainCheck, type DigestFile } from './digests/digest-chain.ts';
import { addCounts, newReport, type DigestReport } from './ingest.ts';
import { parseDigest, parseDigestName, plainName, type Digest } from './digests/digest.ts';
import type { PublicKeys } from './digests/digest-signature.ts';
import type { LogObject } from './objects/log-object.ts';
import { delivery, type ObjectKey } from './objects/object-key.ts';
import { chooseByKey, chooser, type Selection } from './objects/selection.ts';
import { objectSource, type Source } from './source.ts';
import { VouchedLogs } from './digests/vouched-logs.ts';

/** A digest file to read, and its signature if its metadata came along, known once it has been opened. */
export interface DigestObject extends LogObject {
  readonly signature?: () => string | undefined;
}

/** Where the digests of a source lie. */
export interface DigestShelf {
  readonly digests: AsyncIterable<DigestObject> | Iterable<DigestObject>;
  /** Whether a log file that a digest names is among those that the source reads. */
  readonly wants: (key: ObjectKey) => boolean;
}

/** Finds the public keys that these digests may be signed with. */
export type KeysFor = (digests: readonly DigestFile[]) => Promise<PublicKeys>;

/**
 * A source that reads only log files that CloudTrail's digests vouch for: one that was altered, and one that no digest names
 * although one should, is a problem and gives nothing to the index.
 */
export function verified(source: Source, shelf: DigestShelf, keysFor: KeysFor): Source {
  return {
    bytes: source.bytes,
    async read(index, options) {
      const files = await readDigests(shelf.digests, options.concurrency);
      const check = checkChains(files, await keysFor(files));
      const logs = new VouchedLogs(check);
      const { report = newReport() } = options;
      const notes: string[] = [];
      await source.read(index, {
        ...options,
        report,
        accepts({ folder, name, label }, hash) {
          const accepted = logs.accepts(name, hash, label);
          if (!accepted && index.ledger(folder, name)?.hash.equals(hash))
            notes.push(`${label}: an earlier run has read it; make the index anew without it`);
          return accepted;
        },
      });
      const unread = new Set(report.failures.map(({ object }) => plainName(object)));
      for (const entry of options.signal?.aborted ? [] : logs.unseen(shelf.wants)) {
        const { bucket, key } = entry;
        if (unread.has(plainName(key))) continue;
        // What a source need not list again is in the ledger, with the hash of what was read then.
        const slash = key.lastIndexOf('/');
        logs.absent(entry, index.ledger(`s3://${bucket}/${key.slice(0, slash)}`, key.slice(slash + 1))?.hash);
      }
      const quiet = new Batch();
      for (const key of quietHours(check))
        if (shelf.wants(key)) {
          quiet.cover(delivery(key), monthOfDay(key.day), bitOfDay(key.day));
          quiet.deliver(key.day, key.day);
        }
      if (quiet.coverage.size > 0) index.commit(quiet);
      const digests = (report.digests ??= noDigestsYet());
      for (const { state } of check.digests) digests.files[state]++;
      digests.files.missing += check.missing;
      addCounts(digests.logs, logs.counts);
      // A problem for each file that is missing may be more than a call takes arguments.
      for (const problem of [...check.problems, ...logs.problems]) digests.problems.push(problem);
      for (const note of [...check.notes, ...notes]) digests.notes.push(note);
      return report;
    },
  };
}

const noDigestsYet = (): DigestReport => ({
  files: { proven: 0, unproven: 0, invalid: 0, missing: 0 },
  logs: { proven: 0, unproven: 0, altered: 0, missing: 0, unnamed: 0 },
  problems: [],
  notes: [],
});

/** Hours of which a proven digest says that no log file was delivered, of accounts and Regions in which others were. */
function quietHours({ digests }: ChainCheck): readonly ObjectKey[] {
  const busy = new Set<string>();
  const quiet: (ObjectKey & { readonly place: string })[] = [];
  for (const { file, state } of digests) {
    const name = parseDigestName(file.name);
    if (state !== 'proven' || typeof file.digest === 'string' || !name || name.isBackfill) continue;
    const place = `${name.account} ${name.region}`;
    const time = Date.parse(file.digest.start) / 1000;
    if (file.digest.logs.length > 0) busy.add(place);
    else quiet.push({ ...name, time, day: dayOfTime(time), place });
  }
  return quiet.filter(({ place }) => busy.has(place));
}

/** The log files among known objects, as the digests among them vouch for them. @throws InputError when there is no digest */
export function verifiedObjects(
  objects: readonly LogObject[],
  selection: Selection,
  keysFor: KeysFor,
): Source {
  const wants = chooser(objects, selection);
  const logs = objects.filter(({ name }) => !/_CloudTrail-(?:Digest|Insight)_/.test(name));
  const digests = objects.filter(({ name }) => {
    const key = parseDigestName(name);
    // The last log files of a day stand in a digest of the next.
    return key !== undefined && (wants(key) || wants({ ...key, day: key.day - 1 }));
  });
  if (digests.length === 0) throw noDigests();
  return verified(objectSource(chooseByKey(logs, selection)), { digests, wants }, keysFor);
}

const noDigests = (): InputError =>
  new InputError(
    '--verify-digests: no digest file in these sources and days; they lie in CloudTrail-Digest, beside CloudTrail',
  );

/** Reads digest files, some at once. @throws InputError when there is none */
async function readDigests(objects: DigestShelf['digests'], concurrency: number): Promise<DigestFile[]> {
  const limit = pLimit(concurrency);
  const reading: Promise<DigestFile>[] = [];
  for await (const object of objects) reading.push(limit(() => readDigest(object)));
  const files = await Promise.all(reading);
  if (files.length === 0) throw noDigests();
  return files.sort((a, b) => byCodeUnit(a.label, b.label));
}

async function readDigest(object: DigestObject): Promise<DigestFile> {
  const digest = await digestIn(object);
  return { name: plainName(object.name), label: object.label, digest, signature: object.signature?.() };
}

async function digestIn(object: DigestObject): Promise<Digest | string> {
  try {
    const stored = await storedBytes(object);
    const whole = stored && unpackedWhole(stored);
    return whole ? parseDigest(whole.bytes) : 'it cannot be unpacked';
  } catch (error) {
    return `it ${readFault(error)}`;
  }
}
