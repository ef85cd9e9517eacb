import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const src = fileURLToPath(new URL('../src', import.meta.url));

interface Import {
  /** Below src, with `/`. */
  readonly file: string;
  readonly layer: string;
  /** A layer, or a package. */
  readonly of: string;
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

const imports: Import[] = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .flatMap((entry) => {
    const file = join(entry.parentPath, entry.name);
    return [...readFileSync(file, 'utf8').matchAll(statements)].map(({ groups = {} }) => {
      const from = groups['static'] ?? groups['dynamic'] ?? '';
      return {
        file: relative(src, file).replaceAll(sep, '/'),
        layer: layerOf(file),
        of: from.startsWith('.') ? layerOf(join(dirname(file), from)) : from,
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
  'emit',
  'cli',
];

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
