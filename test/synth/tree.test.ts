import { assert, property, string } from 'fast-check';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { describe, expect, test } from 'vitest';
import { drift, writeTree } from '../../src/app/tree/tree.ts';
import { identities } from '../../src/cloudtrail/identity.ts';
import { folderOf, segment } from '../../src/emit/review/principal-folder.ts';
import { outputTree, type OutputTree } from '../../src/emit/tree.ts';
import { propose } from '../../src/synth/generate.ts';
import { temporaryFolder } from '../cli/cli.ts';
import { identity, inputOf, observedOf, useOf } from './arbitrary.ts';

const folder = temporaryFolder();
let made = 0;
const root = (): string => join(folder, `tree-${made++}`);

const bucket = (name: string): string => `arn:aws:s3:::${name}`;
/** The tree of a principal that listed these buckets. */
function treeOf(names: readonly string[], name = 'app'): OutputTree {
  const uses = names.map((n) => useOf({ action: 's3:ListBucket', resource: bucket(n) }));
  return outputTree(
    propose(inputOf({ identity: { ...identity, name }, observed: observedOf(uses) })),
    'json',
  );
}
const many = Array.from({ length: 150 }, (_, i) => `bucket-with-a-rather-long-name-to-fill-the-quota-${i}`);

const hostile = [
  '..',
  '.',
  '',
  'a/b',
  '../../etc/passwd',
  'CON',
  'a\\b',
  '\u0000',
  '.hidden',
  'x'.repeat(300),
  '日本語'.repeat(80),
  '\ud800',
  'a b',
  '%2e%2e',
  '~',
  '__proto__',
  'constructor',
];

describe('paths', () => {
  test.each(hostile.map((name) => [name]))('%j stays inside', (name) => {
    const base = resolve('/out');
    for (const { path } of [...treeOf(['a'], name).policies, ...treeOf(['a'], name).companions]) {
      expect(
        path.every((part) => part !== '' && part !== '.' && part !== '..' && !/[/\\\0]/.test(part)),
      ).toBe(true);
      expect(resolve(base, ...path).startsWith(base + sep)).toBe(true);
      expect(path).toHaveLength(4);
      expect(Buffer.byteLength(path[2] ?? '')).toBeLessThanOrEqual(200);
    }
    const out = root();
    writeTree(out, treeOf(['a'], name));
    expect(readdirSync(out, { recursive: true })).toHaveLength(6);
  });

  test('different names never share a folder', () => {
    expect(new Set(hostile.map((name) => segment(name))).size).toBe(hostile.length);
    assert(
      property(
        string({ unit: 'binary', maxLength: 400 }),
        string({ unit: 'binary', maxLength: 400 }),
        (a, b) => a === b || segment(a) !== segment(b),
      ),
    );
  });

  test('is a name on Windows too, and still its own', () => {
    const names = ['CON', 'con', 'nul.txt', 'Com1', 'lpt9.a.b', 'app.', 'app', 'app..', 'con-1', 'auxiliary'];
    const segments = names.map((name) => segment(name));
    for (const one of segments)
      expect(one).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)|[. ]$|[<>:"/\\|?*]/i);
    expect(segments.map((one) => decodeURIComponent(one))).toEqual(names);
    expect(segments.slice(-2)).toEqual(['con-1', 'auxiliary']);
  });

  test('differs from others in more than case', () => {
    const row = { kind: 'role', account: '111122223333', arn: '', uniqueId: '' } as const;
    const rows = ['App', 'app', 'APP', 'Other'].map((name, id) => ({ ...row, name, id }));
    const folders = identities(rows).map((identity) => folderOf(identity).at(-1) ?? '');
    expect(new Set(folders.map((name) => name.toLowerCase())).size).toBe(4);
    expect(folders).toContain('app');
    expect(folders).toContain('Other');
  });

  test('a name that IAM accepts is its own folder', () => {
    expect(segment('App_team+deploy=1,x.y@example-z')).toBe('App_team+deploy=1,x.y@example-z');
  });
});

/** Every file below a folder with its text and the time it was written. */
function contentOf(out: string): Record<string, { text: string; time: number }> {
  const files = readdirSync(out, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    files
      .filter((name) => statSync(join(out, name)).isFile())
      .map((name) => [
        name,
        { text: readFileSync(join(out, name), 'utf8'), time: statSync(join(out, name)).mtimeMs },
      ]),
  );
}
function age(out: string): void {
  for (const name of Object.keys(contentOf(out))) utimesSync(join(out, name), 1000, 1000);
}
const own = '111122223333/role/app';

describe('writing', () => {
  test('writing the same again touches no file', () => {
    const out = root();
    writeTree(out, treeOf(['a', 'b']));
    age(out);
    const before = contentOf(out);
    expect(writeTree(out, treeOf(['a', 'b']))).toEqual({ changed: [], stale: [] });
    expect(contentOf(out)).toEqual(before);
    expect(Object.keys(before)).toEqual([`${own}/diff.md`, `${own}/evidence.json`, `${own}/policy.json`]);
  });

  test('a policy that is no longer needed is removed, and nothing else', () => {
    const out = root();
    writeTree(out, treeOf(many));
    writeFileSync(join(out, own, 'policy-notes.json'), 'mine');
    expect(readdirSync(join(out, own))).toContain('policy-2.json');
    const { stale } = writeTree(out, treeOf(['a']));
    expect(stale).toEqual([join(resolve(out), own, 'policy-2.json')]);
    expect(readdirSync(join(out, own)).sort()).toEqual([
      'diff.md',
      'evidence.json',
      'policy-notes.json',
      'policy.json',
    ]);
  });

  test('diff.md and evidence.json change only with a policy', () => {
    const out = root();
    const first = treeOf(['a']);
    writeTree(out, first);
    const seenMore: OutputTree = {
      ...first,
      companions: first.companions.map((file) => ({ ...file, text: 'later days' })),
    };
    writeTree(out, seenMore);
    expect(Object.values(contentOf(out)).map(({ text }) => text)).not.toContain('later days');
    writeTree(out, { ...treeOf(['a', 'b']), companions: seenMore.companions });
    expect(Object.values(contentOf(out)).filter(({ text }) => text === 'later days')).toHaveLength(2);
  });

  test('a write that fails leaves the old file whole, and the next run writes all', () => {
    const out = root();
    writeTree(out, treeOf(['a']));
    const before = contentOf(out)[`${own}/policy.json`];
    // A folder where the new text would be put together.
    mkdirSync(join(out, own, 'policy.json.part', 'x'), { recursive: true });
    expect(() => writeTree(out, treeOf(['a', 'b']))).toThrow(/policy\.json: cannot be written .*--out/);
    expect(contentOf(out)[`${own}/policy.json`]?.text).toBe(before?.text);
    expect(drift(out, treeOf(['a', 'b'])).changed).toHaveLength(1);
    rmSync(join(out, own, 'policy.json.part'), { recursive: true });
    writeTree(out, treeOf(['a', 'b']));
    expect(drift(out, treeOf(['a', 'b']))).toEqual({ changed: [], stale: [] });
  });
});
