import { assert, integer, property, record, uniqueArray, constantFrom } from 'fast-check';
import { unusedLine } from '../../src/emit/review/unused-principal.ts';
import { expect, test } from 'vitest';
import { parsePolicy, type PolicyDocument } from '../../src/iam/policy/policy.ts';
import { pullRequest } from '../../src/emit/markdown/pull-request.ts';
import type { Entry } from '../../src/emit/json/retightened.ts';
import { retightenText } from '../../src/emit/text/retightened.ts';
import { folderOf } from '../../src/emit/review/principal-folder.ts';
import { propose } from '../../src/synth/generate.ts';
import { renewalOf } from '../../src/synth/renewal.ts';
import { identity, inputOf, observedOf, useOf } from '../synth/arbitrary.ts';

const policy = (Action: readonly string[]): PolicyDocument =>
  parsePolicy(
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] }),
    'test',
  );

/** A role of some name that reads a thing of that name, and is refused another. */
function entryOf(name: string, objects: number): Entry {
  const bucket = `arn:aws:s3:::${name.replaceAll('*', '')}`;
  const uses = Array.from({ length: objects }, (_, i) =>
    useOf({ action: 's3:GetObject', resource: `${bucket}/${i}`, days: new Set([20_004]) }),
  );
  const denied = [useOf({ action: 's3:PutObject', resource: `${bucket}/x`, days: new Set([20_004]) })];
  const today = { identity: [policy(['s3:Get*', 's3:List*', 'sqs:*'])], boundary: undefined };
  const before = {
    exists: true,
    last: [policy(['s3:ListBucket'])],
    recorded: [{ day: 20_000, documents: [policy(['s3:*'])] }],
    restored: [],
  };
  const who = { ...identity, name };
  const observed = { ...observedOf(uses), denied };
  const proposal = propose({
    ...inputOf({ observed, today, unobservable: 'drop', history: { ...before, restore: false } }),
    identity: who,
  });
  return {
    ...renewalOf({ proposal, today }, before, true),
    folder: folderOf(who).join('/'),
    state: 'changed',
    trial: undefined,
  };
}

const page = (entries: readonly Entry[]): string =>
  pullRequest({ changed: true, entries, left: [], unread: 0, newDays: 3, backtest: undefined });

test('what went through without being in the policies of today stands in the summary, and before the principals', () => {
  const entry = entryOf('app', 1);
  const calls = [
    useOf({ action: 'ec2:RunInstances', resource: '*', days: new Set([20_004]), mayBeElsewhere: false }),
  ];
  const proposal = propose({
    ...inputOf({
      observed: observedOf(calls),
      today: { identity: [policy(['sqs:*'])], boundary: undefined },
    }),
    identity: { ...identity, name: 'app' },
  });
  const text = page([entry, { ...entry, proposal }]);
  expect(text).toContain(
    "- **1 observed use that today's policies do not allow**: are these all that it holds?",
  );
  expect(text).toContain(
    "`ec2:RunInstances` `*` `went through, and is not in today's policies: are these all that it holds?`",
  );
  expect(text.indexOf('## Look here first')).toBeLessThan(text.indexOf('<details>'));
});

test('who is never seen comes first, with what it holds, in the page and in the text', () => {
  const holder = { kind: 'role', account: '1', name: 'old', arn: '', policies: [{ name: 'all' }] };
  const facts = { days: 9, isCovered: true, isAdministrator: true, actions: 5, attention: [] };
  const left = [
    {
      kind: 'role',
      account: '1',
      name: 'old',
      folder: '1/role/old',
      reason: 'never-seen',
      unused: { holder, facts },
    },
  ] as const;
  const run = { changed: true, entries: [entryOf('a', 1)], left, unread: 0, newDays: 3, backtest: undefined };
  const line = 'never seen in 9 covered days, holds ADMINISTRATOR: ';
  expect(pullRequest(run)).toMatch(
    new RegExp(
      `^# .*\n\n## Never seen\n\n- delete \`role/old\` \`1\`\\? ${line}\`all\` .5 actions.\n\n## Regressions`,
    ),
  );
  expect(retightenText(run, false)).toMatch(
    new RegExp(`^- delete role/old 1\\? ${line}all .5 actions.\nregression `),
  );
});

const hostile = [
  'plain',
  '@octocat',
  '<img src=x onerror=alert(1)>',
  '`` ` ```',
  '[click](https://evil.example)',
  'a|b',
  'line\n## Heading\n```',
  '\u202egnp.exe',
  '#1 fixes #2',
  '</details><script>',
];

test('regressions first, and no name has an effect', () => {
  const text = page(hostile.map((name) => entryOf(name, 2)));
  expect(text).toMatch(/^# Least privilege: 10 principals of 10 change, 10 regressions\n\n## Regressions\n/);
  // What is left without code blocks and code spans is in our own words.
  const bare = text.replace(/^(`{3,})\w*\n.*?^\1\n/gms, '').replace(/`[^`\n]*`/g, '');
  expect(bare).not.toMatch(/octocat|evil|onerror|<script|Heading|gnp|fixes|`/);
  expect(text).not.toMatch(/[\u202e]/);
  expect(bare.match(/<\/?(?!details>|summary>)\w+/g)).toBeNull();
});

test('law: GitHub takes the page, however many and long the names are', () => {
  const entries = new Map<string, Entry>();
  const arb = record({
    names: uniqueArray(
      integer({ min: 1, max: 90 }).map((n) => `role-${n}-${'x'.repeat((n * 7) % 60)}`),
      { maxLength: 90, size: 'max' },
    ),
    objects: constantFrom(1, 3, 60),
  });
  assert(
    property(arb, ({ names, objects }) => {
      const all = names.map((name) => {
        const known = entries.get(`${name} ${objects}`) ?? entryOf(name, objects);
        entries.set(`${name} ${objects}`, known);
        return known;
      });
      const text = page(all);
      expect(text.length).toBeLessThanOrEqual(65_536);
      expect(text.startsWith('# Least privilege')).toBe(true);
      // Code blocks are closed: what follows them is read as it is meant.
      expect((text.match(/^```/gm) ?? []).length % 2).toBe(0);
    }),
    { numRuns: 12 },
  );
});

test('300 principals with long names fit, and all are counted', () => {
  const entries = Array.from({ length: 300 }, (_, i) => entryOf(`role-${i}-${'x'.repeat(50)}`, 3));
  const text = page(entries);
  expect(text.length).toBeLessThanOrEqual(65_536);
  expect(text).toMatch(/^# Least privilege: 300 principals of 300 change, 300 regressions\n/);
  expect(text).toMatch(/^\d+ more principals: see `retighten\.json`/m);
});

test('of one not seen on too few days nothing is advised', () => {
  const holder = { kind: 'role', account: '1', name: 'old', arn: '', policies: [{ name: 'all' }] };
  const facts = { days: 0, isCovered: false, isAdministrator: false, actions: 5, attention: [] };
  const line = unusedLine(holder, facts, String);
  expect(line).not.toContain('delete');
  expect(line).toContain('too little is covered');
});
