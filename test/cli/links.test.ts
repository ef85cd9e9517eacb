import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { changeTree, finishChange } from '../../src/app/tree/tree-change.ts';
import { writeWhole } from '../../src/app/tree/tree.ts';
import { run, sampleIndex, temporaryFolder, today } from './cli.ts';

const folder = temporaryFolder();
const db = sampleIndex(folder);
const generate = (out: string, ...more: string[]) =>
  run(['generate', '--principal', 'app', ...today, '--db', db, '--out', out, ...more]);
const written = join(folder, 'written');
generate(written);

test.each([
  '111122223333',
  '111122223333/role',
  '111122223333/role/app',
  '111122223333/role/app/policy.json',
])('a link in the tree is neither read nor written through: %s', (name) => {
  const out = join(folder, `out-${name.length}`);
  const elsewhere = join(folder, `elsewhere-${name.length}`);
  cpSync(written, out, { recursive: true });
  mkdirSync(elsewhere);
  cpSync(join(out, name), join(elsewhere, 'target'), { recursive: true });
  rmSync(join(out, name), { recursive: true });
  symlinkSync(join(elsewhere, 'target'), join(out, name));
  for (const flags of [[], ['--check']]) {
    const { code, err } = generate(out, '--strategy', 'exact', ...flags);
    expect(err).toContain(`${join(out, name)}: a symbolic link; nothing is read or written through one`);
    expect(code).toBe(2);
  }
  expect(readdirSync(elsewhere)).toEqual(['target']);
});

test('what is written beside a file, or beside the tree, is not written through a link', () => {
  const out = join(folder, 'whole');
  mkdirSync(out);
  const victim = join(folder, 'victim');
  writeFileSync(victim, 'as it was');
  symlinkSync(victim, join(out, 'a.json.part'));
  writeWhole(join(out, 'a.json'), 'new');
  expect(readFileSync(join(out, 'a.json'), 'utf8')).toBe('new');
  const staging = join(folder, '.whole.iam-minimize');
  mkdirSync(join(folder, 'theirs'));
  symlinkSync(join(folder, 'theirs'), staging);
  expect(() => finishChange(out)).toThrow('a symbolic link');
  rmSync(staging);
  mkdirSync(staging);
  symlinkSync(victim, join(staging, '0'));
  changeTree(out, { write: [{ path: ['b.json'], text: 'new' }], remove: [] });
  expect(readFileSync(join(out, 'b.json'), 'utf8')).toBe('new');
  expect(readFileSync(victim, 'utf8')).toBe('as it was');
  expect(existsSync(dirname(victim))).toBe(true);
});

test('no control character of a name reaches the terminal, a policy or a template', () => {
  const evil = 'a\u009b31m\u0085\u202eb';
  const log = join(folder, 'evil.json');
  const record = {
    eventVersion: '1.11',
    userIdentity: {
      type: 'IAMUser',
      userName: 'eve',
      accountId: '111122223333',
      arn: 'arn:aws:iam::111122223333:user/eve',
    },
    eventTime: '2026-03-02T10:00:00Z',
    eventSource: 's3.amazonaws.com',
    eventName: 'GetObject',
    awsRegion: 'us-east-1',
    sourceIPAddress: '192.0.2.1',
    requestParameters: { bucketName: 'bucket', key: evil },
    eventID: 'e',
    readOnly: true,
    managementEvent: false,
    eventCategory: 'Data',
    eventType: 'AwsApiCall',
    recipientAccountId: '111122223333',
  };
  writeFileSync(log, JSON.stringify({ Records: [record] }));
  const index = join(folder, 'evil.db');
  expect(run(['ingest', log, '--db', index]).code).toBe(0);
  const ask = ['generate', '--principal', 'eve', '--strategy', 'exact', '--db', index];
  const outputs = [
    [],
    ['--json'],
    ...['json', 'terraform', 'cloudformation'].map((f) => ['--out', '-', '--format', f]),
  ];
  for (const flags of outputs) {
    const { code, out, err } = run([...ask, ...flags]);
    expect(code).toBe(0);
    expect(out).toMatch(/009b|\{9b\}/);
    // eslint-disable-next-line no-control-regex
    expect(out + err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  }
  const policy: unknown = JSON.parse(run([...ask, '--out', '-']).out);
  expect(JSON.stringify(policy)).toContain(evil.replace('\u202e', '?'));
});
