import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { actionInfo } from '../../src/iam/catalogue.ts';
import { isObject, type JsonObject } from '../../src/iam/json.ts';
import { sharedPath } from '../shared.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

function groupsOf(file: string): JsonObject[] {
  const parsed: unknown = JSON.parse(readFileSync(join(root, 'data/overrides', file), 'utf8'));
  const groups = isObject(parsed) ? parsed['groups'] : undefined;
  return Array.isArray(groups) ? groups.filter(isObject) : [];
}

const words = (value: unknown): string[] =>
  typeof value === 'string' && value !== '' ? value.split(' ') : [];

describe('the reference data', () => {
  test('is what the pinned packages give', () => {
    const out = mkdtempSync(join(tmpdir(), 'iam-minimize-data-'));
    try {
      const { status, stderr } = spawnSync(process.execPath, ['scripts/data/build.mjs', '--out', out], {
        cwd: root,
        encoding: 'utf8',
      });
      expect(stderr).toBe('');
      expect(status).toBe(0);
      const made = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((file) =>
        file.endsWith('.json'),
      );
      const committed = readdirSync(join(root, 'data'), { recursive: true, encoding: 'utf8' }).filter(
        (file) => file.endsWith('.json') && !file.startsWith('overrides') && file !== 'may-need.json',
      );
      // The models are fetched by hand only: without them the build makes what needs none.
      const isWhole = existsSync(join(root, 'scripts/data/node_modules/aws-sdk'));
      expect(isWhole ? made.sort() : []).toEqual(isWhole ? committed.sort() : []);
      expect(made.length).toBeGreaterThan(400);
      const changed = made.filter(
        (file) => readFileSync(join(out, file), 'utf8') !== readFileSync(join(root, 'data', file), 'utf8'),
      );
      expect(changed).toEqual([]);
    } finally {
      rmSync(out, { recursive: true });
    }
  });

  test('each override names AWS’s page and actions that exist', () => {
    const groups = groupsOf('operations.json');
    expect(groups.length).toBeGreaterThan(10);
    for (const group of groups) {
      expect(group['source']).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
      const operations = isObject(group['operations']) ? group['operations'] : {};
      const absent = Object.values(operations)
        .flatMap(words)
        .filter((action) => actionInfo(action)?.name !== action);
      expect(absent).toEqual([]);
    }
  });
});

test('the measured cases are as right as they were', () => {
  const folder = sharedPath('mapping');
  if (folder === undefined) return;
  const { stdout, stderr, status, signal } = spawnSync(
    process.execPath,
    ['scripts/score.mjs', folder, '--json'],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 1e8,
    },
  );
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
  const result: unknown = JSON.parse(stdout);
  const tally = isObject(result) && isObject(result['tally']) ? result['tally'] : {};
  const share = (name: string): number => {
    const row = tally[name];
    return isObject(row) ? Number(row['right']) / Number(row['of']) : 0;
  };
  expect(share('actions, high')).toBeGreaterThan(0.995);
  expect(share('actions, all')).toBeGreaterThan(0.99);
  expect(share('actions, hand')).toBeGreaterThan(0.97);
  expect(share('actions, permissionless')).toBe(1);
  expect(share('actions, unmapped')).toBe(1);
  expect(share('resources, exact')).toBeGreaterThan(0.95);
  expect(isObject(result) && result['unaccepted']).toBe(0);
});
