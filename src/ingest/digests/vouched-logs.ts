import { plainName, parseDigestName } from './digest.ts';
import type { ChainCheck, DigestProblem, DigestState } from './digest-chain.ts';
import { parseObjectName, type ObjectKey } from '../objects/object-key.ts';

/** How many log files were checked with what result. */
export type LogCounts = {
  proven: number;
  /** A digest that cannot be checked names it, or none can yet: it was delivered after the last. */
  unproven: number;
  altered: number;
  missing: number;
  /** No digest names it, or only one that is not valid. */
  unnamed: number;
};

/** What a digest says of a log file. */
interface DigestEntry {
  /** `bucket` and `key` as CloudTrail delivered it. */
  readonly bucket: string;
  readonly key: string;
  readonly hash: string;
  readonly state: DigestState;
  readonly digest: string;
}

/** A log file's name has the minute it was delivered in; the digest of that hour may have been cut a little before. */
const cutSeconds = 15 * 60;
/** Digests come every hour, also when nothing was delivered: what is this much younger than the last lacks its digest. */
const patienceSeconds = 2 * 3600;

/** What the digests say about log files, and what came of asking. */
export class VouchedLogs {
  readonly counts: LogCounts = { proven: 0, unproven: 0, altered: 0, missing: 0, unnamed: 0 };
  readonly problems: DigestProblem[] = [];
  private readonly entries = new Map<string, DigestEntry[]>();
  /** Account and Region -> seconds since 1970 that digests reach to. */
  private readonly reach = new Map<string, number>();
  private readonly seen = new Set<string>();

  constructor({ digests }: Pick<ChainCheck, 'digests'>) {
    for (const { file, state } of digests) {
      if (typeof file.digest === 'string') continue;
      for (const log of file.digest.logs) {
        const name = plainName(log.key);
        const known = this.entries.get(name) ?? [];
        known.push({ ...log, state, digest: file.label });
        this.entries.set(name, known);
      }
      const parsed = parseDigestName(file.name);
      if (state === 'invalid' || parsed === undefined || parsed.isBackfill) continue;
      const place = `${parsed.account} ${parsed.region}`;
      const end = Date.parse(file.digest.end) / 1000;
      this.reach.set(place, Math.max(end, this.reach.get(place) ?? end));
    }
  }

  /** Whether a log file of this name and SHA-256 may be used: not if it is other than a digest says, or none names it that should. */
  accepts(name: string, hash: Buffer, label: string): boolean {
    const plain = plainName(name);
    this.seen.add(plain);
    const all = this.entries.get(plain) ?? [];
    const vouching = all.filter(({ state }) => state !== 'invalid');
    const right = vouching.filter((entry) => entry.hash === hash.toString('hex'));
    if (right.some(({ state }) => state === 'proven')) this.counts.proven++;
    else if (right.length > 0 && right.length === vouching.length) this.counts.unproven++;
    else if (vouching[0])
      return this.refuse('altered', label, `altered: not what ${vouching[0].digest} recorded`);
    else if (all[0])
      return this.refuse('unnamed', label, `only ${all[0].digest} names it, which is not valid`);
    else if (this.isWaiting(plain)) this.counts.unproven++;
    else return this.refuse('unnamed', label, 'no digest names it');
    return true;
  }

  /** The log files that valid digests name and that were not asked about, by name. */
  *unseen(wanted: (key: ObjectKey) => boolean): Generator<DigestEntry> {
    for (const [name, entries] of this.entries) {
      const entry = entries.find(({ state }) => state !== 'invalid');
      const key = parseObjectName(name);
      if (entry && !this.seen.has(name) && (key === undefined || wanted(key))) yield entry;
    }
  }

  /** Judges a log file that was not asked about. @param hash of what an earlier run read of it, if one did */
  absent({ key, digest, state, hash: named }: DigestEntry, hash: Buffer | undefined): void {
    if (hash === undefined) this.refuse('missing', key, `the log file is missing (${digest} names it)`);
    else if (hash.toString('hex') !== named)
      this.refuse('altered', key, `altered: what an earlier run read is not what ${digest} recorded`);
    else this.counts[state === 'proven' ? 'proven' : 'unproven']++;
  }

  private refuse(kind: 'altered' | 'missing' | 'unnamed', object: string, problem: string): false {
    this.counts[kind]++;
    this.problems.push({ object, problem });
    return false;
  }

  /** Whether the digest that will name it has not been made yet. */
  private isWaiting(name: string): boolean {
    const key = parseObjectName(name);
    if (key === undefined) return false;
    const reach = this.reach.get(`${key.account} ${key.region}`);
    return reach !== undefined && key.time > reach - cutSeconds && key.time <= reach + patienceSeconds;
  }
}
