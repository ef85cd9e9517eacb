import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';
import { isObject } from '../../src/iam/json.ts';
import { main, project } from '../cli/cli.ts';

const action: unknown = parse(readFileSync(join(project, 'action.yml'), 'utf8'));

const membersOf = (value: unknown, ...path: readonly string[]): Readonly<Record<string, unknown>> => {
  let found = value;
  for (const name of path) found = isObject(found) ? found[name] : undefined;
  return isObject(found) ? found : {};
};

/** Every step, as it is written. */
export const steps: readonly Readonly<Record<string, unknown>>[] = [membersOf(action, 'runs')['steps']]
  .flat()
  .filter(isObject);

export const inputs = membersOf(action, 'inputs');

/** How a run of the action ended. */
export interface ActionRun {
  readonly code: number | null;
  readonly log: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  /** The actions that were used, in order: `actions/cache/save`. */
  readonly used: readonly string[];
}

/**
 * Runs the steps of the action that are scripts as the runner does: bash, expressions put into the environment only; after one that
 * failed, only those that always run.
 */
export async function runAction(
  cwd: string,
  given: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>>,
): Promise<ActionRun> {
  const outputs: Record<string, string> = {};
  const outcomes: Record<string, string> = {};
  const used: string[] = [];
  let code: number | null = 0;
  let log = '';
  const context = (name: string): string => {
    const [kind = '', step = '', member = '', output = ''] = name.split('.');
    if (kind === 'steps')
      return member === 'outcome' ? (outcomes[step] ?? 'skipped') : (outputs[`${step}.${output}`] ?? '');
    if (kind !== 'inputs') return { 'github.token': 'token', 'github.ref_name': 'main' }[name] ?? '';
    return given[step] ?? evaluated(String(membersOf(inputs, step)['default']), context);
  };
  const [file, summary] = ['output', 'summary'].map((name) => join(cwd, '..', name));
  writeFileSync(String(summary), '');
  for (const step of steps) {
    const [condition = ''] = [step['if']].filter((value) => typeof value === 'string');
    if (!isMet(condition, code === 0, context)) continue;
    if (typeof step['uses'] === 'string') used.push(String(step['uses'].split('@')[0]));
    if (typeof step['run'] !== 'string') continue;
    writeFileSync(String(file), '');
    const own = Object.fromEntries(
      Object.entries(membersOf(step, 'env')).map(([name, value]) => [
        name,
        evaluated(String(value), context),
      ]),
    );
    const files = { GITHUB_OUTPUT: String(file), GITHUB_STEP_SUMMARY: String(summary) };
    const ran = await bash(step['run'], cwd, { ...environment, ...own, ...files });
    log += ran.text;
    code = code === 0 ? ran.code : code;
    const id = String(step['id'] ?? '');
    outcomes[id] = ran.code === 0 ? 'success' : 'failure';
    for (const line of readFileSync(String(file), 'utf8').split('\n').filter(Boolean)) {
      const [name = '', value = ''] = line.split('=');
      outputs[`${id}.${name}`] = value;
    }
  }
  return { code, log, outputs, used, summary: readFileSync(String(summary), 'utf8') };
}

/** `always() && a.b != 'text'`: whether a step runs. */
function isMet(condition: string, isGood: boolean, context: (name: string) => string): boolean {
  const terms = condition.split(' && ').filter(Boolean);
  return (
    (isGood || terms.includes('always()')) &&
    terms.every((term) => {
      const [, name = '', value] = /^([\w.-]+) != '(.*)'$/.exec(term) ?? [];
      return value === undefined || context(name) !== value;
    })
  );
}

const evaluated = (text: string, context: (name: string) => string): string =>
  text.replace(/\$\{\{ ([\w.-]+) \}\}/g, (_, name: string) => context(name));

/** A script in the shell of composite actions; its output with errors. */
export function bash(
  script: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly text: string }> {
  const child = spawn(
    'bash',
    ['--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', script, 'script', ...args],
    { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, text }));
  });
}

// Keeps pull requests in a file: number, whether from a fork, title and body; and what it was asked.
const gh = `#!/usr/bin/env node
const fs = require('node:fs');
const args = process.argv.slice(2);
const folder = __dirname + '/';
fs.appendFileSync(folder + 'asked', JSON.stringify(args) + '\\n');
const of = (name) => args[args.indexOf(name) + 1];
const forks = fs.existsSync(folder + 'forks') ? JSON.parse(fs.readFileSync(folder + 'forks')) : [];
// The first branch has number 7, whose page is the file open; the next 8, and so on.
const heads = fs.existsSync(folder + 'heads') ? JSON.parse(fs.readFileSync(folder + 'heads')) : [];
const page = (number) => folder + (number === 7 ? 'open' : 'open-' + number);
const isOpen = (number) => fs.existsSync(page(number));
const [, verb] = args;
if (verb === 'create' && !heads.includes(of('--head'))) heads.push(of('--head'));
fs.writeFileSync(folder + 'heads', JSON.stringify(heads));
const number = verb === 'edit' || verb === 'close' ? Number(args[2]) : 7 + heads.indexOf(of('--head'));
const own = number >= 7 && isOpen(number) ? [{ number, isCrossRepository: false }] : [];
const all = [...forks.map((number) => ({ number, isCrossRepository: true })), ...own];
const limit = args.includes('--limit') ? Number(of('--limit')) : 30;
const fields = of('--json')?.split(',') ?? [];
if (verb === 'list') console.log(JSON.stringify(all.slice(0, limit).map((one) => Object.fromEntries(fields.map((name) => [name, one[name]])))));
if (verb === 'create' && isOpen(number)) process.exit(1);
if ((verb === 'edit' || verb === 'close') && !(number >= 7 && number < 7 + heads.length && isOpen(number))) process.exit(1);
if (verb === 'create' || verb === 'edit')
  fs.writeFileSync(page(number), of('--title') + '\\n' + fs.readFileSync(of('--body-file'), 'utf8'));
if (verb === 'close') fs.rmSync(page(number));
`;

/** What stands in for programs and for the checkout of the action. */
export interface Tools {
  readonly folder: string;
  readonly path: string;
  /** The checkout, as it is before it is built. */
  readonly checkout: string;
}

/**
 * A folder with a `gh` that talks to nobody, an `npm` that writes down what it was asked, an `npx` that fails, an `iam-minimize` for
 * cron, and a checkout of the action, which is this build, or has `program` in its place.
 */
export function tools(folder: string, program?: string): Tools {
  const bin = join(folder, 'bin');
  const checkout = join(folder, 'checkout');
  mkdirSync(bin, { recursive: true });
  mkdirSync(join(checkout, 'dist/cli'), { recursive: true });
  const own = join(checkout, 'dist/cli/main.js');
  writeFileSync(own, program ?? `import ${JSON.stringify(pathToFileURL(main).href)};\n`);
  for (const name of ['dist/store', 'scripts']) symlinkSync(join(project, name), join(checkout, name));
  const scripts = {
    gh,
    npm: `#!/bin/sh\necho "$PWD $*" >> '${bin}/installed'\n`,
    npx: '#!/bin/sh\nexit 64\n',
    'iam-minimize': `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`,
  };
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  }
  return { folder: bin, checkout, path: [bin, process.env['PATH'] ?? ''].join(delimiter) };
}
