import { describe, expect, test } from 'vitest';
import { parseDay } from '../../src/iam/days.ts';
import { trailRange } from '../../src/ingest/s3/late-files.ts';
import { isBeside, placeOf } from '../../src/ingest/s3/layout.ts';

const trail = (root: string, account: string, first = -Infinity, last = Infinity) => ({
  kind: 'trail',
  root,
  account,
  region: 'eu-west-1',
  first,
  last,
});
const day = (text: string): number => parseDay(text, '');

describe('where a prefix stands', () => {
  const delivered = 'x/AWSLogs/111122223333/CloudTrail/eu-west-1/';

  test.each<[string, object]>([
    ['', { kind: 'folder' }],
    ['logs/', { kind: 'folder' }],
    ['logs/AWSLogs/', { kind: 'level', account: '' }],
    ['AWSLogs/o-abcdefghij/', { kind: 'level', account: '' }],
    ['o-abcdefghij/AWSLogs/o-abcdefghij/', { kind: 'level', account: '' }],
    ['AWSLogs/111122223333/', { kind: 'account', account: '111122223333' }],
    ['AWSLogs/o-abcdefghij/111122223333/', { kind: 'account', account: '111122223333' }],
    ['111122223333/', { kind: 'folder' }],
    ['AWSLogs/111122223333/CloudTrail/', { kind: 'level', account: '111122223333' }],
    ['111122223333/CloudTrail/', { kind: 'level', account: '111122223333' }],
    ['CloudTrail/', { kind: 'level', account: '' }],
    ['CloudTrail/AWSLogs/', { kind: 'level', account: '' }],
    [delivered, trail(delivered, '111122223333')],
    ['CloudTrail/eu-west-1/', trail('CloudTrail/eu-west-1/', '')],
    [`${delivered}2026/`, trail(delivered, '111122223333', day('2026-01-01'), day('2026-12-31'))],
    [`${delivered}2024/02/`, trail(delivered, '111122223333', day('2024-02-01'), day('2024-02-29'))],
    [`${delivered}2026/12/`, trail(delivered, '111122223333', day('2026-12-01'), day('2026-12-31'))],
    [`${delivered}2026/03/04/`, trail(delivered, '111122223333', day('2026-03-04'), day('2026-03-04'))],
    [`${delivered}2026/03/04/05/`, { kind: 'folder' }],
    ['AWSLogs/111122223333/CloudTrail-Digest/', { kind: 'other' }],
    ['AWSLogs/111122223333/CloudTrail-Insight/eu-west-1/', { kind: 'other' }],
    ['111122223333/CloudTrail-Aggregated/', { kind: 'other' }],
    ['AWSLogs/111122223333/vpcflowlogs/', { kind: 'other' }],
    ['111122223333/exports/', { kind: 'folder' }],
  ])('%s', (prefix, place) => {
    expect(placeOf(prefix)).toEqual(place);
  });

  test('digests and insights lie beside the logs, at any depth', () => {
    expect(isBeside('x/AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/03/04/a.json.gz')).toBe(true);
    expect(isBeside('x/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/04/a.json.gz')).toBe(false);
  });
});

describe('what is listed of a trail', () => {
  const root = 'AWSLogs/111122223333/CloudTrail/eu-west-1/';
  const between = (first: string, last: string) => ({
    root,
    first: first === '' ? -Infinity : parseDay(first, ''),
    last: last === '' ? Infinity : parseDay(last, ''),
  });
  const read = { from: '2026/02/01/', to: '2026/03/10/z.json.gz' };

  test.each<[string, string, string, typeof read | undefined, number, [string, string, string, string]]>([
    // what, first day, last day, read before, lookback -> prefix, start after, read from, read to
    ['all', '', '', undefined, 3, ['', '', '', '']],
    ['since a day', '2026-03-01', '', undefined, 3, ['', '2026/03/01/', '2026/03/01/', '']],
    ['one day', '2026-03-01', '2026-03-01', undefined, 3, ['2026/03/01/', '2026/03/01/', '2026/03/01/', '']],
    [
      'days of a month',
      '2026-03-01',
      '2026-03-09',
      undefined,
      3,
      ['2026/03/', '2026/03/01/', '2026/03/01/', ''],
    ],
    ['days of two years', '2025-12-31', '2026-01-01', undefined, 3, ['', '2025/12/31/', '2025/12/31/', '']],
    ['goes on', '2026-02-15', '', read, 3, ['', '2026/03/07/', read.from, read.to]],
    ['goes on, nothing again', '2026-02-15', '', read, 0, ['', read.to, read.from, read.to]],
    ['goes on in the last days', '2026-03-09', '', read, 3, ['', '2026/03/09/', read.from, read.to]],
    ['looks back over a month', '2026-02-01', '', read, 12, ['', '2026/02/26/', read.from, read.to]],
    ['from before what was read', '2026-01-31', '', read, 3, ['', '2026/01/31/', '2026/01/31/', '']],
    ['all, only a part was read', '', '', read, 3, ['', '', '', '']],
    ['from after what was read', '2026-03-12', '', read, 3, ['', '2026/03/12/', '2026/03/12/', '']],
  ])('%s', (_, first, last, before, lookback, [prefix, startAfter, from, to]) => {
    const range = trailRange(between(first, last), before, lookback);
    expect({ ...range, end: '' }).toEqual({
      prefix: root + prefix,
      startAfter: root + startAfter,
      from,
      to,
      end: '',
    });
  });

  test('up to the end of a day', () => {
    const { end } = trailRange(between('', '2026-02-28'), undefined, 3);
    expect(['2026/02/28/z', '2026/03/01/a'].map((path) => `${root}${path}` <= end)).toEqual([true, false]);
  });
});
