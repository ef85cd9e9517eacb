import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { DigestReport, IngestReport } from '../../src/ingest/ingest.ts';
import { parseDigest } from '../../src/ingest/digests/digest.ts';
import { parseListedKeys, publicKeys } from '../../src/ingest/digests/digest-signature.ts';
import { localObjects } from '../../src/ingest/objects/local.ts';
import type { LogObject } from '../../src/ingest/objects/log-object.ts';
import { verifiedObjects } from '../../src/ingest/verified.ts';
import { IndexReader } from '../../src/store/reader.ts';
import { IndexWriter } from '../../src/store/writer.ts';
import { coveredDaysOf } from '../../src/synth/usage/deliveries.ts';
import {
  digestOf,
  listOfKeys,
  logOf,
  objectsOf,
  signingKey,
  trailOf,
  writeDelivered,
  type Delivered,
} from './digest-chain.ts';
import { scratch } from './trail.ts';

const key = signingKey();
const hours = trailOf([0, 1, 2, 3, 4], key);

/** Reads a folder with verification. */
async function read(
  folder: string,
  {
    keys = [key],
    db = join(folder, '..', `${folder.length}.db`),
    ...window
  }: {
    keys?: readonly (typeof key)[];
    db?: string;
    since?: string;
    until?: string;
    signatures?: ReadonlyMap<string, string>;
  } = {},
): Promise<IngestReport & { digests: DigestReport }> {
  const objects: LogObject[] = [];
  for await (const object of localObjects(folder)) {
    const signature = [...(window.signatures ?? [])].find(([path]) => path.endsWith(object.name))?.[1];
    objects.push(signature === undefined ? object : Object.assign(object, { signature: () => signature }));
  }
  const selection = { since: window.since, until: window.until, accounts: undefined, regions: undefined };
  const trusted = publicKeys(parseListedKeys(listOfKeys(...keys), 'keys'));
  const source = verifiedObjects(objects, selection, () => Promise.resolve(trusted));
  const index = IndexWriter.open(db);
  try {
    const { digests, ...report } = await source.read(index, { concurrency: 2, clock: () => 0 });
    if (digests === undefined) throw new Error('no report on digests');
    return { ...report, digests };
  } finally {
    index.close();
  }
}

/** A folder with these objects. */
function folderOf(objects: readonly Delivered[]): string {
  const folder = join(scratch(), 'trail');
  writeDelivered(folder, objects);
  return folder;
}

const lines = ({ digests }: { digests: DigestReport }): string[] =>
  digests.problems.map(({ object, problem }) => `${object.slice(object.lastIndexOf('/') + 1)}: ${problem}`);

/** Days that a folder covers. */
async function daysOf(chosen: readonly Delivered[]): Promise<number> {
  const folder = folderOf(chosen);
  const db = join(folder, '..', 'quiet.db');
  await read(folder, { db });
  const index = IndexReader.open(db);
  try {
    return coveredDaysOf(index.coverage()).length;
  } finally {
    index.close();
  }
}

/** Four days of digests, with a log an hour on some. */
const withLogsOn = (days: readonly number[]) => {
  let before: ReturnType<typeof digestOf> | null = null;
  return Array.from({ length: 4 * 24 }, (_, hour) => {
    const log = days.includes(Math.floor(hour / 24)) ? [logOf(hour)] : [];
    before = digestOf(hour, log, key, before);
    return [...log, before];
  }).flat();
};

test('a day without a log file is covered where proven digests say that none was delivered', async () => {
  const objects = withLogsOn([0, 3]);
  expect(await daysOf(objects)).toBe(4);
  const others = objects.filter(({ key: name }) => !/2026(0304T|0305T0001)/.test(name));
  expect(await daysOf(others)).toBe(3);
  // No log is younger than the quiet days at the end.
  expect(await daysOf(withLogsOn([0, 1]))).toBe(4);
});

test('a sound chain: all is read, and the last digest is said to be unchecked', async () => {
  const report = await read(folderOf(objectsOf(hours)));
  expect(report).toMatchObject({
    objects: { read: 5, failed: 0 },
    events: { used: 5 },
    digests: {
      files: { proven: 4, unproven: 1, invalid: 0, missing: 0 },
      logs: { proven: 4, unproven: 1, altered: 0, missing: 0, unnamed: 0 },
      problems: [],
    },
  });
  expect(report.digests.notes).toEqual([
    expect.stringMatching(/T050131Z\.json\.gz: the last digest of its chain cannot be checked here/),
  ]);
});

test('with the signature of its object, the last digest is proven too', async () => {
  const signatures = new Map([[hours[4]?.digest.key ?? '', hours[4]?.digest.signature ?? '']]);
  const { digests } = await read(folderOf(objectsOf(hours)), { signatures });
  expect(digests).toMatchObject({ files: { proven: 5, unproven: 0 }, logs: { proven: 5 }, notes: [] });
});

test('unpacked copies are known by their names', async () => {
  const folder = join(scratch(), 'flat');
  writeDelivered(folder, []);
  for (const { key: path, content } of objectsOf(hours)) {
    writeDelivered(folder, [{ key: path, content }]);
    const file = join(folder, path);
    rmSync(file);
    writeFileSync(file.replace(/\.gz$/, ''), content);
  }
  expect(await read(folder)).toMatchObject({ events: { used: 5 }, digests: { problems: [] } });
});

describe('what is wrong is named, and gives nothing to the index', () => {
  const without = (...gone: readonly (Delivered | undefined)[]): Delivered[] =>
    objectsOf(hours).filter((object) => !gone.includes(object));
  const other = signingKey();
  const altered = (object: Delivered | undefined): Delivered[] =>
    objectsOf(hours).map((one) =>
      one === object
        ? {
            ...one,
            content: Buffer.concat([one.content, Buffer.from(' ')]),
          }
        : one,
    );

  test.each<[what: string, objects: readonly Delivered[], used: number, problems: readonly RegExp[]]>([
    ['an altered log', altered(hours[2]?.log), 4, [/_tail2.json.gz: altered: not what .*T030131Z/]],
    ['a missing log', without(hours[2]?.log), 4, [/_tail2.json.gz: the log file is missing \(.*T030131Z/]],
    [
      'a missing digest: the one before it, whose signature it repeats, cannot be checked either',
      without(hours[2]?.digest),
      3,
      [
        /T020131Z.json.gz: cannot be checked: the digest after it/,
        /T030131Z.json.gz: the digest file is missing \(.*T040131Z/,
        /_tail1.json.gz: only .*T020131Z.* names it, which is not valid/,
        /_tail2.json.gz: no digest names it/,
      ],
    ],
    [
      'an altered digest',
      altered(hours[2]?.digest),
      4,
      [/T030131Z.json.gz: altered: its content/, /_tail2.json.gz: only .*T030131Z.* names it/],
    ],
    [
      'a log that no digest names',
      [...objectsOf(hours), logOf(2, 'forged')],
      5,
      [/_forged.json.gz: no digest names it/],
    ],
    [
      'a log long after the last digest',
      [...objectsOf(hours), logOf(8)],
      5,
      [/_tail8.json.gz: no digest names it/],
    ],
    [
      'a digest put in the place of another',
      objectsOf(hours).map((one) =>
        one === hours[2]?.digest ? { ...one, content: hours[1]?.digest.content ?? one.content } : one,
      ),
      3,
      [
        /T020131Z.json.gz: cannot be checked/,
        /T030131Z.json.gz: moved or renamed/,
        /_tail1.json.gz: only .*T020131Z/,
        /_tail2.json.gz: no digest names it/,
      ],
    ],
    [
      'a chain that somebody else signed',
      objectsOf(trailOf([0, 1, 2], other)),
      0,
      [
        ...['010131Z', '020131Z', '030131Z'].map((time) => new RegExp(`${time}.*not among the public keys`)),
        /tail0/,
        /tail1/,
        /tail2/,
      ],
    ],
    [
      'the same, under the fingerprint of the right key: the last alone cannot be told',
      objectsOf(trailOf([0, 1, 2], { ...other, fingerprint: key.fingerprint })),
      1,
      [/010131Z.*its signature is not valid/, /020131Z.*its signature is not valid/, /tail0/, /tail1/],
    ],
  ])('%s', async (_, objects, used, problems) => {
    const report = await read(folderOf(objects));
    const named = lines(report).toSorted();
    expect(named).toHaveLength(problems.length);
    for (const [i, problem] of problems.entries()) expect(named[i]).toMatch(problem);
    expect(report.events.used).toBe(used);
  });

  test('a byte of the packed file flipped', async () => {
    const folder = folderOf(objectsOf(hours));
    const packed = gzipSync(hours[1]?.log.content ?? '');
    packed[packed.length >> 1] = (packed[packed.length >> 1] ?? 0) ^ 1;
    writeFileSync(join(folder, hours[1]?.log.key ?? ''), packed);
    const report = await read(folder);
    expect(lines(report)).toEqual([expect.stringMatching(/_tail1.json.gz: altered/)]);
    expect(report).toMatchObject({ events: { used: 4 }, digests: { logs: { altered: 1, proven: 3 } } });
  });

  test('a file that an earlier run has read, before it was checked', async () => {
    const folder = folderOf([...objectsOf(hours), logOf(2, 'forged')]);
    const db = join(scratch(), 'a.db');
    const index = IndexWriter.open(db);
    const { ingest } = await import('../../src/ingest/ingest.ts');
    await ingest(localObjects(folder), index, { concurrency: 1, clock: () => 0 });
    index.close();
    const { digests } = await read(folder, { db });
    expect(digests.notes).toContainEqual(expect.stringMatching(/_forged.*an earlier run has read it/));
  });

  test('nothing that a digest says of itself is believed: names of other files, odd shapes', async () => {
    for (const content of [
      '',
      '[]',
      '{"digestSignatureAlgorithm":"none"}',
      '{"digestSignatureAlgorithm":"SHA256withRSA","__proto__":1}',
    ]) {
      const report = await read(
        folderOf(
          objectsOf(hours).map((one) =>
            one === hours[2]?.digest ? { ...one, content: Buffer.from(content) } : one,
          ),
        ),
      );
      expect(lines(report)).toContainEqual(expect.stringMatching(/T030131Z.json.gz: no digest file: /));
      expect(report.digests.files.invalid).toBe(2);
    }
  });
});

describe('chains that begin and end', () => {
  test('validation switched off and on again: what came between is named', async () => {
    const later = trailOf([6, 7], key);
    const report = await read(folderOf([...objectsOf(hours), logOf(5), ...objectsOf(later)]));
    expect(lines(report)).toEqual([expect.stringMatching(/_tail5.json.gz: no digest names it/)]);
    expect(report.digests.notes).toContainEqual(
      expect.stringMatching(
        /T070131Z.*begins a new chain; .* from 2026-03-02T05:01:31Z to 2026-03-02T06:01:31Z/,
      ),
    );
  });

  test('log files younger than the last digest wait for theirs', async () => {
    const report = await read(folderOf([...objectsOf(hours), logOf(5)]));
    expect(report).toMatchObject({ events: { used: 6 }, digests: { problems: [], logs: { unproven: 2 } } });
  });

  test('a window begins and ends in the middle of a chain', async () => {
    const days = trailOf([21, 22, 23, 24, 25, 46, 47, 48, 49], key);
    const folder = folderOf(objectsOf(days));
    expect(await read(folder, { since: '2026-03-03', until: '2026-03-03' })).toMatchObject({
      events: { used: 4 },
      digests: {
        files: { missing: 0, invalid: 0 },
        logs: { proven: 4, unproven: 0 },
        problems: [],
      },
    });
  });

  test('late log files stand in a backfill digest of its own chain', async () => {
    const late = logOf(1, 'late');
    const first = digestOf(1, [late], key, null, '_backfill');
    const second = digestOf(2, [], key, first, '_backfill');
    expect(await read(folderOf([...objectsOf(hours), late, first, second]))).toMatchObject({
      events: { used: 6 },
      digests: { files: { proven: 5, unproven: 2 }, logs: { proven: 5, unproven: 1 }, problems: [] },
    });
  });
});

test('keys in the frame that AWS names and in the one that its sample shows; others verify nothing', () => {
  const pkcs1 = createPublicKey({ key: key.der, format: 'der', type: 'pkcs1' });
  const { publicKey: curve } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keys = publicKeys([
    { fingerprint: 'named', der: key.der },
    { fingerprint: 'shown', der: pkcs1.export({ type: 'spki', format: 'der' }) },
    { fingerprint: 'curve', der: curve.export({ type: 'spki', format: 'der' }) },
    { fingerprint: 'broken', der: Buffer.from('no key') },
  ]);
  expect([...keys.keys()]).toEqual(['named', 'shown']);
});

const parsed = (json: unknown): unknown => parseDigest(Buffer.from(JSON.stringify(json)));

describe('what is no digest says why', () => {
  const sound = {
    digestSignatureAlgorithm: 'SHA256withRSA',
    digestS3Bucket: 'b',
    digestS3Object: 'k',
    digestPublicKeyFingerprint: 'f',
    digestStartTime: '2026-03-02T09:00:00Z',
    digestEndTime: '2026-03-02T10:00:00Z',
    previousDigestS3Object: 'before',
    previousDigestSignature: 's',
    previousDigestHashAlgorithm: 'SHA-256',
    previousDigestHashValue: 'a'.repeat(64),
    logFiles: [{ s3Bucket: 'b', s3Object: 'l', hashAlgorithm: 'SHA-256', hashValue: 'B'.repeat(64) }],
  };
  test('and what is one is read', () => {
    expect(parsed(sound)).toMatchObject({
      previous: { key: 'before', signature: 's', hash: 'a'.repeat(64) },
      logs: [{ bucket: 'b', key: 'l', hash: 'b'.repeat(64) }],
    });
    const first = { ...sound, previousDigestS3Object: null, previousDigestSignature: null };
    expect(parsed(first)).toMatchObject({ previous: undefined });
  });

  test.each<[string, object]>([
    ['not signed with SHA256withRSA', { digestSignatureAlgorithm: 'none' }],
    ['it does not say where it belongs', { digestS3Object: 7 }],
    ['no digestStartTime or digestEndTime', { digestStartTime: 'yesterday' }],
    ['no digestStartTime or digestEndTime', { digestEndTime: null }],
    ['no digestPublicKeyFingerprint', { digestPublicKeyFingerprint: [] }],
    ['its reference to the digest before it is incomplete', { previousDigestSignature: null }],
    ['its reference to the digest before it is incomplete', { previousDigestHashAlgorithm: 'MD5' }],
    ['its reference to the digest before it is incomplete', { previousDigestHashValue: 'zz' }],
    ['its list of log files is malformed', { logFiles: {} }],
    ['its list of log files is malformed', { logFiles: [7] }],
    ['its list of log files is malformed', { logFiles: [...sound.logFiles, { s3Bucket: 'b' }] }],
  ])('%s: %j', (why, part) => {
    expect(parsed({ ...sound, ...part })).toBe(why);
  });

  test('nor is what is no object, or no JSON', () => {
    expect(parsed([])).toBe('no JSON object');
    expect(parseDigest(Buffer.from('{'))).toBe('not valid JSON');
  });

  test.each([
    ['{}', 'keys: no "PublicKeyList"'],
    ['[]', 'keys: no "PublicKeyList"'],
    ['{"PublicKeyList":[{"Fingerprint":"f"}]}', 'keys: a key without "Fingerprint" or "Value"'],
    ['{"PublicKeyList":[7]}', 'keys: a key without "Fingerprint" or "Value"'],
  ])('nor is %s a list of keys', (text, why) => {
    expect(() => parseListedKeys(text, 'keys')).toThrow(why);
  });
});
