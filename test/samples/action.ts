import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import { isObject } from '../../src/iam/json.ts';
import { main, project } from '../cli/cli.ts';

/** A step of the action that runs a script. */
interface RunStep {
  readonly id: string;
  readonly run: string;
  readonly env: Readonly<Record<string, unknown>>;
}

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

const runSteps: readonly RunStep[] = steps
  .filter((step) => typeof step['run'] === 'string')
  .map((step) => ({ id: String(step['id'] ?? ''), run: String(step['run']), env: membersOf(step, 'env') }));

/** How a run of the action ended. */
export interface ActionRun {
  readonly code: number | null;
  readonly log: string;
  readonly outputs: Readonly<Record<string, string>>;
}

/** Runs the steps of the action that are scripts as the runner does: bash, expressions put into the environment only. */
export async function runAction(
  cwd: string,
  given: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>>,
): Promise<ActionRun> {
  const outputs: Record<string, string> = {};
  let log = '';
  const context = (name: string): string => {
    const [kind = '', ...rest] = name.split('.');
    if (kind === 'steps') return outputs[`${rest[0]}.${rest[2]}`] ?? '';
    if (kind !== 'inputs') return { 'github.token': 'token', 'github.ref_name': 'main' }[name] ?? '';
    const [input = ''] = rest;
    return given[input] ?? evaluated(String(membersOf(inputs, input)['default']), context);
  };
  for (const { id, run, env } of runSteps) {
    const file = join(cwd, '..', 'output');
    writeFileSync(file, '');
    const own = Object.fromEntries(
      Object.entries(env).map(([name, value]) => [name, evaluated(String(value), context)]),
    );
    const { code, text } = await bash(run, cwd, { ...environment, ...own, GITHUB_OUTPUT: file });
    log += text;
    for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
      const [name = '', value = ''] = line.split('=');
      outputs[`${id}.${name}`] = value;
    }
    if (code !== 0) return { code, log, outputs };
  }
  return { code: 0, log, outputs };
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

// Keeps one pull request in a file: its number, title and body; and what it was asked.
const gh = `#!/usr/bin/env node
const fs = require('node:fs');
const args = process.argv.slice(2);
const folder = __dirname + '/';
fs.appendFileSync(folder + 'asked', JSON.stringify(args) + '\\n');
const of = (name) => args[args.indexOf(name) + 1];
const open = fs.existsSync(folder + 'open');
const [, verb] = args;
if (verb === 'list' && open) console.log('7');
if (verb === 'create' && open) process.exit(1);
if ((verb === 'edit' || verb === 'close') && (!open || args[2] !== '7')) process.exit(1);
if (verb === 'create' || verb === 'edit')
  fs.writeFileSync(folder + 'open', of('--title') + '\\n' + fs.readFileSync(of('--body-file'), 'utf8'));
if (verb === 'close') fs.rmSync(folder + 'open');
`;

/** A folder with a \`gh\` that talks to nobody, and an \`npx\` and an \`iam-minimize\` that run this build. */
export function tools(folder: string): { readonly path: string; readonly folder: string } {
  mkdirSync(folder, { recursive: true });
  const node = `'${process.execPath}' '${main}'`;
  const scripts = {
    gh,
    npx: `#!/bin/sh\n[ "$1" = --yes ] && case $2 in iam-minimize@?*) shift 2; exec ${node} "$@" ;; esac\nexit 64\n`,
    'iam-minimize': `#!/bin/sh\nexec ${node} "$@"\n`,
  };
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  }
  return { folder, path: [folder, process.env['PATH'] ?? ''].join(delimiter) };
}
