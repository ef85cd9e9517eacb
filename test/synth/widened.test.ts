import { expect, test } from 'vitest';
import { join } from 'node:path';
import { generate, openIndex } from '../../src/app/library.ts';
import { event, load, objectEvent, scratch, writeLog } from '../ingest/trail.ts';

const at = '2026-03-02T10:00:00Z';

/** Notes and resources of what one role did, granted as it was seen. */
async function exactly(...records: object[]): Promise<{ notes: readonly string[]; text: string }> {
  const folder = scratch();
  writeLog(join(folder, 'log.json'), records);
  await load(join(folder, 'a.db'), [join(folder, 'log.json')]);
  const index = openIndex(join(folder, 'a.db'));
  try {
    for await (const { notes, documents } of generate(index, { strategy: 'exact' }))
      return { notes, text: JSON.stringify(documents) };
    throw new Error('no proposal');
  } finally {
    index.close();
  }
}

test.each([
  [
    'characters that no policy can hold',
    [objectEvent('app', at, 'папка/a')],
    's3:GetObject reaches beyond what was used: names with characters that no policy can hold: arn:aws:s3:::bucket/?????/a',
  ],
  [
    'more than 100 names in a day',
    Array.from({ length: 101 }, (_, i) => objectEvent('app', at, `in/${i}`)),
    's3:GetObject reaches beyond what was used: more than 100 names in a day: arn:aws:s3:::bucket/in/*',
  ],
  [
    'a name that the log hides',
    [objectEvent('app', at, '***REDACTED***')],
    's3:GetObject reaches beyond what was used: the log hides the name: arn:aws:s3:::bucket/*',
  ],
  [
    'more than 100 ids in a call',
    [
      event('app', 'TerminateInstances', at, {
        eventSource: 'ec2.amazonaws.com',
        requestParameters: {
          instancesSet: {
            items: Array.from({ length: 101 }, (_, i) => ({
              instanceId: `i-${String(i).padStart(17, '0')}`,
            })),
          },
        },
      }),
    ],
    'ec2:TerminateInstances reaches beyond what was used: a list of more than 100, of which only that it was there is kept: ',
  ],
  [
    'more than 100 names in a call that reads as a listing without them',
    [
      event('app', 'GetParameters', at, {
        eventSource: 'ssm.amazonaws.com',
        requestParameters: { names: Array.from({ length: 101 }, (_, i) => `/app/${i}`) },
      }),
    ],
    'ssm:GetParameters reaches beyond what was used: a list of more than 100, of which only that it was there is kept: ',
  ],
  [
    'more than 100 ids in a member whose name is for one',
    [
      event('app', 'DeleteFlowLogs', at, {
        eventSource: 'ec2.amazonaws.com',
        requestParameters: {
          DeleteFlowLogsRequest: {
            FlowLogId: Array.from({ length: 101 }, (_, tag) => ({ tag, content: `fl-${tag}` })),
          },
        },
      }),
    ],
    'beyond what was used: a list of more than 100, of which only that it was there is kept: ',
  ],
  [
    'what a delegated administrator may have called for the management account',
    [
      event('app', 'DescribeStackSet', at, {
        eventSource: 'cloudformation.amazonaws.com',
        requestParameters: { stackSetName: 'base', callAs: 'DELEGATED_ADMIN' },
      }),
    ],
    'cloudformation:DescribeStackSet reaches beyond what was used: if a delegated administrator called, it is of the management account, which the call does not name: arn:aws:cloudformation:eu-west-1:*:stackset/base:*',
  ],
  [
    'a text of more than 2,048 characters',
    [objectEvent('app', at, 'k'.repeat(2049))],
    's3:GetObject reaches beyond what was used: a text of more than 2,048 characters, of which only that it was there is kept: ',
  ],
])('a policy wider than what was seen says so: %s', async (_, records, note) => {
  const { notes } = await exactly(...records);
  expect(notes.join('\n')).toContain(note);
});

test('and says nothing where it grants what was seen', async () => {
  const { notes, text } = await exactly(
    objectEvent('app', at, 'été/${a}?*'),
    event('app', 'ListBucket', at, { requestParameters: { bucketName: 'bucket' } }),
  );
  expect(notes).toEqual([]);
  expect(text).toContain('été/');
});
