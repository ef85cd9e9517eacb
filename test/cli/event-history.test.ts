import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fakeHistory, type FakeHistory } from '../aws/history-fake.ts';
import { live } from '../aws/live.ts';
import { dump, event } from '../ingest/trail.ts';
import { run, temporaryFolder } from './cli.ts';
import { schemaErrors } from './schema.ts';

const folder = temporaryFolder();
const dayMillis = 86_400_000;
const today = new Date().toISOString().slice(0, 10);
const daysAgo = (days: number): string =>
  new Date(Date.parse(today) - days * dayMillis).toISOString().slice(0, 10);

/** Three days, the last two days ago. */
const events = [4, 3, 2].flatMap((days) =>
  Array.from({ length: 60 }, (_, i) =>
    event('app', `Get${i % 5}`, `${daysAgo(days)}T${String(i % 24).padStart(2, '0')}:30:00Z`, {
      eventID: `${days}-${i}`,
      requestParameters: { bucketName: `bucket-${i}` },
    }),
  ),
);

let fake: FakeHistory | undefined;
let onRequest = (_number: number): void => {};
beforeAll(async () => {
  fake = await fakeHistory(events, { before: (_, number) => onRequest(number) });
});
afterAll(() => fake?.close());

const ingest = (db: string, args: readonly string[], ...rest: readonly Parameters<typeof live>[2][]) =>
  live(
    ['ingest', 'event-history', '--db', db, ...args],
    { AWS_ENDPOINT_URL_CLOUDTRAIL: fake?.url ?? '', AWS_REGION: 'eu-west-1' },
    rest[0],
  );
const window = ['--since', daysAgo(4), '--until', daysAgo(2)];

test('says what it reads, and what it cannot show', async () => {
  const db = join(folder, 'a.db');
  const ran = await ingest(db, [...window, '--event-name', 'Get1']);
  expect(ran.code).toBe(0);
  const [first, second, third] = ran.err.split('\n');
  expect(first).toBe(
    `event history: ${daysAgo(4)} to ${daysAgo(2)}, eu-west-1, us-east-1 (global services log in us-east-1); --regions names others`,
  );
  expect(second).toMatch(
    /management events of these Regions and only EventName Get1, no data events, .* 90 days;/,
  );
  expect(third).toMatch(/^read 6 objects/);
  const { out } = run(['index', 'info', '--db', db]);
  expect(out).toMatch(
    new RegExp(`^111122223333 +eu-west-1 +0 +${daysAgo(4)} +${daysAgo(2)} +event-history `, 'm'),
  );
  const json: unknown = JSON.parse(run(['index', 'info', '--db', db, '--json']).out);
  expect(schemaErrors('index-info', json)).toBeNull();
});

test('more than 90 days are 90, and that is said', async () => {
  const ran = await ingest(join(folder, 'b.db'), [
    '--since',
    '2001-01-01',
    '--until',
    daysAgo(89),
    '--quiet',
  ]);
  expect(ran).toEqual({
    code: 0,
    out: '',
    err: `event history: AWS keeps 90 days; read from ${daysAgo(89)} on, not from 2001-01-01\n`,
  });
});

test('killed at any moment, it goes on to the same index', async () => {
  const args = [...window, '--regions', 'eu-west-1', '--quiet'];
  const whole = join(folder, 'whole.db');
  await ingest(whole, args);
  const db = join(folder, 'killed.db');
  for (const at of [1, 3, 5]) {
    const start = fake?.requests.length ?? 0;
    // The signal comes while the request is under way.
    const ran = await ingest(db, args, (child) => {
      onRequest = (number) => void (number === start + at && child.kill('SIGKILL'));
    });
    onRequest = () => {};
    expect(ran.code).toBeNull();
  }
  expect(await ingest(db, args)).toMatchObject({ code: 0, err: '' });
  expect(dump(db)).toEqual(dump(whole));
});

test.each([
  [
    ['--user-name', 'app', '--event-name', 'Get1'],
    /--user-name, --event-name: .* one attribute; give one of them/,
  ],
  [['--since', '2001-01-01', '--until', '2001-01-31'], /leave no day of the last 90; give others/],
  [['--since', 'soon'], /"soon" is not a day/],
  [[...window, '--accounts', '999988887777'], /belong to 111122223333, which --accounts leaves out/],
])('mistake: %j', async (args, line) => {
  const ran = await ingest(join(folder, 'c.db'), [...args, '--quiet']);
  expect(ran).toMatchObject({ code: 2, out: '' });
  expect(ran.err).toMatch(line);
  expect(ran.err.trim()).not.toContain('\n');
});
