import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { IndexWriter } from '../../src/store/writer.ts';
import { main, project, run, sampleIndex, temporaryFolder } from './cli.ts';

const folder = temporaryFolder();
const db = sampleIndex(folder);
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const missing = join(folder, 'missing');
const junk = file('junk.txt', 'not JSON');
const nothing = file('nothing.json', '');
const cut = file('cut.json', '{"Version":');
const list = file('list.json', '[1]');
const firstPage = file('first.json', '{"RoleDetailList":[],"IsTruncated":true,"Marker":"more"}');
const oddReport = file('report.csv', 'user,mfa_active\nana,true\n');
const policy = file(
  'policy.json',
  '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}',
);
/** Each of an action that IAM refuses. */
const refusedActions = ['*:Get*', 's3', 's3:Get:Object', 's 3:GetObject'].map((action, index) =>
  file(
    `refused-${index}.json`,
    `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"${action}","Resource":"*"}]}`,
  ),
);
const namesNobody = file('nobody.yaml', 'strategy: exact\n');
const misspelt = file('misspelt.yaml', 'principals: [app]\nmin-widow: 7d\n');
const nobodyToRetighten = file('nobody-out.yaml', 'out: policies\n');
const nowhere = file('nowhere.yaml', 'principals: [app]\n');
const fromStream = file('stream.yaml', 'principals: [app]\nsources: ["-"]\n');
const intoFile = file('into-file.yaml', 'principals: [app]\nout: junk.txt\n');
const merges = file('merges.yaml', 'principals: [app]\nmerge-accounts: [app]\nout: policies\n');
const oddDays = file('odd.yaml', 'principals: [app]\nnew-days: 7\nout: policies\n');
const noSource = file('no-source.yaml', 'principals: [app]\nsources: [nowhere]\nout: policies\n');
const overToday = file('over-today.yaml', 'principals: [app]\ncurrent: today\nout: today/policies\n');
const todayFolder = join(folder, 'today');
mkdirSync(todayFolder);
const linked = join(folder, 'linked');
symlinkSync(todayFolder, linked);
const stranger = file('stranger.yaml', 'principals: [ap]\nout: proposals\n');
const damaged = join(folder, 'damaged.db');
const bytes = readFileSync(db);
// The first pages hold the schema; the facts come after them.
writeFileSync(damaged, bytes.fill(0xff, 40 * 4096));
const starPlain = file('star.yaml', 'principals: [*]\n');
const noLogs = file('no-logs.yaml', 'principals: [app]\nout: proposals\n');
const oddPin = file(
  'odd-pin.yaml',
  'pins:\n  - principal: app\n    action: s3:GetObjekt\n    resource: "*"\n    owner: o\n    reason: r\n    expires: 2030-01-01\n',
);
const empty = join(folder, 'empty');
mkdirSync(empty);
const emptyIndex = join(folder, 'empty.db');
IndexWriter.open(emptyIndex).close();

const inAthena = 'athena://primary/logs/cloudtrail';

/** Arguments, and what the one line on stderr must say. */
const mistakes: readonly (readonly [readonly string[], RegExp])[] = [
  [[], /give a command/],
  [
    ['verify', '--policy', empty, '--principal', 'app'],
    /holds no policy\.json; give the folder of one principal/,
  ],
  [['nonsense'], /nonsense: no such command/],
  [['retighten'], /Missing required argument: config/],
  [['retighten', '--config', missing], /--config .*missing: no such file; check the path/],
  [['retighten', '--config', nobodyToRetighten], /nobody-out\.yaml: names no principals; add "principals:"/],
  [['retighten', '--config', nowhere], /nowhere\.yaml: names no folder; add "out:"/],
  [['retighten', '--config', intoFile], /junk\.txt: is no folder; give another one as "out:" in .*into-file/],
  [['retighten', '--config', fromStream], /stream\.yaml:2: "sources": name files, folders or places/],
  [['retighten', '--config', oddDays], /odd\.yaml:2: new-days 7: write days as 30d/],
  [['retighten', '--config', noSource], /nowhere: no such file or directory/],
  [['retighten', '--config', overToday], /over today's policies in .*today; .*"out:" of .*over-today\.yaml/],
  ...[todayFolder, linked, folder].map((out): [string[], RegExp] => [
    ['generate', '--db', db, '--all', '--current', todayFolder, '--out', out],
    /would be written over today's policies in .*; give a folder apart from them as --out/,
  ]),
  [['retighten', '--config', stranger, '--db', db], /principals: ap: not in the index; nearest: /],
  ...[['principals'], ['generate', '--all'], ['why', 's3:GetObject']].map((args): [string[], RegExp] => [
    [...args, '--db', damaged],
    /damaged\.db: damaged; delete it and run ingest again/,
  ]),
  [['report', '--db', db], /Missing required argument: out/],
  [['report', '--db', db, '--out', '-'], /--out -: name a file, such as report\.html/],
  [['report', '--db', db, '--out', folder], /: is a folder; name a file in it, such as .*report.html/],
  [
    ['report', '--db', db, '--out', join(folder, 'x.html'), '--principal', 'ap'],
    /--principal ap: not in the index/,
  ],
  [['report', '--db', missing, '--out', join(folder, 'x.html')], /missing: no index there/],
  [['ingset', '.'], /did you mean ingest/],
  [['principals', '--nonsense'], /Unknown argument: --nonsense; see/],
  [['generate', '--principl', 'app'], /Unknown argument: --principl; did you mean --principal\? see/],
  [['generate', 'app', '--min-widow', '5d'], /Unknown argument: --min-widow; did you mean --min-window\?/],
  [['index', 'info', '--jsn'], /Unknown argument: --jsn; did you mean --json\?/],
  [['generate', 'apq'], /apq: not in the index; nearest: app, /],
  [['generate', '--all', 'app'], /--all: everybody; leave app out/],
  [['ingest', 'event-histroy'], /event-histroy: no such source; did you mean event-history\?/],
  [['ingest', 'S3://logs'], /S3:\/\/logs: no such source; write s3:\/\/bucket\/prefix or athena:/],
  [['ingest', 'samples/trails'], /samples\/trails: no such file or directory; did you mean samples\/trail\?/],
  [['generate', '--all', '--strategy', 'foo'], /--strategy foo: write exact or balanced; see/],
  [['ingest', 'samples/trail', '--accounts', 'foo'], /--accounts foo: not an account; write its 12 digits/],
  [['retighten', '--config', starPlain], /star\.yaml:1: not YAML: .*; quote what starts with \*/],
  [['retighten', '--config', noLogs, '--db', missing], /no-logs\.yaml: names no logs, .*add "sources:"/],
  [
    ['retighten', '--config', oddPin],
    /odd-pin\.yaml:3: "action": AWS has no s3:GetObjekt; did you mean s3:GetObject\?/,
  ],
  [['principals', 'app'], /Unknown argument: app/],
  [['principals', '--db', db, '--db', db], /--db: give it once/],
  [
    ['ingest'],
    /^iam-minimize: ingest: give a SOURCE \(file, folder, s3:\/\/bucket\/prefix, athena:\/\/workgroup\/database\/table, event-history or -\); see iam-minimize ingest --help$/m,
  ],
  [['ingest', empty, '--user-name', 'app'], /--user-name: only event-history can be looked up by it/],
  [
    ['ingest', 'event-history', '--user-name', 'app', '--event-name', 'GetUser'],
    /--user-name, --event-name: the event history is looked up by one attribute/,
  ],
  [['ingest', 'event-history', '--regions', 'x y'], /--regions x y: not a Region; write it as eu-west-1/],
  [
    ['ingest', 'athena://primary/logs'],
    /athena:\/\/primary\/logs: no table; write it as athena:\/\/workgroup/,
  ],
  [['ingest', `athena://primary/logs/a"b`], /no table; write it as/],
  [
    ['ingest', inAthena, '--accounts', `1' OR '1`],
    /--accounts 1' OR '1: not an account; write its 12 digits/,
  ],
  [['ingest', inAthena, '--regions', `a'b`], /--regions a'b: not a Region/],
  [['ingest', inAthena, '--since', '2999-01-01'], /leave no day up to today; give others/],
  [['ingest', inAthena, '--max-bytes', 'much'], /--max-bytes much: write bytes as 500GB/],
  [['ingest', inAthena, '--output', 'results'], /--output results: write it as s3:\/\/bucket\/prefix\//],
  [['ingest', inAthena, '--lookback', 'long'], /--lookback long: write days as 3d/],
  [['ingest', inAthena, '--dry-run'], /--dry-run: knows files and buckets only/],
  [['ingest', inAthena, '--verify-digests'], /athena:\/\/primary\/logs\/cloudtrail has no digest files/],
  [
    ['ingest', inAthena, '--print-sql', '--create-table', 'x', '--accounts', '111122223333'],
    /--create-table x: write the folder that holds the accounts, as s3:\/\/bucket\/AWSLogs\//,
  ],
  [
    ['ingest', inAthena, '--print-sql', '--create-table', 's3://bucket/AWSLogs'],
    /--create-table: name what the table holds with --accounts and --regions/,
  ],
  [['ingest', empty, '--print-sql'], /--print-sql: give one athena:\/\//],
  [['ingest', empty, '--max-bytes', '1GB'], /--max-bytes: is for athena:\/\//],
  [['audit', '--json', '--sarif'], /give --json or --sarif, not both/],
  [['audit', '--unused', 'long'], /--unused long: write days as 30d/],
  [['audit', '--credential-report', missing], /--credential-report .*missing: no such file/],
  [['audit', '--credential-report', nothing], /nothing\.json: a credential report without rows/],
  [['audit', '--password-policy', nothing], /nothing\.json: not JSON/],
  [['audit', '--credential-report', junk], /junk\.txt: a credential report without rows/],
  [['audit', '--credential-report', cut], /cut\.json: not a credential report/],
  [['audit', '--credential-report', oddReport], /row 1: not a credential report \(no column arn\)/],
  [
    ['audit', '--password-policy', junk],
    /junk\.txt: not JSON; give the output of: aws iam get-account-password-policy/,
  ],
  [['audit', '--password-policy', policy], /policy\.json: no "PasswordPolicy" in it/],
  [
    ['audit', '--trail-config', junk],
    /junk\.txt: not JSON; give the output of: aws cloudtrail describe-trails/,
  ],
  [['audit', '--trail-config', list], /list\.json: a trail without "TrailARN"/],
  [['audit', '--current', firstPage], /first\.json: authorization details without their last page/],
  [['audit', '--current', junk], /junk\.txt: neither a policy/],
  [['ingest', missing], /missing: no such file/],
  [['ingest', missing, '--dry-run'], /missing: no such file/],
  [['ingest', 's3://'], /s3:\/\/: no bucket; write it as s3:\/\/bucket\/prefix/],
  [['ingest', 's3:///logs'], /s3:\/\/\/logs: no bucket/],
  [['ingest', 's3://logs', '--lookback', 'long'], /--lookback long: write days as 3d/],
  [['ingest', 's3://logs', '--since', 'soon'], /--since.*"soon"/],
  [['ingest', empty, '--concurrency', 'many'], /--concurrency/],
  [['ingest', 'samples/trail', '--since', 'soon'], /--since.*"soon"/],
  [['ingest', 'samples/trail', '--db', join(missing, 'x.db')], /directory does not exist/],
  [['ingest', 'samples/trail', '--db', junk], /junk\.txt: not a database/],
  [['principals', '--db', missing], /missing: no index there/],
  [['principals', '--db', folder], /is a directory/],
  [['principals', '--db', emptyIndex], /no events yet/],
  [['generate'], /--principal NAME or --all/],
  [['generate', '--principal', 'apq'], /apq: not in the index; nearest: app, /],
  [['generate', '--principal', 'root'], /nobody of kind root can be given a policy/],
  [['generate', '--principal', 'AWSServiceRoleForECS'], /kind service-linked-role/],
  [['generate', '--principal', 'ecs-tasks.amazonaws.com'], /kind service can be given a policy/],
  [
    ['generate', '--principal', 'app', '--since', '2020-01-01', '--until', '2020-01-31'],
    /no events in the window/,
  ],
  [
    ['generate', '--principal', 'app', '--since', '2026-03-05', '--until', '2026-03-04'],
    /--since 2026-03-05/,
  ],
  [['generate', '--merge-accounts', 'apq'], /--merge-accounts apq: not in the index; nearest: app, /],
  [
    ['generate', '--merge-accounts', 'app'],
    /a role of one account only \(111122223333\); give --principal app/,
  ],
  [
    ['generate', '--merge-accounts', 'app', '--as', 'boundary', '--current', 'samples/current'],
    /--merge-accounts writes policies; leave out --as boundary/,
  ],
  [
    ['retighten', '--config', merges],
    /"merge-accounts" is for generate; retighten proposes for each account/,
  ],
  [['generate', '--principal', 'app', '--since', 'yesterday'], /"yesterday" is not a day/],
  [['generate', '--principal', 'app', '--since', '2026-02-30'], /2026-02-30/],
  [['generate', '--principal', 'app', '--conditions', 'region,ip'], /--conditions "ip": use region, vpce/],
  [['generate', '--principal', 'app', '--exclude', 'user=x'], /--exclude "user=x": use session=NAME/],
  [['generate', '--principal', 'app', '--exclude', 'day=soon'], /--exclude day/],
  [['generate', '--principal', 'app', '--current', missing], /missing: no such file or folder/],
  [['generate', '--principal', 'app', '--current', junk], /junk\.txt/],
  [['generate', '--principal', 'app', '--current', list], /list\.json/],
  [['generate', '--principal', 'app', '--current', nothing], /nothing\.json: empty; give a policy file/],
  [['generate', '--principal', 'app', '--current', cut], /cut\.json:1:12: expected a value, found the end/],
  ...refusedActions.flatMap((path): [string[], RegExp][] =>
    [
      ['generate', '--principal', 'app', '--current', path],
      ['verify', '--principal', 'app', '--policy', path],
    ].map((args) => [
      args,
      /refused-\d\.json:1:65: Statement\[0\]\.Action: must be "\*" or "service:Action"/,
    ]),
  ),
  [['generate', '--principal', 'app', '--trail-config', junk], /junk\.txt: not JSON/],
  [['generate', '--config', missing], /--config .*missing: no such file; check the path/],
  [['generate', '--config', junk], /junk\.txt: not a configuration/],
  [['generate', '--config', namesNobody], /nobody\.yaml: names no principals; add "principals:"/],
  [
    ['generate', '--config', misspelt],
    /misspelt\.yaml:2: the configuration has no "min-widow"; did you mean/,
  ],
  [['generate', '--principal', 'app', '--min-age', 'week'], /--min-age week: write days as 30d/],
  [['generate', '--principal', 'app', '--check'], /--check needs --out DIR or --current PATH/],
  [['generate', '--principal', 'app', '--check', '--out', '-'], /--check compares with a folder/],
  [['generate', '--principal', 'app', '--out', junk], /no folder to write to.*--out/],
  [['generate', '--principal', 'app', '--out', `${junk}/below`], /no folder to write to.*--out/],
  [
    ['generate', '--principal', 'app', '--diff', 'colourful'],
    /--diff colourful: write text or markdown or none/,
  ],
  [
    ['generate', '--principal', 'app', '--format', 'yaml'],
    /--format yaml: write json or terraform or cloudformation/,
  ],
  [['generate', '--principal', 'app', '--as', 'boundary'], /--as boundary needs --current PATH\|aws/],
  [['explain'], /explain: give a FILE/],
  [['lint'], /lint: give a FILE/],
  [['diff'], /diff: give OLD and NEW/],
  [['diff', policy], /diff: give OLD and NEW/],
  [['index'], /index: give the word info/],
  [['data'], /data: give the word info or refresh/],
  [['explain', missing], /missing: no such file/],
  [['why'], /why: give an ACTION/],
  [['why', 's3:GetObjekt'], /no such action; did you mean s3:GetObject\?/],
  [['why', 's4:GetObject'], /no such action; did you mean s3:GetObject\?/],
  [['why', 'GetObject'], /no such action; write it as service:Name/],
  [['why', 's3:GetObject', '--principal', 'apq'], /not in the index/],
  [['why', 's3:GetObject', '--resource', 'bucket'], /--resource bucket: is no ARN/],
  [
    ['report', '--out', 'r.html', '--principal', 'app', '--password-policy', 'missing'],
    /are of whole accounts; leave out --principal/,
  ],
  [['verify', '--principal', 'app'], /--policy FILE/],
  [['verify', '--policy', policy], /--principal NAME or --requests FILE/],
  [['verify', '--policy', missing, '--principal', 'app'], /--policy .*missing: no such file; check the path/],
  [['verify', '--policy', junk, '--principal', 'app'], /junk\.txt/],
  [['verify', '--policy', policy, '--principal', '*'], /several principals/],
  [['verify', '--policy', policy, '--requests', junk], /junk\.txt:1: not JSON/],
  [['verify', '--policy', policy, '--requests', list], /no "action"/],
  [['index', 'size'], /index size: unknown/],
  [['data', 'fetch'], /data fetch: unknown/],
];

describe('mistakes: one line, what is wrong and what to do, exit 2', () => {
  test.each(mistakes)('%j', (args, says) => {
    const needsIndex =
      !args.includes('--db') && !['explain', 'diff'].includes(args[0] ?? '') && args.length > 1;
    const { code, out, err } = run(needsIndex ? [...args, '--db', db] : args);
    expect(err).toMatch(/^iam-minimize: [^\n]+\n$/);
    expect(err).toMatch(says);
    expect(err).not.toContain('    at ');
    expect(code).toBe(2);
    expect(args.includes('--out') ? '' : out).toBe('');
  });
});

describe('a reader that leaves early', () => {
  test.each([
    ['explain', 'samples/trail'],
    ['explain', 'samples/trail', '--json'],
    ['generate', '--all', '--current', 'samples/current', '--db', db, '--json'],
    ['why', '*:*', '--db', db],
  ])('%s %s', (...args) => {
    const quoted = [process.execPath, main, ...args].map((arg) => `'${arg}'`).join(' ');
    const { stdout, stderr } = spawnSync('bash', ['-c', `${quoted} | head -1`], {
      cwd: project,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(stdout.split('\n')).toHaveLength(2);
  });
});

test('why says of one action how CloudTrail shows it, and of a wildcard nothing', () => {
  expect(run(['why', 's3:GetObject', '--db', db]).out).toMatch(/^CloudTrail: s3:GetObject shows only/m);
  expect(run(['why', 's3:*', '--db', db]).out).not.toMatch(/^CloudTrail:/m);
});

test('--check without --out says in a last line how it compares with --current', () => {
  const flags = ['--current', 'samples/current', '--db', db, '--check', '--diff', 'none'];
  const changed = run(['generate', '--principal', 'app', '--min-window', '5d', ...flags]);
  expect(changed.out).toMatch(/^1 of 1 principal differs from --current$/m);
  expect(changed.code).toBe(1);
  const unchanged = run(['generate', '--principal', 'app', '--min-window', '60d', ...flags]);
  expect(unchanged.out).toMatch(/^same as --current: 1 principal$/m);
  expect(unchanged.code).toBe(0);
});

test('--diff none prints headline and proof', () => {
  const flags = ['app', '--current', 'samples/current', '--min-window', '5d', '--db', db, '--diff', 'none'];
  expect(run(['generate', ...flags]).out).toMatch(
    /^role\/app .*\n472 -> .*\n(?:permissions management .*\n)?proof .*\n(?: +.*\n)+$/,
  );
});

test('a bare name is a principal, beside those of --principal', () => {
  const flags = ['--db', db, '--json'];
  const named = run(['generate', 'app', '--principal', 'ci-*', ...flags]);
  expect(named.code).toBe(0);
  expect(named.out).toBe(run(['generate', '--principal', 'app', '--principal', 'ci-*', ...flags]).out);
  expect(run(['generate', 'app', ...flags]).out).not.toBe(named.out);
});

test.each([
  ['samples', '--out samples: is a folder; name a file in it, such as samples/report.html'],
  ['new/', '--out new/: is a folder; name a file in it, such as new/report.html'],
  ['/proc', '--out /proc: is a folder; name a file in it, such as /proc/report.html'],
  ['/proc/report.html', '--out /proc/report.html: no file can be written there; give another place'],
  ['README.md/page.html', '--out README.md/page.html: no file can be written there; give another place'],
  ['', '--out: is empty; give a value or leave it out'],
])('report --out %s is one line', (out, line) => {
  const ran = run(['report', '--db', db, '--out', out]);
  expect({ code: ran.code, err: ran.err, out: ran.out }).toEqual({
    code: 2,
    err: `iam-minimize: ${line}\n`,
    out: '',
  });
});

test('report writes through no link', () => {
  const link = join(folder, 'link.html');
  symlinkSync(join(folder, 'nowhere.html'), link);
  const ran = run(['report', '--db', db, '--out', link]);
  expect(ran.code).toBe(2);
  expect(ran.err).toMatch(/^iam-minimize: .*link\.html: a symbolic link; .*\n$/);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
});

test('--db without a name is no index', () => {
  const ran = run(['ingest', 'samples/trail', '--db', '']);
  expect([ran.code, ran.err]).toEqual([2, 'iam-minimize: --db: is empty; give a value or leave it out\n']);
});

test.each(['/proc', 'README.md'])('--out %s is one line: it is no folder to write to', (out) => {
  const ran = run(['generate', '--principal', 'app', '--db', db, '--out', out]);
  expect({ code: ran.code, err: ran.err }).toEqual({
    code: 2,
    err: `iam-minimize: ${out}: is no folder to write to; give another one as --out\n`,
  });
});
