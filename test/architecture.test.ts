import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';

const project = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string): string => readFileSync(join(project, file), 'utf8');
const folders = (folder: string): string[] =>
  readdirSync(join(project, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
const layers = folders('src');
const sources = readdirSync(join(project, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
);

const page = read('docs/architecture.md');
const where = /^## Where things are[^]*?(?=^## )/m.exec(page)?.[0] ?? '';
const event = /^## One event[^]*?(?=^## )/m.exec(page)?.[0] ?? '';

/** Whether a file has a function, class or method of this name. */
const has = (text: string, name: string): boolean =>
  new RegExp(
    `^(?:export )?(?:async )?(?:function\\*?|const|class) ${name}\\b|^  (?:static |private |async )*${name}\\(`,
    'm',
  ).test(text);

describe('docs/architecture.md', () => {
  test('leads one event through ten stops, each with a place in the code', () => {
    const stops = event.match(/^\d+\. [^]*?(?=^\d+\. |^$)/gm) ?? [];
    expect(stops).toHaveLength(10);
    expect(stops.filter((stop) => !/`[\w/-]+\.ts:\w+`/.test(stop))).toEqual([]);
  });

  test('names functions that exist, in the files it says', () => {
    const places = [...event.matchAll(/`([\w/-]+\.ts):(\w+)`/g)].map(([, file = '', name = '']) => ({
      file: `src/${file}`,
      name,
    }));
    const missing = places.filter(
      ({ file, name }) => !existsSync(join(project, file)) || !has(read(file), name),
    );
    expect(missing).toEqual([]);
  });

  test('the event is in the sample trail and its line in the sample policy', () => {
    const policy = read('samples/expected/111122223333/role/app/policy.json');
    const line = /the line `([^`]+)`/.exec(event)?.[1] ?? 'no line';
    expect(policy).toContain(line);
    const key = /"key":"([^"]+)"/.exec(event)?.[1] ?? 'no key';
    const logs = readdirSync(join(project, 'samples/trail'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.gz'))
      .map((name) => gunzipSync(readFileSync(join(project, 'samples/trail', name))).toString('utf8'));
    expect(logs.some((text) => text.includes(`"${key}"`))).toBe(true);
  });

  test('names files and rooms that exist', () => {
    const named = [...page.matchAll(/`((?:src\/)?[a-z]+\/[\w/-]*)`/g)]
      .map(([, path = '']) => path.replace(/^src\//, '').replace(/\/$/, ''))
      .filter((path) => layers.includes(path.split('/')[0] ?? ''));
    const missing = named.filter(
      (path) => ![path, `${path}.ts`].some((at) => existsSync(join(project, 'src', at))),
    );
    expect(named.length).toBeGreaterThan(50);
    expect(missing).toEqual([]);
  });

  test('names no file of a room that is not there', () => {
    const stems = new Set(sources.map((name) => basename(name, '.ts')));
    const named = [...where.matchAll(/`([a-z][a-z0-9-]*)`/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !stems.has(name) && !layers.includes(name))).toEqual([]);
  });

  test('names every layer and room', () => {
    const rooms = layers.flatMap((layer) => [
      layer,
      ...folders(`src/${layer}`).map((room) => `${layer}/${room}`),
    ]);
    expect(rooms.filter((room) => !where.includes(`\`${room}\``))).toEqual([]);
  });

  test('names data, tests and queries that exist', () => {
    const named = [...page.matchAll(/`((?:test|data|sql|samples|docs|scripts|assets)\/[\w./-]+\w)`/g)].map(
      ([, path = '']) => path,
    );
    expect(named.filter((path) => !existsSync(join(project, path)))).toEqual([]);
  });
});

describe('an invariant', () => {
  const texts = sources.map((name) => ({ name, text: read(join('src', name)) }));
  const invariants = texts.flatMap(({ name, text }) =>
    text
      .split('INVARIANT:')
      .slice(1)
      .map((rest) => ({ name, held: /Held by (\S+), "([^"]+)"/.exec(rest.slice(0, 400)) })),
  );

  test('is said at a handful of places', () => {
    expect(invariants.length).toBeGreaterThan(2);
    expect(invariants.length).toBeLessThan(12);
  });

  test('names the test that holds it', () => {
    const unheld = invariants.filter(({ held }) => {
      const [, file = '', title = ''] = held ?? [];
      return file === '' || !existsSync(join(project, file)) || !read(file).includes(title);
    });
    expect(unheld.map(({ name }) => name)).toEqual([]);
  });
});
