import { describe, expect, test, vi } from 'vitest';
import { ObjectFault } from '../../src/aws/s3-fault.ts';
import { S3Bucket, type S3Listing, type S3Options } from '../../src/aws/s3.ts';
import { InputError } from '../../src/iam/input-error.ts';
import { storedObjects, type S3FakeOptions, type S3Mishap } from './s3-fake.ts';
import { s3Session } from './s3-session.ts';

const bodies: Record<string, string> = {
  'a/1': 'one',
  'a/2': 'two',
  'a/b/3': 'three',
  'c d+e/\u0007ü&<': 'odd',
  top: 'x'.repeat(100_000),
};

const serve = (options: S3FakeOptions = {}, more: Readonly<Record<string, string>> = {}) =>
  s3Session({ logs: storedObjects({ ...bodies, ...more }, { top: { signature: 'ab12' } }) }, options);

async function listed(listing: S3Listing, options: S3Options = {}): Promise<[string[], string[]]> {
  const bucket = await S3Bucket.open('logs', options);
  const [keys, folders]: [string[], string[]] = [[], []];
  for await (const page of bucket.pages(listing)) {
    keys.push(...page.keys.map(({ key }) => key));
    folders.push(...page.folders);
  }
  return [keys, folders];
}

/** The bytes of an object as it is listed. */
async function bytesOf(key: string, options: S3Options = {}, name = 'logs'): Promise<string> {
  const bucket = await S3Bucket.open(name, options);
  for await (const { keys } of bucket.pages({ prefix: key })) {
    const [found] = keys;
    if (!found) continue;
    const chunks: Buffer[] = [];
    for await (const chunk of bucket.read(found)) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  }
  throw new Error(`${key}: not listed`);
}

async function refusal(asked: Promise<unknown>): Promise<string> {
  const error: unknown = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof InputError)) throw new Error(`no InputError: ${String(error)}`, { cause: error });
  expect(error.message).not.toContain('\n');
  return error.message;
}

describe('listing', () => {
  test('all, a folder, folders alone, after a key, page by page', async () => {
    const fake = await serve();
    const all = Object.keys(bodies).sort();
    expect(await listed({ prefix: '' })).toEqual([all, []]);
    expect(await listed({ prefix: '', delimiter: '/' })).toEqual([['top'], ['a/', 'c d+e/']]);
    expect(await listed({ prefix: 'a/', delimiter: '/' })).toEqual([['a/1', 'a/2'], ['a/b/']]);
    expect(await listed({ prefix: '', startAfter: 'a/2' })).toEqual([all.slice(2), []]);
    const before = fake.requests.length;
    expect(await listed({ prefix: '', pageSize: 2 })).toEqual([all, []]);
    expect(fake.requests.length - before).toBe(3);
    expect(await listed({ prefix: 'nothing' })).toEqual([[], []]);
  });

  test('throttled and cut answers are asked for again', async () => {
    await serve({
      mishap: ({ repeats }) =>
        repeats === 0
          ? { kind: 'error', status: 503, code: 'SlowDown' }
          : repeats === 1
            ? { kind: 'reset' }
            : undefined,
    });
    expect((await listed({ prefix: 'a/' }))[0]).toHaveLength(3);
  });
});

describe('reading', () => {
  test('a body, a key of odd characters, metadata', async () => {
    await serve();
    expect(await bytesOf('a/2')).toBe('two');
    expect(await bytesOf('c d')).toBe('odd');
    const bucket = await S3Bucket.open('logs');
    expect(await bucket.get('top')).toMatchObject({ size: 100_000, metadata: { signature: 'ab12' } });
  });

  test.each([
    ['a connection cut in the middle', { kind: 'cut', after: 60_000 }],
    ['a body that is too short', { kind: 'short', after: 70_000 }],
    ['a connection cut before an answer', { kind: 'reset' }],
    ['an internal error', { kind: 'error', status: 500, code: 'InternalError' }],
  ] as const)('%s: the rest is asked for', async (_, wrong) => {
    const fake = await serve({
      mishap: ({ operation, repeats }) => (operation === 'get' && repeats === 0 ? wrong : undefined),
    });
    expect(await bytesOf('top')).toBe('x'.repeat(100_000));
    expect(fake.requests.filter(({ operation }) => operation === 'get')).toHaveLength(2);
  });

  test.each<[string, S3Mishap]>([
    ['cut off at byte 0 of 3', { kind: 'cut', after: 0 }],
    ['InternalError', { kind: 'error', status: 500, code: 'InternalError' }],
    ['NoSuchKey', { kind: 'error', status: 404, code: 'NoSuchKey' }],
    ['PreconditionFailed', { kind: 'error', status: 412, code: 'PreconditionFailed' }],
    ['archived: restore it first', { kind: 'error', status: 403, code: 'InvalidObjectState' }],
  ])('an object that cannot be had is a fault of its own: %s', async (code, wrong) => {
    await serve({ mishap: ({ operation }) => (operation === 'get' ? wrong : undefined) });
    vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
    const fault: unknown = await bytesOf('a/1').catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(ObjectFault);
    expect(fault).toMatchObject({ code });
  });

  test('the requester pays when asked to', async () => {
    const fake = await serve();
    await bytesOf('a/1', { requestPayer: true });
    expect(fake.requests.map(({ requester }) => requester)).toEqual([true, true]);
    await bytesOf('a/1');
    expect(fake.requests.at(-1)).toMatchObject({ requester: false });
  });
});

const always = (status: number, code: string, message = code): S3FakeOptions => ({
  mishap: () => ({ kind: 'error', status, code, message }),
});

describe('what hits all of the bucket is one line', () => {
  test.each<[string, S3FakeOptions, RegExp]>([
    [
      'no permission',
      always(403, 'AccessDenied', 'Access Denied'),
      /^AWS: no permission for s3:ListBucket; allow/,
    ],
    [
      'no permission, by name',
      always(
        403,
        'AccessDenied',
        'User: arn:aws:iam::111122223333:user/a is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::logs" because no identity-based policy allows it',
      ),
      /^AWS: no permission for s3:ListBucket as arn:aws:iam::111122223333:user\/a; allow/,
    ],
    ['an expired token', always(400, 'ExpiredToken'), /^AWS: the credentials have expired/],
    ['a wrong key', always(403, 'SignatureDoesNotMatch'), /^AWS: the credentials are not accepted/],
    ['no such bucket', always(404, 'NoSuchBucket'), /^s3:\/\/logs: no such bucket; check its name$/],
    [
      'another Region, not named',
      always(301, 'PermanentRedirect'),
      /^s3:\/\/logs: lies in another Region; give it with --region$/,
    ],
  ])('%s', async (_, options, line) => {
    await serve(options);
    expect(await refusal(listed({ prefix: '' }))).toMatch(line);
  });

  test('no credentials, nobody there', async () => {
    const fake = await serve();
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    vi.stubEnv('AWS_CONFIG_FILE', '/dev/null');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null');
    expect(await refusal(listed({ prefix: '' }))).toMatch(/^AWS: no usable credentials/);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
    await fake.close();
    expect(await refusal(listed({ prefix: '' }))).toMatch(
      /^AWS: cannot be reached for s3:ListBucket \(ECONNREFUSED\)/,
    );
  });

  test('a denied object, or a key of KMS that may not be used', async () => {
    await serve({
      mishap: ({ operation }) =>
        operation === 'list'
          ? undefined
          : {
              kind: 'error',
              status: 403,
              code: 'AccessDenied',
              message:
                'User: arn:aws:iam::111122223333:user/a is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:111122223333:key/a because',
            },
    });
    expect(await refusal(bytesOf('a/1'))).toMatch(
      /^AWS: no permission for kms:Decrypt on arn:aws:kms:us-east-1:111122223333:key\/a for s3:\/\/\w+\/a\/1 as arn/,
    );
  });
});

test('a bucket in another Region is asked there, and found once', async () => {
  const fake = await serve({ region: 'eu-central-1' });
  expect(await bytesOf('a/1')).toBe('one');
  // One redirect, a listing, an object.
  expect(fake.requests).toHaveLength(3);
});
