import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { localObjects, stdinObject } from '../../src/ingest/objects/local.ts';
import { gathered, scratch } from './trail.ts';

async function labels(path: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { label } of localObjects(path)) found.push(label.slice(path.length));
  return found;
}

describe('files below a folder', () => {
  test('come in code unit order; links are followed, a folder is read once, a link to nowhere is passed over', async () => {
    const folder = scratch();
    const root = join(folder, 'logs');
    mkdirSync(join(root, 'b'), { recursive: true });
    mkdirSync(join(folder, 'outside'));
    for (const file of ['logs/a', 'logs/B', 'logs/b/x', 'outside/y']) writeFileSync(join(folder, file), '');
    symlinkSync(join(root, 'b'), join(root, 'c'));
    symlinkSync(root, join(root, 'b/loop'));
    symlinkSync(join(folder, 'outside'), join(root, 'd'));
    symlinkSync(join(folder, 'outside/y'), join(root, 'e'));
    symlinkSync(join(folder, 'gone'), join(root, 'f'));
    expect(await labels(root)).toEqual(['/B', '/a', '/b/x', '/d/y', '/e']);
  });

  test('one file is itself', async () => {
    const file = join(scratch(), 'log.json');
    writeFileSync(file, '{}');
    expect(await labels(file)).toEqual(['']);
    const [object] = await gathered(localObjects(file));
    expect(object).toMatchObject({ name: 'log.json', size: 2, path: file });
    expect(Buffer.concat(await gathered(object?.open() ?? []))).toEqual(Buffer.from('{}'));
  });

  test('a path that is none is named, with the nearest that there is', async () => {
    const folder = scratch();
    writeFileSync(join(folder, 'trail'), '');
    await expect(labels(join(folder, 'trails'))).rejects.toThrow(`did you mean ${join(folder, 'trail')}?`);
    await expect(labels(join(folder, 'else/where'))).rejects.toThrow(
      'no such file or directory; check the path',
    );
    await expect(labels(join(folder, 'trail/x'))).rejects.toThrow('cannot be read (ENOTDIR)');
  });
});

async function* input(): AsyncGenerator<Buffer> {
  yield Buffer.from('{}');
}

test('standard input is an object of unknown size, known by its content', async () => {
  const object = stdinObject(input());
  expect(object).toMatchObject({ label: 'standard input', size: undefined, etag: '' });
  expect(await gathered(object.open())).toEqual([Buffer.from('{}')]);
});
