import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { groupBy } from '../src/iam/order.ts';

const src = fileURLToPath(new URL('../src', import.meta.url));

interface Import {
  /** Below src, with `/`. */
  readonly file: string;
  readonly layer: string;
  /** A folder in a layer; `.` is the layer's own folder. */
  readonly room: string;
  /** A layer, or a package. */
  readonly of: string;
  /** The imported file below src; empty for a package. */
  readonly target: string;
  readonly typeOnly: boolean;
}

// Static, re-exported and dynamic imports, over several lines too.
const statements =
  /^[ \t]*(?:import|export)\s+(?<type>type\s)?(?<names>[^'";]*?\sfrom\s+|\s*)['"](?<static>[^'"]+)['"]|\bimport\(\s*['"](?<dynamic>[^'"]+)['"]\s*\)/gm;

/** Whether `{ type A, type B } from` brings types only. */
const onlyTypes = (names: string): boolean => {
  const list = /\{([^}]*)\}/.exec(names)?.[1];
  return (
    list !== undefined &&
    list
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean)
      .every((name) => name.startsWith('type '))
  );
};

const layerOf = (file: string): string => {
  const [first = '', ...rest] = relative(src, file).split(sep);
  return rest.length === 0 ? 'index' : first;
};

/** What lies in a layer's own folder and stands over rooms of it: the room it counts as. */
const standing: Readonly<Record<string, string>> = {
  'iam/catalogue.ts': 'catalogue',
  'permissions/permissions.ts': 'lead',
  'cli/main.ts': 'lead',
  'cli/command-list.ts': 'lead',
};

const roomOf = (file: string): string => {
  const parts = file.split('/');
  return standing[file] ?? (parts.length > 2 ? (parts[1] ?? '') : '.');
};

const files: readonly string[] = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => join(entry.parentPath, entry.name));

const imports: Import[] = files.flatMap((path) => {
  const file = relative(src, path).replaceAll(sep, '/');
  return [...readFileSync(path, 'utf8').matchAll(statements)].map(({ groups = {} }) => {
    const from = groups['static'] ?? groups['dynamic'] ?? '';
    return {
      file,
      layer: layerOf(path),
      room: roomOf(file),
      of: from.startsWith('.') ? layerOf(join(dirname(path), from)) : from,
      target: from.startsWith('.') ? relative(src, join(dirname(path), from)).replaceAll(sep, '/') : '',
      typeOnly: groups['type'] !== undefined || onlyTypes(groups['names'] ?? ''),
    };
  });
});

const isIn =
  (...layers: string[]) =>
  (one: Import) =>
    layers.includes(one.layer);
/** The imports that break a rule, as lines to read. */
const breaking = (rule: (one: Import) => boolean): string[] =>
  imports.filter(rule).map(({ file, of }) => `${file} imports ${of}`);

const order = [
  'iam',
  'cloudtrail',
  'permissions',
  'store',
  'aws',
  'current',
  'ingest',
  'synth',
  'audit',
  'emit',
  'app',
  'cli',
];

/** The rooms of a layer, each importing only those before it; `.` is the layer's own folder. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  iam: ['.', 'pattern', 'catalogue', 'policy', 'decide', 'compare', 'lint'],
  permissions: ['.', 'services', 'lead'],
  aws: ['configuration', '.'],
  ingest: ['objects', 'formats', 'digests', 'threads', '.', 's3', 'athena'],
  synth: ['usage', 'held', 'keep', 'shape', 'proof', 'renewal', '.'],
  emit: ['review', 'json', 'iac', 'text', 'markdown', 'report', '.'],
  app: ['settings', 'tree', 'sources', '.'],
  cli: ['.', 'commands', 'lead'],
};

const roomOrder = (layer: string, room: string): number => (rooms[layer] ?? ['.']).indexOf(room);

describe('layers', () => {
  test('imports are found', () => {
    expect(imports.length).toBeGreaterThan(100);
    expect(imports.filter(isIn('cli')).some(({ of }) => of === 'ingest')).toBe(true);
    expect(breaking(({ of }) => of === '')).toEqual([]);
  });

  test('each imports only those before it', () => {
    expect(
      breaking(
        ({ layer, of }) =>
          order.includes(of) && order.indexOf(layer) < order.indexOf(of) && layer !== 'index',
      ),
    ).toEqual([]);
    expect(breaking(({ layer, of }) => layer !== 'index' && of === 'index')).toEqual([]);
    expect(
      [...new Set(imports.map(({ layer }) => layer))].filter(
        (layer) => !order.includes(layer) && layer !== 'index',
      ),
    ).toEqual([]);
  });

  test('each room of a layer imports only those before it', () => {
    const inside = imports.filter(({ layer, of }) => layer === of);
    expect(inside.filter(({ layer, room }) => roomOrder(layer, room) < 0).map(({ file }) => file)).toEqual(
      [],
    );
    expect(
      inside
        .filter(({ layer, room, target }) => roomOrder(layer, room) < roomOrder(layer, roomOf(target)))
        .map(({ file, target }) => `${file} imports ${target}`),
    ).toEqual([]);
  });

  test('each layer and each room says at the top of one file what it holds', () => {
    const said = files.flatMap((file) => {
      const { kind, name } =
        /^(?:#!.*\n)?\/\*\* (?<kind>Layer|Room) `(?<name>\w+)`: /.exec(readFileSync(file, 'utf8'))?.groups ??
        {};
      if (kind === undefined) return [];
      return [kind === 'Layer' ? `Layer ${name}` : `Room ${layerOf(file)}/${name}`];
    });
    const folders = Object.entries(rooms).flatMap(([layer, inside]) =>
      inside
        .filter((room) => existsSync(join(src, layer, room, '.')) && room !== '.')
        .map((room) => `Room ${layer}/${room}`),
    );
    expect(said.toSorted()).toEqual([...order.map((layer) => `Layer ${layer}`), ...folders].toSorted());
  });

  test('no files import each other in a circle', () => {
    const importsOf = groupBy(
      imports.filter(({ target }) => target !== ''),
      ({ file }) => file,
    );
    const done = new Set<string>();
    const circles: string[] = [];
    const walk = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' > '));
      if (path.includes(file) || done.has(file)) return;
      for (const { target } of importsOf.get(file) ?? []) walk(target, [...path, file]);
      done.add(file);
    };
    for (const file of importsOf.keys()) walk(file, []);
    expect(circles).toEqual([]);
  });

  test('a folder can be overlooked', () => {
    const crowded = [...groupBy(files, (file) => relative(src, dirname(file)))].filter(
      ([folder, inside]) => folder !== 'permissions' && inside.length > 15,
    );
    expect(crowded.map(([folder, inside]) => `${folder}: ${inside.length}`)).toEqual([]);
  });

  test('app knows neither flags nor terminal', () => {
    const app = files.filter((file) => layerOf(file) === 'app');
    const terminal = /\bprocess\.(?!platform)|\b(?:out|err|stdout|stderr)\.write\(|\bExitCode\b/;
    expect(app.filter((file) => terminal.test(readFileSync(file, 'utf8')))).toEqual([]);
  });

  test('the ways in know nothing of permissions', () => {
    expect(breaking((one) => isIn('ingest', 'store')(one) && one.of === 'permissions')).toEqual([]);
  });

  test('synth is given its data', () => {
    expect(breaking((one) => isIn('synth')(one) && ['ingest', 'aws', 'current'].includes(one.of))).toEqual(
      [],
    );
  });

  test('emit has values of iam only, types of all', () => {
    expect(
      breaking(
        (one) =>
          isIn('emit')(one) && !one.typeOnly && order.includes(one.of) && !['iam', 'emit'].includes(one.of),
      ),
    ).toEqual([]);
  });

  test('one layer each knows the database, AWS and the command line', () => {
    expect(breaking(({ layer, of }) => of === 'better-sqlite3' && layer !== 'store')).toEqual([]);
    expect(breaking(({ layer, of }) => of.startsWith('@aws-sdk/') && layer !== 'aws')).toEqual([]);
    expect(breaking(({ layer, of }) => of.startsWith('yargs') && layer !== 'cli')).toEqual([]);
  });
});
