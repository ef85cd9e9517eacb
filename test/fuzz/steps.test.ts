import * as fc from 'fast-check';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { generate } from '../../src/app/library.ts';
import { parseConfig } from '../../src/app/settings/config.ts';
import type { Call } from '../../src/cloudtrail/call.ts';
import { currentOfText } from '../../src/current/current.ts';
import { diffPolicies } from '../../src/iam/compare/diff.ts';
import { includesPolicy } from '../../src/iam/compare/inclusion.ts';
import { evaluate } from '../../src/iam/decide/evaluate.ts';
import { isObject } from '../../src/iam/json.ts';
import { InputError } from '../../src/iam/input-error.ts';
import { lintPolicy } from '../../src/iam/lint/lint.ts';
import { parsePolicy } from '../../src/iam/policy/policy.ts';
import { toJson } from '../../src/iam/policy/policy-json.ts';
import { refusedCharacter } from '../../src/iam/policy/quota.ts';
import { checkChains } from '../../src/ingest/digests/digest-chain.ts';
import { parseDigest } from '../../src/ingest/digests/digest.ts';
import { ObjectReader } from '../../src/ingest/formats/object-reader.ts';
import { parseLastAccessed } from '../../src/permissions/last-accessed.ts';
import { nothingKnown } from '../../src/permissions/mapping.ts';
import { outcomeOf } from '../../src/permissions/outcome.ts';
import { permissionsOf } from '../../src/permissions/permissions.ts';
import { possibleNeeds } from '../../src/permissions/may-need.ts';
import { parseTrailConfig } from '../../src/permissions/selectors.ts';
import { damageIn } from '../../src/store/check.ts';
import { IndexReader } from '../../src/store/reader.ts';
import { decideAll, parseRequests } from '../../src/synth/proof/requests.ts';
import { temporaryFolder } from '../cli/cli.ts';
import { dump, load } from '../ingest/trail.ts';
import { mutated, secret } from './mutation.ts';
import { Watchdog } from './watchdog.ts';

/** How many inputs of each kind; the costly ones are a part of them. The same ones in every run but for `npm run fuzz`. */
const steps = Number(process.env['FUZZ_STEPS'] ?? 100);
const few = { numRuns: Math.ceil(steps / 20) };
const many = { numRuns: steps };

const folder = temporaryFolder();
const corpus = (kind: string): string[] => {
  const place = join(import.meta.dirname, 'corpus', kind);
  return readdirSync(place)
    .sort()
    .map((name) => readFileSync(join(place, name), 'utf8'));
};
/** A day of the samples, a record each. */
function samples(): string[] {
  const root = join(import.meta.dirname, '../../samples/trail');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /20260303.*gz$/.test(name),
  );
  const texts = files.sort().map((name) => gunzipSync(readFileSync(join(root, name))).toString());
  const kinds = new Map<string, string>();
  for (const text of texts) {
    const log: unknown = JSON.parse(text);
    const records = isObject(log) && Array.isArray(log['Records']) ? log['Records'].filter(isObject) : [];
    for (const record of records)
      kinds.set(String(record['eventName']), JSON.stringify({ Records: [record] }));
  }
  return [...kinds.values()];
}
const logs = [...corpus('logs'), ...samples()];

const policies = corpus('policies').map((text) => parsePolicy(text, 'corpus'));

let watchdog: Watchdog;
beforeAll(() => {
  watchdog = new Watchdog();
});
afterAll(() => watchdog.end());

/** What a text is read as; undefined where it is refused in one line. */
async function understood<T>(text: string, read: () => T | Promise<T>): Promise<T | undefined> {
  watchdog.step(text);
  try {
    return await read();
  } catch (error) {
    if (error instanceof InputError && error.message !== '') return undefined;
    throw error;
  }
}

/** What a log is read as, in pieces of a size. */
async function callsOf(bytes: Buffer, size: number): Promise<{ calls: Call[]; fault: string }> {
  const calls: Call[] = [];
  const reader = new ObjectReader((call) => calls.push(call));
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
  return { fault: await reader.end(), calls };
}

/** Reads a log whole and in pieces, and asks what its calls needed. */
async function judge(text: string, size: number): Promise<void> {
  watchdog.step(text);
  const bytes = Buffer.from(text);
  const whole = await callsOf(bytes, bytes.length + 1);
  expect(await callsOf(bytes, size)).toEqual(whole);
  for (const call of whole.calls) {
    expect(JSON.stringify(call)).not.toContain(secret);
    outcomeOf(call);
    const mapping = permissionsOf(call, nothingKnown);
    if (mapping.kind !== 'mapped') continue;
    for (const { resources } of mapping.permissions)
      for (const resource of resources) expect(refusedCharacter(resource)).toBeUndefined();
    possibleNeeds(call, mapping.permissions, nothingKnown);
  }
}

test('a log, however it is wrapped, broken and cut into pieces', async () => {
  for (const text of corpus('found')) await judge(text, 100);
  await fc.assert(fc.asyncProperty(mutated(logs), fc.integer({ min: 1, max: 5000 }), judge), many);
});

test('a Region that is none is no wildcard', async () => {
  const { calls } = await callsOf(Buffer.from(corpus('found')[0] ?? ''), 1000);
  const mapping = calls.map((call) => permissionsOf(call, nothingKnown));
  expect(JSON.stringify(mapping)).toContain('arn:aws:cloudformation:${*}:111122223333:stack/app/*');
});

test('a policy made of broken logs passes its own replay, and the index is sound', async () => {
  let n = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(mutated(logs), { minLength: 1, maxLength: 30 }), async (texts) => {
      watchdog.step(texts.join('\n'));
      const place = join(folder, String(n++));
      const files = texts.map((text, i) => {
        const file = `${place}-${i}.json`;
        writeFileSync(file, text);
        return file;
      });
      const db = `${place}.db`;
      await load(db, files);
      expect(damageIn(db)).toEqual([]);
      const index = IndexReader.open(db);
      try {
        if (index.coverage().length === 0) return;
        for (const strategy of ['exact', 'balanced'] as const)
          for await (const { documents, proof } of generate(index, { strategy })) {
            expect(proof.denied).toBe(0);
            for (const document of documents) parsePolicy(toJson(document), 'proposal');
          }
      } finally {
        index.close();
      }
      const again = `${place}-again.db`;
      // Some before, as a run that was stopped leaves it.
      await load(again, files.slice(texts.length / 2));
      await load(again, files.toReversed());
      expect(dump(again)).toEqual(dump(db));
    }),
    few,
  );
});

test('a policy is refused in a line, or read, written, judged, compared and linted', async () => {
  const requests = [
    { action: 's3:GetObject', resource: 'arn:aws:s3:::b/k', context: new Map(), contextIsComplete: true },
    {
      action: 'iam:PassRole',
      resource: 'arn:aws:iam::111122223333:role/r',
      context: new Map(),
      contextIsComplete: true,
    },
  ];
  await fc.assert(
    fc.asyncProperty(mutated(corpus('policies')), async (text) => {
      const document = await understood(text, () => parsePolicy(text, 'policy.json'));
      if (!document) return;
      const again = parsePolicy(toJson(document), 'again.json');
      expect(toJson(again)).toBe(toJson(document));
      for (const request of requests)
        expect(evaluate(request, { identity: [again] })).toEqual(evaluate(request, { identity: [document] }));
      expect(includesPolicy([document], [again]).included).not.toBe('no');
      expect(diffPolicies([document], [again]).items.filter(({ kind }) => kind !== 'kept')).toEqual([]);
      lintPolicy(document);
    }),
    { numRuns: Math.ceil(steps / 3) },
  );
});

test("today's policies, configurations and digests are refused in a line, or read", async () => {
  await fc.assert(
    fc.asyncProperty(
      mutated(corpus('current')),
      mutated(corpus('configurations')),
      mutated(corpus('digests')),
      async (current, config, digest) => {
        await understood(current, () => currentOfText(current, 'current.json'));
        await understood(config, () => parseConfig(config, 'config.yaml'));
        await understood(digest, () => {
          const parsed = parseDigest(Buffer.from(digest));
          if (typeof parsed !== 'string') checkChains([], new Map());
        });
      },
    ),
    many,
  );
  expect(corpus('current')).not.toEqual([]);
});

test("a trail's selectors, last accessed data and requests are refused in a line, or read", async () => {
  const readers = Object.entries({
    trails: (text: string) => parseTrailConfig(text, 'trails.json'),
    accessed: (text: string) => parseLastAccessed(text, 'accessed.json'),
    requests: (text: string) => [...decideAll(parseRequests(text, 'requests.ndjson'), policies)],
  });
  for (const [kind, read] of readers)
    await fc.assert(
      fc.asyncProperty(mutated(corpus(kind)), async (text) => {
        await understood(text, () => read(text));
      }),
      many,
    );
  for (const [kind, read] of readers) for (const text of corpus(kind)) expect(read(text)).toBeTruthy();
});

test('the corpus is what it says', () => {
  expect(policies.length).toBeGreaterThan(1);
  for (const text of corpus('configurations')) expect(parseYaml(text)).toBeTypeOf('object');
  for (const text of corpus('digests')) expect(typeof parseDigest(Buffer.from(text))).toBe('object');
  expect(logs.length).toBeGreaterThan(40);
});
