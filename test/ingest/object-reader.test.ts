import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { ObjectReader } from '../../src/ingest/formats/object-reader.ts';
import { streamContent } from '../../src/ingest/objects/content.ts';
import { event } from './trail.ts';

const record = event('app', 'ListBucket', '2026-03-01T10:00:00Z');

async function read(...chunks: readonly string[]) {
  const reader = new ObjectReader(() => undefined);
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  const fault = await reader.end();
  return { fault, used: reader.used, read: reader.read };
}

test('an object of values that are no records is named and left', async () => {
  const nothing = '{}'.repeat(60_000);
  const {
    fault,
    used,
    read: count,
  } = await read(JSON.stringify(record), ...Array.from({ length: 50 }, () => nothing));
  expect(fault).toMatch(/^more than 100000 values in it are no CloudTrail records: the rest was left/);
  expect(used).toBe(1);
  expect(count).toBeLessThan(110_000);
  const some = await read('{}'.repeat(90_000), JSON.stringify(record));
  expect(some).toMatchObject({ used: 1, fault: '' });
});

test('an object with an event in too many wrappers is named', async () => {
  const wrapped = Array.from({ length: 20 }).reduce<unknown>((inner) => ({ detail: inner }), record);
  const { fault, used } = await read(JSON.stringify(record), JSON.stringify(wrapped));
  expect(fault).toMatch(/^an event in more than 12 wrappers, which is not read/);
  expect(used).toBe(1);
});

test.each([
  ['zeros', Buffer.alloc(512)],
  ['text', Buffer.from('trailer')],
  ['half a gzip', gzipSync('x').subarray(0, 9)],
  ['what looks like gzip', Buffer.from([0x1f, 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])],
])('bytes after the end of a gzip lose nothing before them: %s', async (_, rest) => {
  const whole = JSON.stringify({ Records: Array.from({ length: 300 }, () => record) });
  const packed = Buffer.concat([gzipSync(whole), rest]);
  const parts: Buffer[] = [];
  let opened = 0;
  const open = async function* () {
    // Standard input is there once.
    opened++;
    yield await Promise.resolve(packed);
  };
  await streamContent({ open }, (chunk) => void parts.push(chunk));
  expect(Buffer.concat(parts).equals(Buffer.from(whole))).toBe(true);
  expect(opened).toBe(1);
});
