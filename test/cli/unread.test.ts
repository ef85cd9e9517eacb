import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fakeEnvironment } from '../aws/iam-fake.ts';
import { project, run, temporaryFolder } from './cli.ts';

const folder = temporaryFolder();

test('what cannot be read keeps exit 3 until it is given up by name', () => {
  const logs = join(folder, 'logs');
  const bad = join(logs, '111122223333_CloudTrail_us-east-1_20260302T0000Z_abcdefgh.json.gz');
  const db = join(folder, 'a.db');
  mkdirSync(logs);
  writeFileSync(bad, 'no log');
  cpSync(join(project, 'samples/trail/AWSLogs/111122223333/CloudTrail/eu-west-1'), join(logs, 'whole'), {
    recursive: true,
  });
  const ingest = (...more: readonly string[]) => run(['ingest', logs, '--db', db, ...more]);
  expect([ingest().code, ingest().code]).toEqual([3, 3]);
  expect(ingest('--give-up', join(logs, 'other'))).toMatchObject({
    code: 2,
    err: `iam-minimize: --give-up ${join(logs, 'other')}: no object that could not be read; index info lists those\n`,
  });
  expect(run(['index', 'info', '--db', db]).out).toContain(bad);
  expect(ingest('--give-up', bad).code).toBe(0);
  expect(ingest().code).toBe(0);
  expect(run(['index', 'info', '--db', db]).out).not.toContain('20260302T0000Z');
  expect(readFileSync(bad, 'utf8')).toBe('no log');
});

test('a run that fails before it has written anything leaves no index', () => {
  const db = join(folder, 'none.db');
  const environment = {
    ...fakeEnvironment('http://127.0.0.1:9'),
    AWS_ENDPOINT_URL_CLOUDTRAIL: 'http://127.0.0.1:9',
    AWS_REGION: 'eu-west-1',
    AWS_MAX_ATTEMPTS: '1',
  };
  expect(run(['ingest', 'event-history', '--db', db], { environment })).toMatchObject({ code: 2, out: '' });
  expect([db, `${db}-wal`, `${db}-shm`].filter((file) => existsSync(file))).toEqual([]);
});
