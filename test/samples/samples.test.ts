import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { principalOf } from '../../src/cloudtrail/principal.ts';
import { parseRecord, type CloudTrailRecord } from '../../src/cloudtrail/record.ts';
import { readCurrent } from '../../src/current/current.ts';
import { actionInfo, expandActions } from '../../src/iam/catalogue.ts';
import { isObject } from '../../src/iam/json.ts';
import { sortedUnique } from '../../src/iam/order.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const samples = join(project, 'samples');
const made = mkdtempSync(join(tmpdir(), 'samples-'));
afterAll(() => rmSync(made, { recursive: true, force: true }));

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => name.split(sep).join('/'))
    .sort();

/** The content of a file; of a log, what was compressed, because each version of zlib compresses in its own way. */
function contentOf(file: string): string {
  const bytes = readFileSync(file);
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

function recordsOf(file: string): CloudTrailRecord[] {
  const json: unknown = JSON.parse(contentOf(file));
  if (!isObject(json) || !Array.isArray(json['Records'])) throw new Error(`no records in ${file}`);
  return json['Records'].map((entry: unknown) => {
    const parsed = parseRecord(entry);
    if (!parsed.ok) throw new Error(`${file}: ${parsed.reason}`);
    return parsed.value;
  });
}

const logs = filesOf(join(samples, 'trail')).map((name) => join(samples, 'trail', name));
const records = logs.flatMap(recordsOf);
const callsOf = (name: string): CloudTrailRecord[] =>
  records.filter((record) => principalOf(record).name === name);

describe('the committed files', () => {
  beforeAll(() => {
    execFileSync(process.execPath, [join(project, 'scripts', 'make-samples.mjs'), made], { stdio: 'ignore' });
  });

  test('are what the script makes', () => {
    const names = filesOf(made);
    const madeOnly = /^(?:trail|current)\//;
    expect(filesOf(samples).filter((name) => madeOnly.test(name) && !names.includes(name))).toEqual([]);
    for (const name of names) {
      expect(contentOf(join(samples, name)) === contentOf(join(made, name)), name).toBe(true);
    }
  });

  test('carry neither a time nor a machine in their gzip headers, and stay small', () => {
    for (const log of logs) expect(readFileSync(log).subarray(4, 10).toString('hex')).toMatch(/^0{8}..ff$/);
    const bytes = filesOf(samples).reduce((sum, name) => sum + statSync(join(samples, name)).size, 0);
    expect(bytes).toBeLessThan(400_000);
  });
});

test('each log is where a trail would put it, and holds events of its day and Region', () => {
  for (const log of logs) {
    const [, region = '', day = ''] =
      /_CloudTrail_(.+)_(\d{8})T\d{4}Z_[0-9a-z]{16}\.json\.gz$/.exec(basename(log)) ?? [];
    const folder = `AWSLogs/111122223333/CloudTrail/${region}/${day.replace(/(....)(..)(..)/, '$1/$2/$3')}`;
    expect(relative(join(samples, 'trail'), log).split(sep).join('/')).toBe(`${folder}/${basename(log)}`);
    for (const record of recordsOf(log)) {
      expect(record.awsRegion).toBe(region);
      expect(new Date(record.eventTime * 1000).toISOString().slice(0, 10).replaceAll('-', '')).toBe(day);
    }
  }
});

test('events have one ID each, except in the file delivered twice', () => {
  const ids = records.map((record) => record.eventID);
  const twice = logs.filter(
    (log, index) => logs.findIndex((other) => stemOf(other) === stemOf(log)) !== index,
  );
  expect(twice).toHaveLength(1);
  expect(ids.length - new Set(ids).size).toBe(twice.flatMap(recordsOf).length);
});

const stemOf = (log: string): string => basename(log).replace(/_[0-9a-z]+\.json\.gz$/, '');

test('those who act are these', () => {
  const seen = records.map((record) => principalOf(record)).map(({ kind, name }) => `${kind} ${name}`.trim());
  expect(sortedUnique(seen)).toMatchInlineSnapshot(`
    [
      "federated arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
      "role app",
      "role app-api",
      "role app-execution",
      "role app-task",
      "role ci-deploy",
      "root root",
      "service cloudtrail.amazonaws.com",
      "service ecs-tasks.amazonaws.com",
      "service lambda.amazonaws.com",
      "service-linked-role AWSServiceRoleForECS",
      "unknown",
      "user ops-alice",
    ]
  `);
});

test('the events hold what the page about them promises', () => {
  const app = callsOf('app');
  const keys = (day: string): number =>
    new Set(
      app
        .filter(
          (call) => call.eventName === 'GetObject' && call.eventTime * 1000 - Date.parse(day) < 86_400_000,
        )
        .map((call) => JSON.stringify(call.requestParameters)),
    ).size;
  expect(keys('2026-03-02')).toBeGreaterThan(100);
  expect(app.filter((call) => JSON.stringify(call.requestParameters).includes('"key":"*"'))).toHaveLength(1);
  expect(sortedUnique(app.map((call) => call.errorCode))).toEqual([
    '',
    'AccessDenied',
    'NoSuchKey',
    'ThrottlingException',
  ]);
  expect(app.map((call) => call.eventName)).not.toContain('SendMessage');
  expect(sortedUnique(callsOf('ci-deploy').map((call) => String(call.userIdentity['invokedBy'])))).toEqual([
    'cloudformation.amazonaws.com',
    'undefined',
  ]);
  expect(sortedUnique(records.map((record) => record.eventType))).toEqual([
    'AwsApiCall',
    'AwsConsoleSignIn',
    'AwsServiceEvent',
  ]);
});

test('the current policies are complete, and name actions that exist', async () => {
  const current = await readCurrent(join(samples, 'current'));
  expect(current.holders.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'role app',
    'role app-api',
    'role app-execution',
    'role app-task',
    'role ci-deploy',
    'role old-batch',
    'user ops-alice',
    'user ops-bob',
  ]);
  for (const holder of current.holders) {
    expect(holder.faults).toEqual([]);
    for (const { patterns } of holder.policies
      .flatMap(({ document }) => document.statements)
      .map((s) => s.actions)) {
      for (const pattern of patterns) {
        expect(
          pattern.includes('*') ? expandActions(pattern).length : actionInfo(pattern)?.name,
          pattern,
        ).toBeTruthy();
      }
    }
  }
  expect(callsOf('old-batch')).toEqual([]);
  expect(current.rolePath('111122223333', 'ci-deploy')).toBe('/ci/');
});
