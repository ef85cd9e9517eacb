import { assert, constantFrom, integer, array, property, record, option } from 'fast-check';
import { expect, test } from 'vitest';
import { colors, filled, legend, sectionLines } from '../../src/emit/review/layout.ts';
import type { Row } from '../../src/emit/review/section.ts';

const plain = colors(false);
const key = 'arn:aws:kms:us-east-1:111122223333:key/7c9d51e2-40ab-4b6f-9a3c-5d1e0f2a6b84';
const home = { region: 'us-east-1', account: '111122223333' };
const seen = {
  days: 7,
  firstDay: '2026-03-02',
  lastDay: '2026-03-08',
  callsAsDelivered: 1410,
  sampleEventID: 'e',
};
const lines = (rows: readonly Row[], width = 80, most = 25): readonly string[] =>
  sectionLines([{ title: 'Kept', rows }], { width, colors: plain, home, most });

test('calls, days and the last day stand in columns, with a head', () => {
  expect(
    lines([{ mark: '=', what: 'sqs:GetQueueUrl', where: 'arn:aws:sqs:us-east-1:111122223333:orders', seen }]),
  ).toEqual([
    'Kept                                                    calls  days   last',
    '  = sqs:GetQueueUrl  orders                             1,410     7   2026-03-08',
  ]);
});

test('what does not fit beside them stands below, and no name is broken', () => {
  expect(
    lines([{ mark: '=', what: 'kms:Decrypt', where: key, seen, why: 'because of a reason' }]).slice(1),
  ).toEqual([
    '  = kms:Decrypt                                         1,410     7   2026-03-08',
    '      key/7c9d51e2-40ab-4b6f-9a3c-5d1e0f2a6b84   because of a reason',
  ]);
});

test.each([
  ['of another account', 'arn:aws:kms:us-east-1:444455556666:key/a'],
  ['of another Region', 'arn:aws:kms:eu-west-1:111122223333:key/a'],
  ['of another service', 'arn:aws:sqs:us-east-1:111122223333:a'],
  ['of all of a place', 'arn:aws:kms:us-east-1:111122223333:*'],
])('an ARN %s is written in full', (_, arn) => {
  expect(lines([{ mark: '=', what: 'kms:Decrypt', where: arn }])[1]).toContain(arn);
});

test('a section is cut after its rows, and says how many follow', () => {
  const rows = Array.from({ length: 30 }, (_, i): Row => ({ mark: '-', what: `a${i}:B` }));
  expect(lines(rows).at(-1)).toBe('    and 5 more (--full shows all)');
  expect(sectionLines([{ title: 'Kept', rows }], { width: 80, colors: plain })).toHaveLength(31);
});

const row = (names: readonly string[]): string | undefined =>
  lines([{ mark: '=', what: '2 actions', where: '*', names }]).at(-1);

test('actions of several services are named in full', () => {
  expect(row(['s3:GetObject', 's3:PutObject'])).toBe('      GetObject, PutObject');
  expect(row(['s3:GetObject', 'ecr:GetObject'])).toBe('      s3:GetObject, ecr:GetObject');
});

test('rows of one group of actions write what they share alike', () => {
  const where = 'arn:aws:sqs:us-east-1:111122223333:orders';
  const names = ['sqs:GetQueueUrl', 'sqs:SendMessage'];
  const [, first, second] = lines([
    { mark: '=', what: '2 actions', of: 'sqs:GetQueueUrl', where, why: 'held by calls' },
    { mark: '=', what: '2 actions', of: 'sqs:GetQueueUrl', where, why: 'kept', names },
  ]);
  expect(first).toBe('  = 2 actions  orders   held by calls');
  expect(second).toContain('2 actions  orders   kept');
});

test('very many names are counted by service, and all written out without a limit', () => {
  const names = Array.from({ length: 150 }, (_, i) => `${i % 3 === 0 ? 'ec2' : 's3'}:A${i}`);
  const rows: Row[] = [{ mark: '+', what: '150 actions', where: '*', names }];
  expect(lines(rows).at(-1)).toBe('      s3 100, ec2 50 (--full names them)');
  const all = sectionLines([{ title: 'Added', rows }], { width: 80, colors: plain }).join(' ');
  expect(names.filter((name) => !all.includes(name))).toEqual([]);
});

test('only the signs in use are explained', () => {
  expect(legend([{ title: 'x', rows: [{ mark: '~', what: 'a:B' }] }])).toBe('~ narrowed');
});

test('law: a line is only wider than the terminal where one name alone is', () => {
  const text = array(
    constantFrom('GetObject', key, 'arn:aws:s3:::b/*', 'x', 'a-long-name-of-some-forty-characters-here'),
    {
      maxLength: 6,
    },
  ).map((words) => words.join(' '));
  const row = record({
    mark: constantFrom<Row['mark']>('=', '~', '!'),
    what: constantFrom('kms:Decrypt', 's3:GetObject', `${'x'.repeat(50)}:A`),
    where: text,
    why: text,
    seen: option(constantFrom(seen), { nil: undefined }),
  });
  assert(
    property(array(row), integer({ min: 60, max: 140 }), (rows, width) => {
      for (const line of lines(rows, width, 100)) {
        const longest = Math.max(
          ...line
            .trim()
            .split(' ')
            .map((word) => word.length),
        );
        expect(line.length <= width || longest + 8 > width || /^ {2}[=~!] \S+$/.test(line)).toBe(true);
      }
    }),
    { seed: 15, numRuns: 300 },
  );
});

test('words are filled, and what has no space is not broken', () => {
  expect(filled('aa bb cc', 5, '  ')).toEqual(['aa bb', '  cc']);
  expect(filled('aaaaaaaaa b', 5, '  ')).toEqual(['aaaaaaaaa', '  b']);
});
