import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringsOf } from '../../src/iam/catalogue.ts';
import { isObject, type JsonObject } from '../../src/iam/json.ts';
import { cache, must } from './engine.ts';
import { motoPlace } from './moto.ts';

const script = fileURLToPath(new URL('judges.py', import.meta.url));

/** Who judges policies beside lint: `moto`, IAM's grammar as IAM's answers show it; `parliament`, names, types and ARNs. */
export type Judge = (texts: readonly string[]) => readonly (readonly string[])[];

function ask(python: string, judge: string, lines: readonly string[]): readonly unknown[] {
  if (lines.length === 0) return [];
  const input = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const { status, stdout, stderr } = spawnSync(python, [script, judge], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(stderr);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}

const judgeOf =
  (python: string, name: string): Judge =>
  (texts) =>
    ask(python, name, texts).map((words) => (Array.isArray(words) ? words.map(String) : []));

/** An operation, and the words of its own reference that may be actions. */
export interface Stated {
  readonly source: string;
  readonly operation: string;
  readonly words: readonly string[];
}

/** The operations of botocore's models whose reference names actions. @throws Unavailable */
export function statedActions(): readonly Stated[] {
  const [found] = ask(join(motoPlace(), 'bin/python'), 'stated', ['']);
  return (Array.isArray(found) ? found.filter(isObject) : []).map(({ source, operation, words }) => ({
    source: String(source),
    operation: String(operation),
    words: stringsOf(words),
  }));
}

/** AWS's managed policies as moto carries them, by name, and both judges. @throws Unavailable */
export function managedPolicies(): {
  policies: ReadonlyMap<string, JsonObject>;
  moto: Judge;
  parliament: Judge;
} {
  const moto = join(motoPlace(), 'bin/python');
  const place = join(cache, 'parliament');
  if (!existsSync(join(place, 'bin/parliament'))) {
    mkdirSync(cache, { recursive: true });
    must('Python 3 with venv', 'python3', ['-m', 'venv', place]);
    must('parliament from PyPI', join(place, 'bin/pip'), [
      'install',
      '-q',
      'parliament==1.6.4',
      'setuptools==80.9.0',
    ]);
  }
  const [read] = ask(moto, 'corpus', ['']);
  const named = isObject(read) ? Object.entries(read) : [];
  return {
    policies: new Map(named.flatMap(([name, policy]) => (isObject(policy) ? [[name, policy]] : []))),
    moto: judgeOf(moto, 'moto'),
    parliament: judgeOf(join(place, 'bin/python'), 'parliament'),
  };
}
