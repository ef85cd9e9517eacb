import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { event, writeLog } from '../ingest/trail.ts';
import { run, temporaryFolder } from './cli.ts';

const folder = temporaryFolder();
const db = join(folder, 'alike.db');
const log = join(folder, 'alike.json');

/** Three roles read functions every day and list them; `app` lists them on the third day first. */
const lambda = (role: string, eventName: string, day: number): object =>
  event(role, eventName, `2026-03-0${day}T12:00:00Z`, {
    eventSource: 'lambda.amazonaws.com',
    requestParameters: eventName.startsWith('List') ? null : { functionName: 'report' },
  });
writeLog(log, [
  ...[1, 2, 3].flatMap((day) =>
    ['one', 'two', 'three', 'app'].flatMap((role) =>
      ['GetFunction20150331v2', 'GetPolicy20150331v2', 'GetAlias20150331'].map((name) =>
        lambda(role, name, day),
      ),
    ),
  ),
  ...[1, 2, 3].flatMap((day) =>
    ['one', 'two', 'three'].map((role) => lambda(role, 'ListFunctions20150331', day)),
  ),
  lambda('app', 'ListFunctions20150331', 3),
]);
run(['ingest', log, '--db', db]);
const current = join(folder, 'current.json');
writeFileSync(
  current,
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'lambda:*', Resource: '*' }],
  }),
);

test('principals with the same duty, and what a shared policy would add', () => {
  const { code, out } = run(['principals', '--alike', '--until', '2026-03-02', '--db', db]);
  expect(code).toBe(0);
  expect(out).toBe(
    'same duty: 1 group (at least 60% of actions and services in common)\n\n' +
      '4 principals, 80% in common   4 actions together: lambda 4\n' +
      '  role/app    111122223333  3 actions  a shared policy adds 1: lambda:ListFunctions\n' +
      '  role/one    111122223333  4 actions  a shared policy adds 0\n' +
      '  role/three  111122223333  4 actions  a shared policy adds 0\n' +
      '  role/two    111122223333  4 actions  a shared policy adds 0\n',
  );
});

test('a need foreseen is a pin with its share, and is kept once it is pasted with an owner', () => {
  const window = ['--until', '2026-03-02', '--db', db];
  const { code, out } = run(['principals', '--principal', 'app', '--current', current, ...window]);
  expect(code).toBe(0);
  const pins = out.slice(out.indexOf('pins:\n')).trimEnd();
  expect(pins).toContain('reason: "3 of 3 like it call lambda:ListFunctions"');
  const config = join(folder, 'pins.yaml');
  writeFileSync(config, `principals: [app]\n${pins}\n`);
  const asked = ['generate', '--config', config, '--current', current, '--min-window', '2d', ...window];
  const unsigned = run(asked);
  expect(unsigned.code).toBe(2);
  expect(unsigned.err).toContain('"owner": is empty');
  writeFileSync(config, `principals: [app]\n${pins.replaceAll('owner: ""', 'owner: ana')}\n`);
  const kept = run([...asked, '--unobservable', 'drop', '--json']);
  expect(kept.out).toMatch(/"action":"lambda:ListFunctions"[^}]*"reason":"pinned"/);
});

test('nothing is foreseen without what is held today', () => {
  const { out } = run(['principals', '--principal', 'app', '--db', db]);
  expect(out).toContain('Likely to be needed   give --current: only what is held today can be kept\n');
  expect(out).not.toContain('pins:');
});

test('backtest says what needs foreseen spare and what they keep', () => {
  const slide = ['--train', '2d', '--test', '1d', '--step', '1d', '--current', current, '--db', db];
  const { code, out } = run(['backtest', '--principal', 'app', ...slide]);
  expect(code).toBe(0);
  expect(out).toContain(
    'needs foreseen, as pins, would have spared 1 of 1 later denial and kept 1.0 more actions (mean), 0.0 of',
  );
  expect(run(['backtest', '--principal', 'app', ...slide.slice(0, 6), '--db', db]).out).not.toContain(
    'foreseen',
  );
});

test('mistakes are one line', () => {
  const wrong = [
    ['--alike', '--principal', 'app'],
    ['--current', current],
    ['--principal', 'nobody'],
  ];
  for (const args of wrong) {
    const { code, err } = run(['principals', ...args, '--db', db]);
    expect(code).toBe(2);
    expect(err).toMatch(/^[^\n]+\n$/);
  }
});
