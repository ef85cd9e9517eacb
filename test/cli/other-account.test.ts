import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { isObject } from '../../src/iam/json.ts';
import { project, run, sampleIndex, temporaryFolder, today, type Ran } from './cli.ts';

const folder = temporaryFolder();
const db = sampleIndex(folder);
const out = join(folder, 'out');
const proposed = join(folder, 'proposed');
const details = readFileSync(join(project, 'samples/current/authorization-details.json'), 'utf8');
const app = '111122223333/role/app/policy.json';

run(['generate', '--all', '--db', db, ...today, '--out', proposed]);

/** Another file of today's policies. */
function current(text: string): string {
  const file = join(folder, 'current.json');
  writeFileSync(file, text);
  return file;
}

/** Today's policies without a role. */
function without(role: string): string {
  const json: unknown = JSON.parse(details);
  const list = isObject(json) && Array.isArray(json['RoleDetailList']) ? json['RoleDetailList'] : [];
  const rest = list.filter((one) => !(isObject(one) && one['RoleName'] === role));
  return JSON.stringify({ ...(isObject(json) ? json : {}), RoleDetailList: rest });
}

const generate = (file: string, ...args: readonly string[]): Ran =>
  run(['generate', '--all', '--db', db, '--min-window', '7d', '--current', file, '--out', out, ...args]);

const verify = (file: string): Ran =>
  run(['verify', '--policy', join(proposed, app), '--principal', 'app', '--db', db, '--current', file]);

const otherAccount = details.replaceAll('111122223333', '999988887777');

beforeEach(() => {
  rmSync(out, { recursive: true, force: true });
  cpSync(proposed, out, { recursive: true });
});

test("another account's policies: a mistake, and no file goes", () => {
  const ran = generate(current(otherAccount));
  expect(ran).toMatchObject({ code: 2, out: '' });
  expect(ran.err).toMatch(
    /^iam-minimize: not known to --current \S+: .*role\/app.* of 111122223333; give the policies of /,
  );
  expect(ran.err.trim()).not.toContain('\n');
  expect(existsSync(join(out, app))).toBe(true);
});

test('verify, report and retighten with them: a mistake', () => {
  const file = current(otherAccount);
  const verified = verify(file);
  expect(verified).toMatchObject({ code: 2, out: '' });
  expect(verified.err).toContain('not known to --current; give the policies of 111122223333');
  const page = join(folder, 'report.html');
  expect(run(['report', '--out', page, '--db', db, '--current', file])).toMatchObject({ code: 2 });
  expect(existsSync(page)).toBe(false);
  const config = join(folder, 'iam-minimize.yaml');
  writeFileSync(config, `principals: ["*"]\ncurrent: ${file}\nout: out\n`);
  expect(run(['retighten', '--config', config, '--db', db])).toMatchObject({ code: 2, out: '' });
  expect(existsSync(join(out, app))).toBe(true);
});

test('policies that name one of several: the others are the first line, their files stay, exit 3', () => {
  const only = join(folder, 'only/111122223333/role/ci-deploy');
  cpSync(join(proposed, '111122223333/role/ci-deploy'), only, { recursive: true });
  const ran = generate(join(folder, 'only'));
  expect(ran.code).toBe(3);
  expect(ran.out).toMatch(/^not known to --current, their files stay: .*role\/app.* of 111122223333; /);
  expect(existsSync(join(out, app))).toBe(true);
  expect(generate(join(folder, 'only'), '--json').err).toMatch(/^not known to --current, /m);
  const config = join(folder, 'iam-minimize.yaml');
  writeFileSync(config, 'principals: ["*"]\ncurrent: only\nout: out\n');
  const again = run(['retighten', '--config', config, '--db', db]);
  expect(again).toMatchObject({ code: 3 });
  expect(again.out).toMatch(/^left +111122223333\/role\/app +seen in the log, but not in/m);
  expect(existsSync(join(out, app))).toBe(true);
});

test('a role that its account does not list any more: said, and only then its files go', () => {
  const file = current(without('app'));
  const checked = generate(file, '--check');
  expect(checked).toMatchObject({ code: 1 });
  expect(checked.out).toContain(`surplus ${join(out, app)}\n`);
  expect(existsSync(join(out, app))).toBe(true);
  const ran = generate(file);
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.out).toMatch(/^role\/app {2}111122223333 +deleted: /m);
  expect(existsSync(join(out, app))).toBe(false);
  const verified = verify(file);
  expect(verified).toMatchObject({ code: 2 });
  expect(verified.err).toContain('deleted: --current lists 111122223333 without it');
});

test('the same of a scheduled run', () => {
  const config = join(folder, 'iam-minimize.yaml');
  writeFileSync(config, `principals: ["*"]\ncurrent: ${current(without('app'))}\nout: out\n`);
  const ran = run(['retighten', '--config', config, '--db', db]);
  expect(ran.out).toMatch(/^removed +111122223333\/role\/app +deleted: /m);
  expect(existsSync(join(out, app))).toBe(false);
});
