import { join } from 'node:path';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { accountOf } from '../../src/app/audit.ts';
import { audit } from '../../src/audit/audit.ts';
import { expect, onTestFinished, test } from 'vitest';
import { isObject, type JsonObject } from '../../src/iam/json.ts';
import { details } from '../current/details-fixture.ts';
import { fakeIam } from '../aws/iam-fake.ts';
import { live } from '../aws/live.ts';
import { fakeTrails } from '../aws/trails-fake.ts';
import { project, run } from '../cli/cli.ts';
import { arnOf, clean, filesOf, rootIdentity } from './planted.ts';
import { event, load, scratch } from '../ingest/trail.ts';
import { sharedPath } from '../shared.ts';

test('the live account says what its files say', async () => {
  const account = clean();
  Object.assign(account.credentials[0] ?? {}, { mfa_active: 'false' });
  account.passwords = { PasswordPolicy: null };
  const files = await filesOf(account);
  const iam = await fakeIam(details(account), {
    credentialReport: readFileSync(files.credentialReport, 'utf8'),
  });
  onTestFinished(iam.close);
  const trails = await fakeTrails([{ name: 'main', selectors: {}, isMultiRegion: false }]);
  onTestFinished(trails.close);
  const flags = ['--current', '--credential-report', '--password-policy', '--trail-config'];
  const ran = await live(['audit', '--json', '--db', files.db, ...flags.flatMap((flag) => [flag, 'aws'])], {
    AWS_ENDPOINT_URL_IAM: iam.url,
    AWS_ENDPOINT_URL_CLOUDTRAIL: trails.url,
  });
  expect(ran.code).toBe(1);
  const found = ran.out
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
    .filter(isObject);
  expect(found.map(({ check, subject }) => [check, subject])).toContainEqual([
    'root-without-mfa',
    arnOf('root'),
  ]);
  expect(found.map(({ check }) => check)).toEqual(
    expect.arrayContaining(['trail-absent', 'password-policy-absent']),
  );
});

test('without an index only what was given is asked, and exit 0 is of nothing found', async () => {
  const files = await filesOf(clean());
  const { code, out, err } = run([
    'audit',
    '--password-policy',
    files.passwordPolicy,
    '--as-of',
    '2026-03-10',
  ]);
  expect({ code, out }).toEqual({ code: 0, out: '' });
  expect(err).toMatch(
    /^0 errors, 0 warnings, 0 suggestions\n\d+ checks not asked; for all of them give --db, --current/,
  );
});

test('SARIF has a rule for each result, and says where', async () => {
  const account = clean();
  account.events.push(
    event('', 'GetBucketLocation', '2026-03-04T10:00:00Z', { eventID: 'e', userIdentity: rootIdentity() }),
  );
  const { code, out } = run(['audit', '--sarif', '--db', (await filesOf(account)).db]);
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'iam-minimize',
            rules: [{ id: 'root-used', defaultConfiguration: { level: 'warning' } }],
          },
        },
        results: [
          {
            ruleId: 'root-used',
            level: 'warning',
            locations: [{ logicalLocations: [{ fullyQualifiedName: arnOf('root') }] }],
            properties: { events: ['e'] },
          },
        ],
      },
    ],
  });
});

test('the JSON of get-credential-report is read as its CSV is', async () => {
  const { credentialReport } = await filesOf(clean());
  const { readCredentialReport } = await import('../../src/audit/credential-report.ts');
  const csv = readFileSync(credentialReport, 'utf8');
  const json = JSON.stringify({ Content: Buffer.from(csv).toString('base64'), ReportFormat: 'text/csv' });
  expect(readCredentialReport(json, 'report')).toEqual(readCredentialReport(csv, 'report'));
});

test('every check stands in the table of good practice', () => {
  const page = readFileSync(join(project, 'docs/best-practices.md'), 'utf8');
  const rows: unknown = JSON.parse(readFileSync(join(project, 'data/overrides/audit.json'), 'utf8'));
  const checks = isObject(rows) && Array.isArray(rows['rows']) ? rows['rows'].filter(isObject) : [];
  expect(checks.length).toBeGreaterThan(25);
  expect(checks.map(({ id }) => String(id)).filter((id) => !page.includes(`\`${id}\``))).toEqual([]);
});

/** Every event in a JSON value, whatever wraps it. */
function* eventsIn(value: unknown): Generator<JsonObject> {
  if (Array.isArray(value)) for (const item of value) yield* eventsIn(item);
  else if (typeof value === 'string' && value.startsWith('{')) yield* eventsIn(jsonOrNothing(value));
  else if (isObject(value) && 'userIdentity' in value && 'eventName' in value) yield value;
  else if (isObject(value)) for (const member of Object.values(value)) yield* eventsIn(member);
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text.includes('\n') ? text.split('\n').map(jsonOrNothing) : undefined;
  }
}

const logs = sharedPath('cloudtrail', 'logs');
test.skipIf(logs === undefined)(
  'root and sign-ins without MFA are those that a plain count finds',
  async () => {
    const root = logs ?? '';
    const roots = new Set<string>();
    const unsafe = new Set<string>();
    for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      const file = join(root, name);
      if (!statSync(file).isFile()) continue;
      const bytes = readFileSync(file);
      const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
      for (const {
        userIdentity: who,
        eventName,
        responseElements: answer,
        additionalEventData: more,
      } of eventsIn(jsonOrNothing(text))) {
        const { type, accountId, userName, invokedBy } = isObject(who) ? who : {};
        if (type === 'Root' && invokedBy === undefined) roots.add(String(accountId));
        const isIn = eventName === 'ConsoleLogin' && isObject(answer) && answer['ConsoleLogin'] === 'Success';
        if (isIn && isObject(more) && more['MFAUsed'] === 'No' && (type === 'Root' || type === 'IAMUser'))
          unsafe.add(`${String(accountId)} ${type === 'Root' ? 'root' : String(userName)}`);
      }
    }
    const db = join(scratch(), 'all.db');
    await load(db, [root]);
    const account = await accountOf(
      {
        db,
        isOptional: false,
        unusedDays: 90,
        current: undefined,
        credentialReport: undefined,
        passwordPolicy: undefined,
        trailConfig: undefined,
        asOf: undefined,
      },
      {},
    );
    const spotsOf = (id: string) =>
      audit(account).findings.flatMap(({ check, spots }) => (check.id === id ? spots : []));
    expect(roots.size).toBeGreaterThan(2);
    expect(
      spotsOf('root-used')
        .map((spot) => spot.account)
        .sort(),
    ).toEqual([...roots].sort());
    expect(
      spotsOf('sign-in-without-mfa')
        .map((spot) => `${spot.account} ${/[^/:]+$/.exec(spot.subject)?.[0]}`)
        .sort(),
    ).toEqual([...unsafe].sort());
  },
);
