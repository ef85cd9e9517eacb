import * as fc from 'fast-check';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { isObject, type JsonObject } from '../../src/iam/json.ts';
import { localObjects } from '../../src/ingest/objects/local.ts';
import { ObjectReader } from '../../src/ingest/formats/object-reader.ts';
import { temporaryFolder } from '../cli/cli.ts';
import { dump, event, load, scratch } from './trail.ts';

/** The records of the sample trail, and its facts without the coverage that names of delivered files give. */
const folder = temporaryFolder();
const records: JsonObject[] = [];
let delivered: readonly string[] = [];
beforeAll(async () => {
  for await (const object of localObjects('samples/trail')) {
    const log: unknown = JSON.parse(gunzipSync(readFileSync(join(object.folder, object.name))).toString());
    if (isObject(log) && Array.isArray(log['Records'])) records.push(...log['Records'].filter(isObject));
  }
  const db = join(folder, 'delivered.db');
  await load(db, ['samples/trail']);
  delivered = factsOf(db);
});
const factsOf = (db: string): string[] =>
  dump(db).filter(
    (line) => !/^\{"account":"\d*","region":"[^"]*","category":"","event_source":""/.test(line),
  );

/** The columns of CloudTrail's table in Athena, and those that are structures there. */
const columns =
  `eventVersion userIdentity eventTime eventSource eventName awsRegion sourceIPAddress userAgent errorCode
  errorMessage requestParameters responseElements additionalEventData requestID eventID readOnly resources eventType
  apiVersion recipientAccountId serviceEventDetails sharedEventID vpcEndpointId eventCategory managementEvent tlsDetails`
    .trim()
    .split(/\s+/);
const structures = new Set(['userIdentity', 'resources', 'tlsDetails']);

/** A structure as Presto writes it: nothing quoted, names in lower case. */
function presto(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(presto).join(', ')}]`;
  if (!isObject(value)) return String(value);
  return `{${Object.entries(value)
    .map(([name, member]) => `${name.toLowerCase()}=${presto(member)}`)
    .join(', ')}}`;
}

const textOf = (value: unknown): string =>
  value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);
const quoted = (cell: string): string => (cell === '' ? '' : `"${cell.replaceAll('"', '""')}"`);

interface Csv {
  readonly delimiter?: string;
  readonly end?: string;
  readonly structure?: (value: unknown) => string;
}

function csv({ delimiter = ',', end = '\n', structure = presto }: Csv = {}): string {
  const rows = records.map((record) =>
    columns.map((name) =>
      quoted(structures.has(name) && record[name] ? structure(record[name]) : textOf(record[name])),
    ),
  );
  const header = columns.map((name) => quoted(name.toLowerCase()));
  return [header, ...rows].map((row) => row.join(delimiter) + end).join('');
}

const lowerCased = (record: JsonObject): object =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name.toLowerCase(), value]));
const indented = (value: unknown): string => JSON.stringify(value, null, 2);
const json = (value: unknown): string => JSON.stringify(value);
const insights = (): string =>
  records.map((record) => `${quoted(textOf(record['eventTime']))},${quoted(json(record))}\n`).join('');

describe('an export says what the delivered files say', () => {
  test.each<[what: string, file: string, content: () => string | Buffer]>([
    ['Athena: CSV with Presto structures', 'query.csv', () => csv()],
    ['with a byte order mark and CRLF', 'rows.txt', () => `\ufeff${csv({ end: '\r\n' })}`],
    [
      'JSON in cells, over several lines, packed',
      'result_1.csv.gz',
      () => gzipSync(csv({ structure: indented })),
    ],
    ['tabs between cells', 'rows.tsv', () => csv({ delimiter: '\t', structure: json })],
    ['rows as JSON lines', 'unload', () => records.map((r) => `${json(lowerCased(r))}\n`).join('')],
    [
      'CloudWatch Logs export to S3',
      '000000.gz',
      () =>
        gzipSync(records.map((r) => `${textOf(r['eventTime']).replace('Z', '.123Z')} ${json(r)}\n`).join('')),
    ],
    ['CloudWatch Logs Insights as CSV', 'insights.csv', () => `@timestamp,@message\n${insights()}`],
    ['a JSON array', 'all.json', () => json(records)],
  ])('%s', async (what, file, content) => {
    const place = join(folder, what.replaceAll(/\W/g, ''));
    mkdirSync(place);
    writeFileSync(join(place, file), content());
    const report = await load(`${place}.db`, [place]);
    expect(report).toMatchObject({ failures: [], events: { read: records.length, skipped: {} } });
    expect(factsOf(`${place}.db`)).toEqual(delivered);
  });
});

/** What comes of a text, cut into chunks of this size. */
async function read(text: string, size = 1 << 20): Promise<{ used: number; skipped: object; fault: string }> {
  const reader = new ObjectReader(() => {});
  const bytes = Buffer.from(text);
  for (let i = 0; i < bytes.length; i += size) reader.push(bytes.subarray(i, i + size));
  const fault = await reader.end();
  return { used: reader.used, skipped: reader.skipped, fault };
}

const header = 'eventname,eventsource,eventtime,useridentity';
const row = (name: string): string =>
  `${name},s3.amazonaws.com,2026-03-02T10:00:00Z,"{type=IAMUser, username=a}"`;

describe('CSV that is not as it should be', () => {
  test.each<[what: string, text: string, used: number, skipped: object, fault: RegExp]>([
    ['a header alone', `${header}\n`, 0, {}, /^$/],
    [
      'a row with a cell too many',
      `${header}\n${row('A')},x\n${row('B')}\n`,
      1,
      { malformed: 1 },
      /^not valid CSV at line 2; the rest of the file is used: 1 event$/,
    ],
    [
      'a quote inside a cell',
      `${header}\nA"b,c,d,e\n${row('B')}\n`,
      1,
      { malformed: 1 },
      /^not valid CSV at line 2/,
    ],
    [
      'cut off inside a cell',
      `${header}\n${row('A')}\n${row('B').slice(0, -3)}`,
      1,
      { malformed: 1 },
      /^a quote in this CSV is not closed/,
    ],
    [
      'a quote that takes in 20 MB',
      `${header}\n${row('A')}\n"${'x'.repeat(20 << 20)}`,
      1,
      { malformed: 1 },
      /^a row of this CSV is larger/,
    ],
    ['rows without a time', `${header}\nA,s3.amazonaws.com,,\n`, 0, { 'no-event-time': 1 }, /^$/],
    ['another table', 'name,value\n1,2\n', 0, {}, /^not valid JSON at byte 0$/],
    ['nothing but a word', 'hello', 0, {}, /^not valid JSON at byte 0$/],
    ['hostile columns', `__proto__,constructor,${header}\nx,y,${row('A')}\n`, 1, {}, /^$/],
  ])('%s', async (_, text, used, skipped, fault) => {
    const result = await read(text);
    expect(result).toMatchObject({ used, skipped });
    expect(result.fault).toMatch(fault);
  });

  test('however its bytes are cut', async () => {
    const text = `\ufeff"eventName"\t"event_source"\t"Event Time"\r\n"A\u00e9\n"\ts3.amazonaws.com\t2026-03-02 10:00:00.000\r\n`;
    for (const size of [1, 2, 3, 7, 1000])
      expect(await read(text, size)).toEqual({ used: 1, skipped: {}, fault: '' });
  });
});

test('whatever follows a header, the cuts between chunks change nothing, and nothing is thrown', async () => {
  const pieces = fc.constantFrom(
    ',',
    '"',
    '\n',
    '\r\n',
    '\r',
    '""',
    'é',
    row('A'),
    `${row('B')}\n`,
    '{',
    'x',
  );
  const texts = fc.array(pieces, { maxLength: 30 }).map((list) => `${header}\n${list.join('')}`);
  await fc.assert(
    fc.asyncProperty(texts, fc.integer({ min: 1, max: 40 }), async (text, size) => {
      expect(await read(text, size)).toEqual(await read(text));
    }),
  );
});

test('what lies beside exports is counted and is no fault', async () => {
  const place = join(scratch(), 'results');
  mkdirSync(place);
  writeFileSync(
    join(place, 'result_sign.json'),
    JSON.stringify({
      version: '1.0',
      region: 'us-east-1',
      files: [{ fileHashValue: 'a', fileName: 'result_1.csv.gz' }],
      hashSignature: 'b',
      publicKeyFingerprint: 'c',
    }),
  );
  writeFileSync(join(place, 'aws-logs-write-test'), 'Permission Check Successful');
  writeFileSync(
    join(place, 'event.json'),
    JSON.stringify(event('app', 'ListBucket', '2026-03-02T10:00:00Z')),
  );
  expect(await load(join(place, '..', 'a.db'), [place])).toMatchObject({
    failures: [],
    events: { used: 1, skipped: { digest: 1 } },
  });
});
