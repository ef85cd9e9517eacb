import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isObject } from '../../src/iam/json.ts';
import { project, run, sampleIndex, temporaryFolder, today } from './cli.ts';

const folder = temporaryFolder();
const db = sampleIndex(folder);
const generate = (out: string, ...more: string[]) =>
  run(['generate', '--principal', 'app', ...today, '--db', db, '--out', out, ...more]);

const filesOf = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(root, name)).isFile())
    .sort();

const statements = (text: string): readonly unknown[] => {
  const json: unknown = JSON.parse(text);
  return isObject(json) && Array.isArray(json['Statement']) ? json['Statement'] : [];
};

const written = join(folder, 'written');
const first = generate(written);
const policy = '111122223333/role/app/policy.json';

describe('generate --out', () => {
  test('writes what samples/expected holds', async () => {
    expect(first).toMatchObject({ code: 0, err: '' });
    const policies = filesOf(written).filter((name) => /policy(-unseen)?(-\d+)?\.json$/.test(name));
    expect(policies).toEqual(filesOf(join(project, 'samples/expected')));
    for (const name of policies) {
      const text = readFileSync(join(written, name), 'utf8');
      await expect(text).toMatchFileSnapshot(join(project, 'samples/expected', name));
    }
  });

  test('lets nobody else read the index or the files', () => {
    const fresh = join(folder, 'mine');
    const index = join(fresh, 'index.db');
    expect(run(['ingest', 'samples/trail', '--db', index]).code).toBe(2);
    expect(generate(join(fresh, 'out')).code).toBe(0);
    expect(run(['ingest', 'samples/trail', '--db', index]).code).toBe(0);
    expect(run(['report', '--out', join(fresh, 'page.html'), '--db', index]).code).toBe(0);
    const modes = readdirSync(fresh, { recursive: true, encoding: 'utf8' }).map((name) => {
      const stats = statSync(join(fresh, name));
      return stats.mode & (stats.isDirectory() ? 0o77 : 0o177);
    });
    expect(modes.length).toBeGreaterThan(6);
    expect(new Set(modes)).toEqual(new Set([0]));
  });

  test('says in one line that nothing can be made where a file system is read-only', ({ skip }) => {
    const disk = join(folder, 'read-only');
    mkdirSync(disk);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', disk]).status !== 0)
      return skip('a file system cannot be mounted here');
    const { code, err } = generate(join(disk, 'out'));
    spawnSync('umount', ['-l', disk]);
    expect(code).toBe(2);
    expect(err).toMatch(/^iam-minimize: [^\n]+: cannot be made there; give another place with --out\n$/);
  });

  test('puts the diff and the evidence beside the policy', () => {
    expect(filesOf(written)).toEqual(
      ['diff.md', 'evidence.json', 'policy-unseen.json', 'policy.json'].map(
        (name) => `111122223333/role/app/${name}`,
      ),
    );
    expect(readFileSync(join(written, '111122223333/role/app/diff.md'), 'utf8')).toContain(
      '### `role/app` `111122223333`',
    );
  });

  test('changes nothing when nothing changed', () => {
    const copy = join(folder, 'same');
    cpSync(written, copy, { recursive: true });
    expect(generate(copy).out).toContain('same   ');
    for (const name of filesOf(written)) {
      expect(readFileSync(join(copy, name), 'utf8')).toBe(readFileSync(join(written, name), 'utf8'));
    }
  });

  test('removes policy files there are no documents for', () => {
    const copy = join(folder, 'surplus');
    cpSync(written, copy, { recursive: true });
    const surplus = join(copy, '111122223333/role/app/policy-2.json');
    writeFileSync(surplus, '{}');
    expect(generate(copy, '--check').code).toBe(1);
    expect(existsSync(surplus)).toBe(true);
    expect(generate(copy).out).toContain('removed');
    expect(existsSync(surplus)).toBe(false);
  });

  test.each([
    ['terraform', 'policy.tf', /^resource "aws_iam_policy" "role_111122223333_app" \{$/m],
    ['cloudformation', 'policy.yaml', /^ {4}Type: "AWS::IAM::ManagedPolicy"$/m],
  ])('writes %s beside the policy, checks it, and removes it with the format', (format, name, says) => {
    const copy = join(folder, format);
    cpSync(written, copy, { recursive: true });
    const template = join(copy, '111122223333/role/app', name);
    const flags = ['--format', format];
    expect(generate(copy, ...flags, '--check').code).toBe(1);
    expect(generate(copy, ...flags).out).toMatch(/^same .*policy\.json[^]*^wrote .*policy\.(tf|yaml)$/m);
    expect(readFileSync(template, 'utf8')).toMatch(says);
    expect(readFileSync(join(copy, policy), 'utf8')).toBe(readFileSync(join(written, policy), 'utf8'));
    expect(generate(copy, ...flags, '--check').code).toBe(0);
    writeFileSync(template, '');
    expect(generate(copy, ...flags, '--check').code).toBe(1);
    expect(generate(copy, '--check').out).toContain('surplus');
    expect(generate(copy).out).toContain('removed');
    expect(existsSync(template)).toBe(false);
  });

  test('keeps a boundary apart from the policies', () => {
    const copy = join(folder, 'boundary');
    cpSync(written, copy, { recursive: true });
    const flags = ['--as', 'boundary', '--format', 'terraform'];
    expect(generate(copy, ...flags)).toMatchObject({ code: 0, err: '' });
    const names = ['boundary-diff.md', 'boundary-evidence.json', 'boundary.json', 'boundary.tf'];
    const all = [...names, 'diff.md', 'evidence.json', 'policy-unseen.json', 'policy.json'];
    expect(filesOf(copy)).toEqual(all.map((name) => `111122223333/role/app/${name}`));
    expect(generate(copy, ...flags, '--check').code).toBe(0);
    expect(generate(copy, '--check').code).toBe(0);
    expect(run(['diff', written, copy]).code).toBe(0);
  });

  test('- prints the policy and nothing else, what is kept unseen with it where one document has room', () => {
    const parts = [policy, policy.replace('policy.json', 'policy-unseen.json')];
    const apart = parts.flatMap((name) => statements(readFileSync(join(written, name), 'utf8')));
    expect(statements(generate('-').out)).toEqual(apart);
  });
});

describe('generate --check', () => {
  test('exits 0 when the folder holds the proposal', () => {
    expect(generate(written, '--check').code).toBe(0);
  });

  test('exits 1 and writes nothing when it does not', () => {
    const empty = join(folder, 'nothing');
    const { code, out } = generate(empty, '--check');
    expect(code).toBe(1);
    expect(out).toContain('differs');
    expect(existsSync(empty)).toBe(false);
  });

  test('without --out compares with today', () => {
    expect(run(['generate', '--principal', 'app', ...today, '--db', db, '--check']).code).toBe(1);
  });
});
