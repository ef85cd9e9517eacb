import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { eventHistory } from '../../src/aws/cloudtrail.ts';
import { parseDay } from '../../src/iam/days.ts';
import { isObject } from '../../src/iam/json.ts';
import { historySource, type HistoryOptions } from '../../src/ingest/event-history.ts';
import type { IngestReport } from '../../src/ingest/ingest.ts';
import { localObjects } from '../../src/ingest/objects/local.ts';
import { objectSource } from '../../src/ingest/source.ts';
import { IndexWriter } from '../../src/store/writer.ts';
import { fakeHistory, type FakeHistory, type HistoryMishaps } from '../aws/history-fake.ts';
import { fakeEnvironment } from '../aws/iam-fake.ts';
import { project, run } from '../cli/cli.ts';
import { account, dump, event, scratch } from './trail.ts';

beforeEach(() => vi.stubEnv('AWS_REGION', undefined));
afterEach(() => vi.unstubAllEnvs());

async function serve(events: readonly object[], mishaps: HistoryMishaps = {}): Promise<FakeHistory> {
  const fake = await fakeHistory(events, mishaps);
  onTestFinished(fake.close);
  for (const [name, value] of Object.entries(fakeEnvironment(''))) vi.stubEnv(name, value);
  vi.stubEnv('AWS_ENDPOINT_URL_CLOUDTRAIL', fake.url);
  return fake;
}

/** A clock on which waiting takes no time. */
function clockAt(time: string): { now: () => number; sleep: (millis: number) => Promise<void> } {
  let now = Date.parse(time);
  return {
    now: () => now,
    async sleep(millis) {
      const wake = now + millis;
      await Promise.resolve();
      now = Math.max(now, wake);
    },
  };
}

interface Reading extends Partial<HistoryOptions> {
  readonly since?: string;
  readonly until?: string;
  readonly now?: string;
  readonly signal?: AbortSignal;
}

/** Reads the history into an index; 2026-03-02 to 2026-03-04 of one Region, long after, unless said. */
async function read(
  db: string,
  { since = '2026-03-02', until = '2026-03-04', now = '2026-03-10T12:00:00Z', signal, ...more }: Reading = {},
): Promise<IngestReport> {
  const clock = clockAt(now);
  const index = IndexWriter.open(db);
  try {
    return await historySource({
      regions: ['eu-west-1'],
      open: (region) => eventHistory({ region }),
      window: { since: parseDay(since, 'since'), until: parseDay(until, 'until') },
      accounts: [],
      clock,
      ...more,
    }).read(index, { concurrency: 4, clock: clock.now, ...(signal ? { signal } : {}) });
  } finally {
    index.close();
  }
}

/** What the same events give as a file that, too, holds only part of what was logged. */
async function readFile(db: string, events: readonly object[]): Promise<void> {
  const file = join(scratch(), 'events.json');
  writeFileSync(file, JSON.stringify(events));
  const index = IndexWriter.open(db);
  try {
    for await (const object of localObjects(file)) {
      await objectSource([{ ...object, partial: true }]).read(index, { concurrency: 1, clock: () => 0 });
    }
  } finally {
    index.close();
  }
}

async function asFile(events: readonly object[]): Promise<string[]> {
  const db = join(scratch(), 'file.db');
  await readFile(db, events);
  return dump(db);
}

let serial = 0;
/** Events with IDs, spread over a span of time. */
const spread = (count: number, from: string, seconds: number): object[] =>
  Array.from({ length: count }, (_, i) => {
    const time = new Date(Date.parse(from) + Math.floor((i * seconds) / count) * 1000);
    return event('app', `Get${i % 7}`, `${time.toISOString().slice(0, 19)}Z`, {
      eventID: `e-${serial++}`,
      requestParameters: { bucketName: `bucket-${i}` },
    });
  });

const borders = ['00:00:00', '00:59:59', '01:00:00', '23:59:59'].map((time, i) =>
  event('app', 'GetBucketAcl', `2026-03-03T${time}Z`, {
    eventID: `border-${time}`,
    requestParameters: { bucketName: `border-${i}` },
  }),
);

describe('every event is read, whatever the pages do', () => {
  test.each([
    ['no event', []],
    ['one page to the brim', spread(50, '2026-03-03T01:00:00Z', 3600)],
    ['one event more than a page', spread(51, '2026-03-03T01:00:00Z', 3600)],
    ['the borders of days and hours', borders],
    ['a day of many pages', [...borders, ...spread(400, '2026-03-03T00:00:00Z', 86_400)]],
    ['a crowd in the last hour of a day', [...borders, ...spread(300, '2026-03-03T23:30:00Z', 600)]],
    ['more in a second than a page holds', [...borders, ...spread(130, '2026-03-03T12:00:00Z', 1)]],
  ])('%s', async (_, events) => {
    await serve(events);
    const db = join(scratch(), 'a.db');
    const report = await read(db);
    expect(report.events).toEqual({ read: events.length, used: events.length, duplicate: 0, skipped: {} });
    expect(report.failures).toEqual([]);
    expect(dump(db)).toEqual(await asFile(events));
  });

  const crowd = [...borders, ...spread(260, '2026-03-03T23:30:00Z', 600)];
  let calls = 0;
  test.each<[string, HistoryMishaps]>([
    [
      'every second token has expired',
      {
        fails: ({ token }) =>
          token !== undefined && calls++ % 2 === 0 ? 'InvalidNextTokenException' : undefined,
      },
    ],
    [
      'a token never lives',
      { fails: ({ token }) => (token === undefined ? undefined : 'InvalidNextTokenException') },
    ],
    ['tokens come again and again', { repeatsToken: () => true }],
    ['a token comes again at times', { repeatsToken: (_, number) => number % 5 === 4 }],
    [
      'events are in no order',
      {
        order: (found) =>
          found.toSorted(
            (a, b) => ((JSON.stringify(a).length * 7919) % 101) - ((JSON.stringify(b).length * 7919) % 101),
          ),
      },
    ],
    ['requests are throttled', { fails: (_, number) => (number === 2 ? 'ThrottlingException' : undefined) }],
  ])('%s', async (_, mishaps) => {
    await serve(crowd, mishaps);
    const db = join(scratch(), 'a.db');
    const { events } = await read(db);
    expect(events.used).toBe(crowd.length);
    expect(dump(db)).toEqual(await asFile(crowd));
  });

  test('one second whose pages never end is a line, and no loop', async () => {
    await serve(spread(60, '2026-03-03T12:00:00Z', 1), { repeatsToken: () => true });
    await expect(read(join(scratch(), 'a.db'))).rejects.toThrow(/says there is more at 2026-03-03T12:00:00/);
  });

  test('events that arrive while pages are read come at once or next time', async () => {
    const arrived = spread(120, '2026-03-03T10:00:00Z', 600);
    const late = spread(60, '2026-03-03T10:00:00Z', 900);
    const fake = await serve(arrived, {
      before: (_, number) => void (number > 1 && late.length > 0 && arrived.push(...late.splice(0, 20))),
    });
    const db = join(scratch(), 'a.db');
    const now = '2026-03-03T10:30:00Z';
    await read(db, { until: '2026-03-03', now });
    await read(db, { until: '2026-03-03', now: '2026-03-04T09:00:00Z' });
    expect(dump(db)).toEqual(await asFile(arrived));
    expect(arrived).toHaveLength(180);
    const ends = fake.requests.filter(({ token }) => token === undefined).map(({ to }) => to);
    expect(Math.min(...ends)).toBeGreaterThan(0);
  });
});

describe('what was read is not asked again', () => {
  const events = [
    ...borders,
    ...spread(200, '2026-03-02T00:00:00Z', 86_400),
    ...spread(900, '2026-03-04T23:40:00Z', 1200),
  ];

  test('once a window has settled', async () => {
    const fake = await serve(events);
    const db = join(scratch(), 'a.db');
    await read(db);
    const before = fake.requests.length;
    const { objects } = await read(db);
    expect(fake.requests).toHaveLength(before + 1); // Whose history it is.
    expect(objects).toEqual({ read: 0, skipped: 1 + 1 + 24, failed: 0 });
  });

  test('a window that ended less than a day ago is', async () => {
    const fake = await serve(events);
    const db = join(scratch(), 'a.db');
    const days = { now: '2026-03-04T23:59:59Z' };
    await read(db, days);
    const before = fake.requests.length;
    await read(db, days);
    const again = fake.requests.slice(before + 1).map(({ from }) => new Date(from * 1000).toISOString());
    expect(again.every((time) => time >= '2026-03-03')).toBe(true);
    expect(again).toContain('2026-03-03T00:00:00.000Z');
    expect(dump(db)).toEqual(await asFile(events));
  });

  test.each([1, 2, 4, 7, 12, 20, 26])('a run stopped at request %i goes on where it was', async (at) => {
    const stop = new AbortController();
    const fake = await serve(events, { before: (_, number) => void (number === at && stop.abort()) });
    const db = join(scratch(), 'a.db');
    const first = await read(db, { signal: stop.signal });
    expect(first.objects.failed).toBe(0);
    const second = await read(db);
    expect(second.objects.skipped).toBe(first.objects.read);
    expect(dump(db)).toEqual(await asFile(events));
    expect(fake.requests.length).toBeLessThan(60);
  });

  test('of another account or filter says nothing of this one', async () => {
    await serve(events);
    const db = join(scratch(), 'a.db');
    await read(db, { filter: { key: 'EventName', value: 'GetBucketAcl' } });
    expect(dump(db)).toEqual(await asFile(borders));
    expect((await read(db)).objects.skipped).toBe(0);
    expect(dump(db)).toEqual(await asFile(events));
    const others = borders.map((other) => ({ ...other, recipientAccountId: '999988887777' }));
    await serve(others);
    expect((await read(db)).objects.skipped).toBe(0);
    expect(dump(db)).toEqual(await asFile([...events, ...others]));
  });
});

test('two calls a second in each Region, and the Regions side by side', async () => {
  const clock = clockAt('2026-03-10T12:00:00Z');
  const start = clock.now();
  const times = new Map<string, number[]>();
  await serve([...spread(300, '2026-03-02T00:00:00Z', 86_400 * 3)], {
    before: ({ region }) => void times.set(region, [...(times.get(region) ?? []), clock.now()]),
  });
  await read(join(scratch(), 'a.db'), { clock, regions: ['eu-west-1', 'us-east-1', 'eu-central-1'] });
  expect([...times.keys()].sort()).toEqual(['eu-central-1', 'eu-west-1', 'us-east-1']);
  for (const calls of times.values()) {
    expect(calls.length).toBeGreaterThan(2);
    calls.slice(1).forEach((time, i) => expect(time - (calls[i] ?? 0)).toBeGreaterThanOrEqual(500));
  }
  const longest = Math.max(...[...times.values()].map((calls) => calls.length));
  expect(clock.now() - start).toBeLessThanOrEqual(longest * 500);
});

describe('what ends a run', () => {
  const events = spread(120, '2026-03-02T00:00:00Z', 86_400 * 3);

  test('a refusal: the windows before it are kept', async () => {
    await serve(events, { fails: (_, number) => (number >= 3 ? 'AccessDeniedException' : undefined) });
    const db = join(scratch(), 'a.db');
    await expect(read(db)).rejects.toThrow(
      /^event-history in eu-west-1: AWS: no permission for cloudtrail:LookupEvents; allow /,
    );
    await serve(events);
    expect((await read(db)).objects.skipped).toBeGreaterThan(0);
    expect(dump(db)).toEqual(await asFile(events));
  });

  test('an account that --accounts leaves out', async () => {
    await serve(events);
    const reading = read(join(scratch(), 'a.db'), { accounts: ['999988887777'] });
    await expect(reading).rejects.toThrow(
      `the credentials belong to ${account}, which --accounts leaves out`,
    );
  });
});

/** The records of the sample trail. */
const samples: readonly object[] = readdirSync(join(project, 'samples/trail'), {
  recursive: true,
  encoding: 'utf8',
})
  .filter((name) => name.endsWith('.json.gz'))
  .flatMap((name) => {
    const log: unknown = JSON.parse(
      gunzipSync(readFileSync(join(project, 'samples/trail', name))).toString(),
    );
    return isObject(log) && Array.isArray(log['Records']) ? log['Records'].filter(isObject) : [];
  });

describe('the sample account', () => {
  const management = samples.filter((record) => isObject(record) && record['managementEvent'] === true);
  const regions = [
    ...new Set(management.map((record) => (isObject(record) ? String(record['awsRegion']) : ''))),
  ];
  const sampled = { since: '2026-03-01', until: '2026-03-09', regions };

  test('its history gives the policies that its management events give', async () => {
    await serve(management);
    const [history, file] = [join(scratch(), 'history.db'), join(scratch(), 'file.db')];
    await read(history, sampled);
    await readFile(file, management);
    expect(dump(history)).toEqual(dump(file));
    for (const more of [
      [],
      ['--current', 'samples/current', '--trail-config', 'samples/trail-config.json'],
    ]) {
      const args = ['generate', '--all', '--json', ...more, '--db'];
      const [a, b] = [run([...args, history]), run([...args, file])];
      expect(a).toEqual(b);
      expect(a).toMatchObject({ code: 0, err: '' });
    }
  });

  test('nothing is removed because the history is silent, and beside logs it changes no coverage', async () => {
    await serve(management);
    const history = join(scratch(), 'history.db');
    await read(history, sampled);
    const args = [
      'generate',
      '--principal',
      'app',
      '--current',
      'samples/current',
      '--min-window',
      '1d',
      '--json',
    ];
    const alone: unknown = JSON.parse(run([...args, '--db', history]).out);
    expect(isObject(alone) && alone['diff']).toMatchObject({ removed: [], narrowed: [] });

    const [both, logs] = [history, join(scratch(), 'logs.db')];
    for (const db of [both, logs]) run(['ingest', 'samples/trail', '--db', db]);
    const policies = [
      'generate',
      '--all',
      '--current',
      'samples/current',
      '--min-window',
      '5d',
      '--since',
      '2026-03-02',
      '--until',
      '2026-03-08',
      '--out',
      '-',
    ];
    expect(run([...policies, '--db', both])).toEqual(run([...policies, '--db', logs]));
  });
});
