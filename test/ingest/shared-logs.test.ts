import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { principalOf } from '../../src/cloudtrail/principal.ts';
import { parseRecord } from '../../src/cloudtrail/record.ts';
import { unwrap } from '../../src/cloudtrail/unwrap.ts';
import { isObject } from '../../src/iam/json.ts';
import { sharedPath } from '../shared.ts';
import { split } from './split.ts';

function filesUnder(folder: string | undefined): string[] {
  if (folder === undefined) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

function bytesOf(file: string): Buffer {
  const bytes = readFileSync(file);
  return file.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/** How many records of which kind a file holds: `used`, or the reason of the skip or fault. */
function countsOf(bytes: Buffer): Record<string, number> {
  const counts = new Map<string, number>();
  const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  const { values, faults } = split([bytes]);
  for (const found of values.flatMap(unwrap)) {
    if (found.kind === 'skip') {
      count(found.reason);
      continue;
    }
    const parsed = parseRecord(found.record);
    count(parsed.ok ? 'used' : parsed.reason);
    if (parsed.ok) principalOf(parsed.value);
  }
  for (const fault of faults) count(`fault: ${fault.reason}`);
  return Object.fromEntries(counts);
}

const delivered = [
  ...filesUnder(sharedPath('cloudtrail', 'logs')),
  ...filesUnder(sharedPath('cloudtrail', 'original-layout')),
];

test.skipIf(delivered.length === 0)('delivered files give each of their records', () => {
  for (const file of delivered) {
    const bytes = bytesOf(file);
    const whole: unknown = JSON.parse(bytes.toString());
    const records: unknown[] = isObject(whole) && Array.isArray(whole['Records']) ? whole['Records'] : [];
    const chunks = [];
    for (let i = 0; i < bytes.length; i += 1000) chunks.push(bytes.subarray(i, i + 1000));
    expect(split([bytes])).toMatchObject({ values: records, faults: [] });
    expect(split(chunks)).toEqual(split([bytes]));
    expect(countsOf(bytes)).toEqual({ used: records.length });
  }
});

const formats = sharedPath('cloudtrail', 'formats');

describe.skipIf(formats === undefined)('other wrappings', () => {
  /** Per folder: the counts of its files, added up. */
  const expected: [folder: string, counts: Record<string, number>][] = [
    ['bare-array', { used: 210 }],
    ['bare-object', { used: 12 }],
    ['digest', { 'not-a-record': 1 }],
    ['eventbridge-detail', { used: 4 }],
    ['gz-records', { used: 4 }],
    ['insight', { insight: 3 }],
    ['json-in-string', { used: 3, 'no-event-time': 1, 'not-a-record': 4 }],
    ['malformed-json', { used: 4, 'fault: malformed': 17 }],
    ['ndjson', { used: 5, 'not-a-record': 9 }],
    ['otel-aws.cloudtrail', { used: 100, 'not-a-record': 2 }],
    ['siem-raw-string', { used: 44 }],
    ['stackdriver-jsonPayload', { used: 4 }],
  ];
  test.each(expected)('%s', (folder, counts) => {
    const total: Record<string, number> = {};
    for (const file of filesUnder(sharedPath('cloudtrail', 'formats', folder))) {
      const here = countsOf(bytesOf(file));
      for (const [name, n] of Object.entries(here)) total[name] = (total[name] ?? 0) + n;
    }
    expect(total).toEqual(counts);
  });
});
