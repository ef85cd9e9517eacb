import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { cachedReference, referenceFolder } from '../../src/aws/reference-cache.ts';
import {
  fetchLimits,
  refreshReference,
  type FetchLimits,
  type RefreshReport,
} from '../../src/aws/service-reference.ts';
import { InputError } from '../../src/iam/input-error.ts';
import {
  json,
  list,
  referenceServer,
  service,
  type Answer,
  type ReferenceServer,
} from './reference-server.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function serve(
  listed: (host: string) => unknown,
  answers: Readonly<Record<string, Answer>>,
): Promise<ReferenceServer> {
  const server = await referenceServer(listed, answers);
  cleanups.push(server.close);
  return server;
}

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'iam-minimize-reference-'));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  return join(folder, 'cache');
}

const refresh = (
  source: string,
  folder: string,
  limits: Partial<FetchLimits> = {},
  day = '2026-03-08',
): Promise<RefreshReport> =>
  refreshReference({
    source,
    folder,
    now: Date.parse(`${day}T12:00:00Z`),
    signal: new AbortController().signal,
    limits: { ...fetchLimits, ...limits },
  });

const s3 = service('s3', { GetObject: ['s3:GetObject', 's3:GetObjectVersion'], ListBuckets: undefined });
const s3Path = '/v1/s3/s3.json';
const sqsPath = '/v1/sqs/sqs.json';
const sqs = service('sqs', { SendMessageBatch: ['sqs:SendMessage'] });

describe('refresh', () => {
  test('fetches each service of the list, and the cache gives its operations', async () => {
    const { url } = await serve(list('s3', 'sqs'), { [s3Path]: json(s3), [sqsPath]: json(sqs) });
    const folder = emptyFolder();
    expect(await refresh(url, folder)).toEqual({ listed: 2, fetched: 2, unchanged: 0, failures: [] });
    const reference = cachedReference(folder);
    expect(reference).toMatchObject({ day: '2026-03-08', source: url });
    expect(reference?.operations('s3')).toEqual(
      new Map([['GetObject', ['s3:GetObject', 's3:GetObjectVersion']]]),
    );
    expect(reference?.operations('sqs')?.get('SendMessageBatch')).toEqual(['sqs:SendMessage']);
    expect(reference?.operations('ec2')).toBeUndefined();
  });

  test('asks only for what changed', async () => {
    const answers = { [s3Path]: json(s3, '"one"'), [sqsPath]: json(sqs) };
    const { url } = await serve(list('s3', 'sqs'), answers);
    const folder = emptyFolder();
    await refresh(url, folder);
    answers[sqsPath] = json(service('sqs', {}), '"two"');
    expect(await refresh(url, folder, {}, '2026-03-09')).toMatchObject({ fetched: 1, unchanged: 1 });
    const reference = cachedReference(folder);
    expect(reference?.day).toBe('2026-03-09');
    expect(reference?.operations('s3')?.size).toBe(1);
    expect(reference?.operations('sqs')?.size).toBe(0);
  });

  test('a cache that is damaged is fetched again', async () => {
    const { url } = await serve(list('s3'), { [s3Path]: json(s3, '"one"') });
    const folder = emptyFolder();
    await refresh(url, folder);
    writeFileSync(join(folder, 'reference.json'), '{"operations":');
    expect(cachedReference(folder)).toBeUndefined();
    expect(await refresh(url, folder)).toMatchObject({ fetched: 1, unchanged: 0 });
    expect(cachedReference(folder)?.operations('s3')?.size).toBe(1);
  });

  test.each<[string, Answer, RegExp, Partial<FetchLimits>]>([
    ['an error', (_, r) => r.writeHead(500).end(), /HTTP 500/, {}],
    ['no JSON', (_, r) => r.end('<html>'), /not JSON/, {}],
    ['the wrong JSON', json([1, 2]), /not the reference of this service/, {}],
    ['another service', json(s3), /not the reference of this service/, {}],
    ['too much', (_, r) => r.end('9'.repeat(2000)), /larger than 1000 bytes/, { serviceBytes: 1000 }],
    ['nothing, for too long', () => {}, /took too long/, { milliseconds: 3000 }],
    [
      'a body that never ends',
      (_, r) => {
        r.write('{');
      },
      /took too long/,
      { milliseconds: 3000 },
    ],
    [
      'half a body',
      (_, r) => r.writeHead(200, { 'content-length': '9999' }).write('{', () => r.destroy()),
      /./,
      {},
    ],
    ['a way elsewhere', (_, r) => r.writeHead(302, { location: s3Path }).end(), /redirect/, {}],
    ['304 although nothing was there', (_, r) => r.writeHead(304).end(), /HTTP 304/, {}],
  ])('%s: the other services are fetched, and what was cached stays', async (_, answer, reason, limits) => {
    const answers: Record<string, Answer> = { [s3Path]: json(s3), [sqsPath]: answer };
    const { url } = await serve(list('s3', 'sqs'), answers);
    const folder = emptyFolder();
    const report = await refresh(url, folder, limits);
    expect(report).toMatchObject({ listed: 2, fetched: 1, failures: [{ service: 'sqs' }] });
    expect(report.failures[0]?.reason).toMatch(reason);
    expect(cachedReference(folder)?.operations('s3')?.size).toBe(1);
    expect(cachedReference(folder)?.operations('sqs')).toBeUndefined();
    answers[sqsPath] = json(sqs);
    await refresh(url, folder);
    answers[sqsPath] = answer;
    expect((await refresh(url, folder, limits)).failures).toHaveLength(1);
    expect(cachedReference(folder)?.operations('sqs')?.size).toBe(1);
  });

  test.each<[string, unknown]>([
    ['no list', { services: [] }],
    ['an empty list', []],
    ['a list of nonsense', [1, null, 's3', { service: 's3' }, { service: 3, url: '/' }]],
    ['another host', [{ service: 's3', url: 'http://example.com/v1/s3/s3.json' }]],
    ['a file', [{ service: 's3', url: 'file:///etc/passwd' }]],
    [
      'names that leave the folder',
      [
        { service: '../../s3', url: '/a' },
        { service: 's3/..', url: '/b' },
      ],
    ],
    ['names of prototypes', [{ service: '__proto__', url: s3Path }]],
  ])('%s is refused, and nothing is written', async (_, listed) => {
    const { url } = await serve(() => listed, { [s3Path]: json(s3) });
    const folder = emptyFolder();
    await expect(refresh(url, folder)).rejects.toThrow(InputError);
    await expect(refresh(url, folder)).rejects.toThrow(
      /no service reference there \(not a list of services\)/,
    );
    expect(existsSync(folder)).toBe(false);
  });

  test('a list that is too large, and a server that is not there', async () => {
    const { url } = await serve(list('s3', 'sqs'), {});
    await expect(refresh(url, emptyFolder(), { listBytes: 50 })).rejects.toThrow(/larger than 50 bytes/);
    await expect(refresh('http://127.0.0.1:1/', emptyFolder())).rejects.toThrow(/no service reference there/);
    await expect(refresh('ftp://127.0.0.1/', emptyFolder())).rejects.toThrow(/not an http or https URL/);
    await expect(refresh('nonsense', emptyFolder())).rejects.toThrow(/not an http or https URL/);
  });

  test('hostile names inside a document are left out, and pollute nothing', async () => {
    const hostile =
      '{"Name":"s3","Actions":[],"__proto__":{"polluted":1},"Operations":[' +
      '{"Name":"__proto__","AuthorizedActions":[{"Service":"s3","Name":"GetObject"}]},' +
      '{"Name":"constructor","AuthorizedActions":[{"Service":"s3","Name":"GetObject"}]},' +
      '{"Name":"GetObject","AuthorizedActions":[{"Service":"s3","Name":"*"},{"Service":"../x","Name":"A"},{"Service":"s3","Name":"GetObject"},7]},' +
      '{"Name":["a"],"AuthorizedActions":[]},null]}';
    const { url } = await serve(list('s3'), { [s3Path]: (_, r) => r.end(hostile) });
    const folder = emptyFolder();
    await refresh(url, folder);
    const operations = cachedReference(folder)?.operations('s3');
    expect(operations?.get('GetObject')).toEqual(['s3:GetObject']);
    expect(operations?.has('__proto__')).toBe(false);
    expect(operations?.get('toString')).toBeUndefined();
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  test('leaves no unfinished file', async () => {
    const { url } = await serve(list('s3'), { [s3Path]: json(s3) });
    const folder = emptyFolder();
    await refresh(url, folder);
    expect(readdirSync(folder).sort()).toEqual(['reference.json']);
    expect(readFileSync(join(folder, 'reference.json'), 'utf8')).toContain(
      '"fetched":"2026-03-08T12:00:00.000Z"',
    );
  });
});

describe('the cache', () => {
  test('lies where the XDG specification says', () => {
    expect(referenceFolder({ XDG_CACHE_HOME: '/c' })).toBe('/c/iam-minimize/service-reference');
    expect(referenceFolder({ XDG_CACHE_HOME: 'relative' })).toMatch(
      /\.cache\/iam-minimize\/service-reference$/,
    );
    expect(referenceFolder({})).toBe(referenceFolder({ XDG_CACHE_HOME: '' }));
  });

  test.each([
    '',
    '[]',
    '{"fetched":1}',
    '{"fetched":"2026-03-08T","source":"x","services":[]}',
    '{"fetched":"soon","source":"x","services":{}}',
  ])('a file of %j is none', async (text) => {
    const { url } = await serve(list('s3'), { [s3Path]: json(s3) });
    const folder = emptyFolder();
    await refresh(url, folder);
    writeFileSync(join(folder, 'reference.json'), text);
    expect(cachedReference(folder)).toBeUndefined();
  });
});
