import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/app/settings/config.ts';
import { InputError } from '../../src/iam/input-error.ts';
import { parseDay } from '../../src/iam/days.ts';
import { run, sampleIndex, temporaryFolder, today } from './cli.ts';

const whole = `
principals: [app, 'ci-*']
window:
  since: 90d
  until: 2026-03-08
min-window: 45d
min-age: 7d
strategy: exact
unobservable: drop
conditions: region,vpce
current: aws
trail-config: trails/main.json
out: ../policies
exclude:
  - session=break-glass*
  - day=2026-03-04..2026-03-05
pins:
  - principal: app
    action: s3:Get*
    resource: "*"
    owner: data team
    reason: "restore drill: yearly"
    expires: 2026-12-31
format: terraform
sources: [logs, 's3://bucket/AWSLogs', event-history]
new-days: 3d
`;

test('everything it can say', () => {
  expect(parseConfig(whole, 'ops/iam-minimize.yaml')).toEqual({
    principals: ['app', 'ci-*'],
    mergeAccounts: [],
    since: '90d',
    until: '2026-03-08',
    minWindow: '45d',
    minAge: '7d',
    strategy: 'exact',
    unobservable: 'drop',
    conditions: 'region,vpce',
    current: 'aws',
    trailConfig: join('ops', 'trails', 'main.json'),
    format: 'terraform',
    out: 'policies',
    sources: [join('ops', 'logs'), 's3://bucket/AWSLogs', 'event-history'],
    newDays: '3d',
    exclude: ['session=break-glass*', 'day=2026-03-04..2026-03-05'],
    pins: [
      {
        principal: 'app',
        action: 's3:Get*',
        resource: '*',
        owner: 'data team',
        reason: 'restore drill: yearly',
        expires: parseDay('2026-12-31', ''),
      },
    ],
  });
});

test('values are text: no number, date or yes is made of them', () => {
  expect(parseConfig('principals: [0123, yes, null, 2026-03-04, 1e3]', 'c.yaml').principals).toEqual([
    '0123',
    'yes',
    'null',
    '2026-03-04',
    '1e3',
  ]);
});

const pin = (member: string, value: string): string =>
  whole.trim().replace(new RegExp(`(\\s${member}: ).*`, 'g'), `$1${value}`);

const mistakes: readonly (readonly [string, RegExp])[] = [
  ['', /^c\.yaml: not a configuration; write members/],
  ['just words', /^c\.yaml: not a configuration/],
  ['- app', /^c\.yaml: not a configuration/],
  ['a: [', /^c\.yaml:1: not YAML: /],
  ['out: a\nout: b', /^c\.yaml:2: not YAML: Map keys must be unique/],
  ['out: !x a', /^c\.yaml:1: not YAML: Unresolved tag/],
  ['out: a\n---\nout: b', /^c\.yaml:2: not YAML: Source contains multiple documents/],
  [
    'out: a\nprincipal:\n  - app',
    /^c\.yaml:2: the configuration has no "principal"; did you mean principals\?$/,
  ],
  [
    '__proto__: {a: b}',
    /^c\.yaml:1: the configuration has no "__proto__"; use principals, merge-accounts, window, /,
  ],
  ['<<: {out: a}', /^c\.yaml:1: the configuration has no "<<"/],
  ['? [a]\n: b', /^c\.yaml:1: the configuration has no ""/],
  ['principals: app', /^c\.yaml:1: "principals": write a list, each item on a line/],
  ['principals:\n  - app\n  -', /^c\.yaml:3: "principals": is empty/],
  ['principals:\n  - [a]', /^c\.yaml:2: "principals": write a single value/],
  ['principals: [&a app, *a]', /^c\.yaml:1: "principals": write a single value/],
  ['out:', /^c\.yaml:1: "out": is empty; give a value or take it out/],
  ['out: -', /^c\.yaml:1: not YAML|^c\.yaml:1: "out"/],
  ['out: "-"', /^c\.yaml:1: "out": name a folder; --out - is for the command line/],
  ['window: 90d', /^c\.yaml:1: "window": write its members: since, until/],
  ['window:\n  form: 90d', /^c\.yaml:2: "window" has no "form"; use since, until/],
  ['window:\n  since: soon', /^c\.yaml:2: since: "soon" is not a day; write it as YYYY-MM-DD/],
  ['min-window: 30', /^c\.yaml:1: min-window 30: write days as 30d/],
  ['min-age: a week', /^c\.yaml:1: min-age a week: write days as 30d/],
  ['strategy: fast', /^c\.yaml:1: "strategy": write exact or balanced/],
  ['unobservable: maybe', /^c\.yaml:1: "unobservable": write keep or drop/],
  ['conditions: moon', /^c\.yaml:1: --conditions "moon": use region/],
  ['exclude:\n  - user=x', /^c\.yaml:2: --exclude "user=x": use session=NAME/],
  ['pins:\n  - app', /^c\.yaml:2: "pins": write each as members: principal, action, /],
  ['pins:\n  - principal: app\n    action: s3:GetObject', /^c\.yaml:2: "resource" is missing; add it/],
  [pin('until', '2026-02-30'), /^c\.yaml:4: until: "2026-02-30" is not a day/],
  [pin('expires', 'never'), /^c\.yaml:22: expires: "never" is not a day/],
  [pin('action', '"*"'), /^c\.yaml:18: "action": write service:Action/],
  [pin('resource', 'app-data'), /^c\.yaml:19: "resource": write an ARN, a pattern of ARNs, or "\*"/],
  [pin('owner', '""'), /^c\.yaml:20: "owner": is empty/],
];

test.each(mistakes)('%j is told with its line', (text, says) => {
  const parse = (): unknown => parseConfig(text, 'c.yaml');
  expect(parse).toThrow(InputError);
  expect(parse).toThrow(says);
});

test('whatever the text, it is understood or told in one line', () => {
  assert(
    property(string({ unit: 'grapheme', maxLength: 60 }), (text) => {
      try {
        parseConfig(`pins:\n  - ${text}`, 'c.yaml');
      } catch (error) {
        return error instanceof InputError;
      }
      return true;
    }),
  );
});

const item = (principal: string, action: string, expires = '2026-12-31'): string =>
  `  - {principal: ${principal}, action: "${action}", resource: "*", owner: o, reason: r, expires: ${expires}}\n`;

describe('generate --config', () => {
  const folder = temporaryFolder();
  const db = sampleIndex(folder);
  const written = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const generate = (...args: readonly string[]): ReturnType<typeof run> =>
    run(['generate', '--db', db, ...args]);

  test('says what the same flags say', () => {
    const config = written(
      'same.yaml',
      'principals: [app]\nwindow: {since: 3d}\nstrategy: exact\nconditions: region\n',
    );
    const flags = ['--principal', 'app', '--since', '3d', '--strategy', 'exact', '--conditions', 'region'];
    expect(generate('--config', config)).toEqual(generate(...flags));
  });

  test('flags win', () => {
    const config = written(
      'flags.yaml',
      'principals: [nobody]\nstrategy: exact\nunobservable: drop\nmin-window: 90d\nmin-age: 9d\ncurrent: nowhere\nexclude: [event=*]\nout: nowhere\n',
    );
    const flags = ['--principal', 'app', ...today, '--strategy', 'balanced', '--unobservable', 'keep'];
    const more = ['--min-age', '1d', '--exclude', 'session=nobody', '--out', '-'];
    const ran = generate('--config', config, ...flags, ...more);
    expect(ran.err).toMatch(/^--exclude session=nobody: leaves out nothing;[^\n]*\n$/);
    expect(ran).toEqual({ ...generate(...flags, ...more), code: 0 });
  });

  test('paths are taken from its folder', () => {
    mkdirSync(join(folder, 'ops'));
    const policy = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}';
    written('ops/today.json', policy);
    const config = written(
      'ops/c.yaml',
      'principals: [app]\nmin-window: 5d\ncurrent: today.json\nout: written\n',
    );
    const { code, out } = generate('--config', config);
    expect(code).toBe(0);
    expect(out).toContain(`wrote  ${join(folder, 'ops/written/111122223333/role/app/policy.json')}`);
    expect(generate('--config', config, '--check').code).toBe(0);
  });

  test('pins are kept, expired, not held or of nobody, and each is said', () => {
    const pins = [
      item('app', 's3:DeleteObject'),
      item('"a*"', 's3:PutObjectAcl', '2026-03-07'),
      item('role/app', 'route53:ListHostedZones'),
      item('"c?-deploy"', 's3:GetObjectAcl'),
      item('ap', 's3:GetObjectAcl'),
    ];
    const config = written('pins.yaml', `principals: [app]\npins:\n${pins.join('')}`);
    const { code, out, err } = generate('--config', config, ...today);
    expect({ code, err }).toEqual({
      code: 0,
      err: 'pin of s3:GetObjectAcl for ap: no such principal in the index; it adds nothing\n',
    });
    const section = /^Pinned.*\n(?: {2}[=!].*\n)+/m.exec(out)?.[0] ?? '';
    expect(section.replaceAll(/ +/g, ' ')).toBe(
      [
        'Pinned whatever the log says',
        ' ! route53:ListHostedZones * not held today, adds nothing; o: r',
        ' = s3:DeleteObject * until 2026-12-31; o: r',
        ' ! s3:PutObjectAcl * expired 2026-03-07, not applied; o: r',
        '',
      ].join('\n'),
    );
    expect(out).toContain('not broadened');
  });
});
