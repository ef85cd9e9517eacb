import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseDay } from '../../../src/iam/days.ts';
import { IndexReader } from '../../../src/store/reader.ts';
import { Observation } from '../../../src/synth/usage/observation.ts';
import { account, deliveredName, event, load, scratch, writeLog } from '../../ingest/trail.ts';

const refused = { eventSource: 'dynamodb.amazonaws.com', errorCode: 'AccessDenied' };
const throttled = { eventSource: 'sqs.amazonaws.com', errorCode: 'ThrottlingException' };
const table = { eventSource: 'dynamodb.amazonaws.com' };

test('a service that refused every call was called by nobody; one that was busy, or went on once, was', async () => {
  const folder = scratch();
  writeLog(join(folder, 'logs', deliveredName('2026-03-02', 'abcd')), [
    event('app', 'ListBucket', '2026-03-02T10:00:00Z'),
    event('app', 'ListBucket', '2026-03-02T10:00:00Z', { errorCode: 'AccessDenied' }),
    event('probe', 'ListTables', '2026-03-02T10:00:00Z', refused),
    event('probe', 'ListQueues', '2026-03-02T10:00:00Z', throttled),
  ]);
  writeLog(join(folder, 'logs', deliveredName('2026-03-31', 'abcd')), [
    event('probe', 'ListTables', '2026-03-31T10:00:00Z', refused),
    event('app', 'ListTables', '2026-03-31T11:00:00Z', table),
  ]);
  await load(join(folder, 'a.db'), [join(folder, 'logs')]);
  const index = IndexReader.open(join(folder, 'a.db'));
  const sources = (since: string, until: string): readonly string[] =>
    new Observation(index, undefined, [])
      .deliveries({ since: parseDay(since, ''), until: parseDay(until, '') })
      .sources(account)
      .map((source) => source.replace('.amazonaws.com', ''));
  expect(sources('2026-03-02', '2026-03-30')).toEqual(['s3', 'sqs']);
  expect(sources('2026-03-02', '2026-03-31')).toEqual(['dynamodb', 's3', 'sqs']);
  expect(sources('2026-03-31', '2026-03-31')).toEqual(['dynamodb']);
  index.close();
});
