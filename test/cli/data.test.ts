import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { json, list, referenceServer, service } from '../aws/reference-server.ts';
import { main, temporaryFolder, type Ran } from './cli.ts';
import { schemaErrors } from './schema.ts';

/** Runs the program beside this test's server, which needs its own turn of the event loop. */
function runBeside(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...args], {
      env: { ...process.env, ...env, NO_COLOR: '1' },
    });
    const text = { out: '', err: '' };
    child.stdout.on('data', (chunk) => (text.out += String(chunk)));
    child.stderr.on('data', (chunk) => (text.err += String(chunk)));
    child.on('close', (code) => resolve({ code, ...text }));
  });
}

test('data refresh fetches, data info says so, and the reference decides', async () => {
  const folder = temporaryFolder();
  const server = await referenceServer(list('sqs', 'sns'), {
    '/v1/sqs/sqs.json': json(service('sqs', { PeekAtMessages: ['sqs:ReceiveMessage'] })),
  });
  const env = { XDG_CACHE_HOME: folder, IAM_MINIMIZE_SERVICE_REFERENCE_URL: server.url };
  const event = join(folder, 'event.json');
  writeFileSync(
    event,
    JSON.stringify({
      eventVersion: '1.09',
      eventID: 'e',
      eventTime: '2026-03-02T00:00:00Z',
      eventSource: 'sqs.amazonaws.com',
      eventName: 'PeekAtMessages',
      awsRegion: 'eu-west-1',
      eventType: 'AwsApiCall',
      userIdentity: {
        type: 'IAMUser',
        accountId: '111122223333',
        userName: 'a',
        arn: 'arn:aws:iam::111122223333:user/a',
      },
      requestParameters: null,
    }),
  );
  try {
    expect((await runBeside(['explain', event], env)).out).toContain('unmapped');
    const refreshed = await runBeside(['data', 'refresh', '--json'], env);
    expect(refreshed).toMatchObject({ code: 3, err: 'not fetched: sns: HTTP 404\n' });
    const report: unknown = JSON.parse(refreshed.out);
    expect(schemaErrors('data-refresh', report)).toBeNull();
    expect(report).toMatchObject({ listed: 2, fetched: 1, unknown: { sqs: 1 } });
    expect((await runBeside(['explain', event], env)).out).toContain('sqs:ReceiveMessage');
    const { out } = await runBeside(['data', 'info'], env);
    expect(out).toMatch(/reference +of \d{4}-\d\d-\d\d: 1 service, 1 operation\n/);
    expect(out).toMatch(/decides +which action a call requires: the reference/);
  } finally {
    await server.close();
  }
  expect(await runBeside(['data', 'refresh'], env)).toMatchObject({ code: 2, out: '' });
  expect((await runBeside(['explain', event], env)).out).toContain('sqs:ReceiveMessage');
});
