import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isObject } from '../../src/iam/json.ts';
import { listOfKeys, objectsOf, signingKey, trailOf, writeDelivered } from '../ingest/digest-chain.ts';
import { event, writeLog } from '../ingest/trail.ts';
import { project, run, sampleIndex, temporaryFolder, today } from './cli.ts';
import { schemaErrors } from './schema.ts';

const folder = temporaryFolder();
const db = sampleIndex(folder);
const policy = join(project, 'samples/expected/111122223333/role/app/policy.json');
const broken = join(folder, 'broken.json');
writeFileSync(broken, '{"Records":[{"eventVersion":"1.09"},{');
const key = signingKey();
const keys = join(folder, 'keys.json');
writeFileSync(keys, listOfKeys(key));
const signed = join(folder, 'signed');
writeDelivered(signed, objectsOf(trailOf([0, 1, 2], key)).slice(1));
const requests = join(folder, 'requests.ndjson');
writeFileSync(
  requests,
  [
    { action: 's3:GetObject', resource: 'arn:aws:s3:::app-data/in/a' },
    {
      action: 's3:GetObject',
      resource: 'arn:aws:s3:::elsewhere/a',
      context: { 'aws:SourceIp': '192.0.2.1' },
    },
    { action: 'iam:PassRole', resource: 'arn:aws:iam::111122223333:role/app-task' },
  ]
    .map((request) => `${JSON.stringify(request)}\n`)
    .join(''),
);

const alike = join(folder, 'alike.db');
writeLog(
  join(folder, 'alike.json'),
  ['one', 'two'].flatMap((role) =>
    ['GetBucketPolicy', 'GetBucketAcl', 'ListObjects'].map((name) =>
      event(role, name, '2026-03-02T12:00:00Z'),
    ),
  ),
);
run(['ingest', join(folder, 'alike.json'), '--db', alike]);

const config = join(folder, 'retighten.yaml');
writeFileSync(
  config,
  [
    'principals: ["*"]',
    `sources: [${join(project, 'samples/trail')}]`,
    `current: ${join(project, 'samples/current')}`,
    'min-window: 5d',
    'out: policies',
    '',
  ].join('\n'),
);

interface Case {
  readonly schema: string;
  readonly args: readonly string[];
  /** 0 unless said. */
  readonly code?: number;
  readonly atLeast: number;
}

const cases: readonly Case[] = [
  { schema: 'ingest', args: ['ingest', 'samples/trail'], atLeast: 1 },
  {
    schema: 'ingest',
    args: ['ingest', broken, join(project, 'samples/trail'), '--db', join(folder, 'broken.db')],
    code: 3,
    atLeast: 1,
  },
  {
    schema: 'ingest',
    args: `ingest ${signed} --db ${signed}.db --verify-digests --digest-keys ${keys}`.split(' '),
    code: 1,
    atLeast: 1,
  },
  { schema: 'ingest-dry-run', args: ['ingest', 'samples/trail', '--dry-run'], atLeast: 1 },
  { schema: 'principals', args: ['principals'], atLeast: 10 },
  { schema: 'principals', args: ['principals', '--since', '2026-03-08'], atLeast: 10 },
  {
    schema: 'principals-start',
    args: ['principals', '--principal', 'app*', 'ci-deploy', ...today.slice(0, 2)],
    atLeast: 4,
  },
  { schema: 'principals-start', args: ['principals', '--principal', 'app'], atLeast: 1 },
  { schema: 'principals-alike', args: ['principals', '--alike', '--db', alike], atLeast: 1 },
  { schema: 'explain', args: ['explain', 'samples/trail'], atLeast: 2900 },
  { schema: 'generate', args: ['generate', '--all', ...today], atLeast: 7 },
  { schema: 'generate', args: ['generate', '--all'], atLeast: 6 },
  {
    schema: 'generate',
    args: ['generate', '--principal', 'app*', ...today, '--as', 'boundary'],
    atLeast: 4,
  },
  { schema: 'generate', args: ['generate', '--config', 'samples/iam-minimize.yaml'], atLeast: 1 },
  {
    schema: 'generate',
    args: ['generate', '--all', ...today, '--unobservable', 'drop', '--strategy', 'exact'],
    atLeast: 7,
  },
  { schema: 'why', args: ['why', '*:*'], atLeast: 50 },
  {
    schema: 'verify-index',
    args: ['verify', '--policy', policy, '--principal', 'app', '--current', 'samples/current'],
    atLeast: 20,
  },
  {
    schema: 'verify-index',
    args: ['verify', '--policy', policy, '--principal', 'ci-deploy'],
    code: 1,
    atLeast: 20,
  },
  {
    schema: 'verify-requests',
    args: ['verify', '--policy', policy, '--requests', requests],
    code: 1,
    atLeast: 3,
  },
  {
    schema: 'backtest',
    args: ['backtest', '--all', '--train', '4d', '--test', '2d', '--step', '1d'],
    atLeast: 8,
  },
  {
    schema: 'backtest',
    args: ['backtest', '--principal', 'app', '--train', '4d', '--test', '2d', '--current', 'samples/current'],
    atLeast: 5,
  },
  { schema: 'retighten', args: ['retighten', '--config', config, '--check'], code: 1, atLeast: 1 },
  { schema: 'retighten', args: ['retighten', '--config', config], atLeast: 1 },
  { schema: 'report', args: ['report', '--out', join(folder, 'report.html'), ...today], atLeast: 1 },
  {
    schema: 'audit',
    args: ['audit', ...today.slice(0, 2), '--unused', '5d'],
    code: 1,
    atLeast: 10,
  },
  { schema: 'data-info', args: ['data', 'info'], atLeast: 1 },
  { schema: 'index-info', args: ['index', 'info'], atLeast: 1 },
  { schema: 'index-check', args: ['index', 'check'], atLeast: 1 },
  {
    schema: 'index-prune',
    args: ['index', 'prune', '--before', '2026-01-01', '--db', join(folder, 'broken.db')],
    atLeast: 1,
  },
  { schema: 'index-info', args: ['index', 'info', '--db', join(folder, 'broken.db')], code: 3, atLeast: 1 },
];

const linesOf = (out: string): unknown[] =>
  out
    .split('\n')
    .filter(Boolean)
    .map((line): unknown => JSON.parse(line));

/** A member of an object that is an object itself. */
function member(value: unknown, name: string): Readonly<Record<string, unknown>> {
  const found = isObject(value) ? value[name] : undefined;
  if (!isObject(found)) throw new Error(`no ${name} in ${JSON.stringify(value)}`);
  return found;
}

const sum = (values: object): number =>
  Object.values(values).reduce<number>((total, n) => total + Number(n), 0);

const withIndex = (args: readonly string[]): readonly string[] =>
  args.includes('--db') || args[0] === 'explain' ? args : [...args, '--db', db];

describe('machine output', () => {
  test.each(cases)('$schema: $args', ({ schema, args, code = 0, atLeast }) => {
    const ran = run([...withIndex(args), '--json']);
    expect({ code: ran.code, err: ran.err }).toMatchObject({ code });
    const values = linesOf(ran.out);
    expect(values.length).toBeGreaterThanOrEqual(atLeast);
    for (const value of values) {
      const errors = schemaErrors(schema, value);
      expect({ value, errors }).toEqual({ value, errors: null });
    }
  });

  test('of ingest adds up', () => {
    const [report] = linesOf(run(['ingest', 'samples/trail', '--json', '--db', join(folder, 'sum.db')]).out);
    const { read, used, duplicate, skipped } = member(report, 'events');
    expect(read).toBe(sum([used, duplicate]) + sum(member({ skipped }, 'skipped')));
  });

  test('of generate adds up', () => {
    const lines = linesOf(run(['generate', '--all', ...today, '--json', '--db', db]).out);
    const proofs = lines.map((line) => member(line, 'proof'));
    const surplus = proofs.map(
      (proof) => sum(proof) - Number(proof['callsAsDelivered']) - 2 * Number(proof['uses']),
    );
    expect(surplus).toEqual(proofs.map(() => 0));
  });
});
