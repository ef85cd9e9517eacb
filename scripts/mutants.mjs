// Plants faults, one at a time, in the files that decide what a policy must allow, and runs the tests nearest to each until one fails:
// node scripts/mutants.mjs [FAULTS [SEED [PLACES]]]. PLACES: parts of FILE:LINE:COLUMN with commas between, as the faults that no test tells from the
// right program are listed. The files stay as they are. harmless-faults.json names those that change no answer, by how they read, with the
// reason: they are planted all the same, and counted apart where no test finds them.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'vite';
import { BaseSequencer, createVitest } from 'vitest/node';

const project = fileURLToPath(new URL('..', import.meta.url));
const wanted = Number(process.argv[2] ?? 400);
const seed = Number(process.argv[3] ?? 20_260_302);
const only = (process.argv[4] ?? '').split(',');

/** The tests nearest to each, the quickest first; the first place that fits counts. */
const nearest = Object.entries({
  'src/iam/decide/escalation': 'iam/escalation synth/attention audit/audit',
  'src/iam/decide/':
    'iam/condition-value iam/evaluate iam/implication iam/containment synth/cases iam/diff iam/inclusion',
  'src/iam/compare/policy-intersection': 'iam/policy-intersection synth/boundary',
  'src/iam/compare/': 'iam/implication iam/containment iam/diff iam/inclusion',
  'src/synth/held/merged-policies': 'synth/held/merged-policies synth/across-accounts',
  'src/synth/held/':
    'synth/held/current-grants synth/proof/replay synth/known synth/narrow synth/cases synth/oracle',
  'src/synth/keep/foreseen': 'synth/keep/foreseen',
  'src/synth/keep/':
    'synth/keep/blocks synth/known synth/keep/shown synth/keep/doubts synth/silence synth/keep/silence.laws synth/cases synth/kept',
  'src/synth/proof/': 'synth/proof/replay synth/narrow synth/refusals synth/cases synth/known',
}).map(([place, tests]) => ({ place, tests: tests.split(' ') }));
/** @param {string} file */
const nearestTo = (file) => nearest.find(({ place }) => file.startsWith(place))?.tests ?? [];

/** @typedef {{ file: string, start: number, end: number, text: string, kind: string }} Fault */
/** @typedef {{ type: string, start: number, end: number, [member: string]: unknown }} Node */

/** @param {unknown} value @returns {value is Node} */
const isNode = (value) =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

/** @type {Readonly<Record<string, string>>} */
const swapped = {
  '&&': '||',
  '||': '&&',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
};
const guards = ['ReturnStatement', 'ContinueStatement', 'BreakStatement'];

/**
 * The faults that can be planted in a file: what stands from `start` to `end` becomes `text`.
 * @param {string} file @returns {readonly Fault[]}
 */
function faultsOf(file) {
  const source = readFileSync(join(project, file), 'utf8');
  /** @type {Fault[]} */
  const faults = [];
  /** @param {unknown} value @param {string} [parent] */
  const walk = (value, parent = '') => {
    if (Array.isArray(value)) for (const item of value) walk(item, parent);
    if (!isNode(value)) return;
    const { type, start, end } = value;
    if (type.startsWith('Import') || type === 'ThrowStatement' || /^TS(?!NonNull|As|Satisfies)/.test(type))
      return;
    /** @param {string} kind @param {string} text */
    const plant = (kind, text, from = start, to = end) =>
      faults.push({ file, start: from, end: to, text, kind });
    const { test, left, right, operator, value: literal, body, expression, consequent, elements } = value;
    if (isNode(test)) plant('negated', `!(${source.slice(test.start, test.end)})`, test.start, test.end);
    if (isNode(left) && isNode(right) && typeof operator === 'string') {
      const other = swapped[operator];
      if (other)
        plant(
          'operator',
          source.slice(left.end, right.start).replace(operator, other),
          left.end,
          right.start,
        );
    }
    if (type === 'Literal' && typeof literal === 'number') plant('one more', `${literal + 1}`);
    if (type === 'Literal' && typeof literal === 'boolean') plant('swapped', `${!literal}`);
    if (type === 'Literal' && typeof literal === 'string' && literal !== '' && parent !== 'key')
      plant('empty', "''");
    if (type === 'ArrayExpression' && Array.isArray(elements) && elements.length > 0) plant('empty', '[]');
    if (type === 'ExpressionStatement' && isNode(expression) && expression.type !== 'Literal')
      plant('dropped', ';');
    if (
      type === 'IfStatement' &&
      isNode(consequent) &&
      guards.includes(consequent.type) &&
      !value['alternate']
    )
      plant('dropped', ';');
    if (type === 'ForOfStatement' && isNode(body))
      plant('returned early', '{ break; }', body.start, body.end);
    for (const [name, inner] of Object.entries(value))
      if (
        name !== 'typeAnnotation' &&
        name !== 'returnType' &&
        name !== 'typeArguments' &&
        name !== 'typeParameters'
      )
        walk(inner, name);
  };
  walk(parseAst(source, { lang: 'ts' }).body);
  return faults;
}

/** @param {Fault} fault */
function place({ file, start, kind }) {
  const before = readFileSync(join(project, file), 'utf8').slice(0, start).split('\n');
  return `${file}:${before.length}:${before.at(-1)?.length ?? 0} ${kind}`;
}

/** @type {Record<string, Record<string, string>>} */
// oxlint-disable-next-line typescript/no-unsafe-assignment -- a file beside this one
const harmless = JSON.parse(readFileSync(new URL('harmless-faults.json', import.meta.url), 'utf8'));

/** How a fault reads: its line as it is planted, or what is left out. @param {Fault} fault */
function reading({ file, start, end, text, kind }) {
  const source = readFileSync(join(project, file), 'utf8');
  if (kind === 'dropped') return `without ${source.slice(start, end).replaceAll(/\s+/g, ' ')}`;
  const line = source.slice(source.lastIndexOf('\n', start - 1) + 1, start);
  return `${line}${text}${source.slice(end, source.indexOf('\n', end))}`.trim();
}

const files = [
  'src/iam/decide',
  'src/iam/compare',
  'src/synth/held',
  'src/synth/keep',
  'src/synth/proof/replay.ts',
]
  .flatMap((place) =>
    place.endsWith('.ts') ? [place] : readdirSync(join(project, place)).map((name) => `${place}/${name}`),
  )
  .sort();
const all = files.flatMap(faultsOf).filter((fault) => only.some((part) => place(fault).includes(part)));
let state = seed % 2_147_483_647;
/** Lehmer's generator. @param {number} most @returns {number} below `most` */
const drawn = (most) => (state = (state * 48_271) % 2_147_483_647) % most;
const copy = mkdtempSync(join(tmpdir(), 'iam-minimize-faults-'));
process.once('exit', () => rmSync(copy, { recursive: true, force: true }));
for (const name of ['src', 'package.json', 'tsconfig.json'])
  cpSync(join(project, name), join(copy, name), { recursive: true });
symlinkSync(join(project, 'node_modules'), join(copy, 'node_modules'));

/** @param {Fault} fault @param {string} source of its file */
const withFault = ({ start, end, text }, source) => source.slice(0, start) + text + source.slice(end);

/**
 * Whether files with a fault each still have the types they should: what the compiler finds needs no test. Each stands beside the right one.
 * @param {readonly Fault[]} faults
 */
function areTyped(faults) {
  const names = faults.map(({ file }, at) => file.replace(/ts$/, `fault-${at}.ts`));
  for (const [at, fault] of faults.entries())
    writeFileSync(
      join(copy, names[at] ?? ''),
      withFault(fault, readFileSync(join(project, fault.file), 'utf8')),
    );
  const config = { extends: './tsconfig.json', include: [], files: names };
  writeFileSync(join(copy, 'tsconfig.fault.json'), JSON.stringify(config));
  const compiler = join(project, 'node_modules/typescript/lib/tsc.js');
  const { stdout, status } = spawnSync(
    process.execPath,
    [compiler, '-p', 'tsconfig.fault.json', '--pretty', 'false'],
    {
      cwd: copy,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    },
  );
  const wrong = new Set([...stdout.matchAll(/^(\S+)\(\d+,\d+\): error/gm)].map(([, name]) => name));
  if ((status === 0) !== (wrong.size === 0) || [...wrong].some((name) => !names.includes(name ?? '')))
    throw new Error(`the compiler: ${stdout.slice(0, 1000)}`);
  for (const name of names) rmSync(join(copy, name));
  return names.map((name) => !wrong.has(name));
}

/** @type {Fault[]} */
const chosen = [];
let untyped = 0;
for (const rest = [...all]; rest.length > 0 && chosen.length < wanted;) {
  const count = Math.min(wanted - chosen.length, rest.length);
  const tried = Array.from({ length: count }, () => rest.splice(drawn(rest.length), 1)).flat();
  const typed = areTyped(tried);
  chosen.push(...tried.filter((_, at) => typed[at]));
  untyped += typed.filter((is) => !is).length;
}

/** @type {Fault | undefined} */
let planted;
/** The tests of a fault run in one process and in the order of the table, and the first that fails ends them. */
class InOrder extends BaseSequencer {
  /** @override @type {BaseSequencer['sort']} */
  sort = (files) => Promise.resolve(files);
}
const vitest = await createVitest(
  'test',
  {
    watch: false,
    bail: 1,
    reporters: [{}],
    silent: true,
    maxWorkers: 1,
    isolate: false,
    sequence: { sequencer: InOrder },
    root: project,
  },
  {
    plugins: [
      {
        name: 'fault',
        enforce: 'pre',
        transform: (code, id) => {
          // The first counterexample will do; the smallest takes long.
          if (id === join(project, 'test/setup.ts'))
            return code.replace('configureGlobal({', 'configureGlobal({ endOnFailure: true,');
          return planted && id === join(project, planted.file) ? withFault(planted, code) : undefined;
        },
      },
    ],
  },
);
/** Whether the tests nearest to a file hold. @param {string} file */
async function holds(file) {
  const found = await Promise.all(
    nearestTo(file).map((name) => vitest.globTestSpecifications([`test/${name}.test.ts`])),
  );
  if (found.length === 0 || found.some((of) => of.length === 0)) throw new Error(`${file}: no such tests`);
  // Or tests that failed before count, and none of these is run.
  vitest.state.clearErrors();
  vitest.state.filesMap.clear();
  vitest.state.idMap.clear();
  // What never ends is ended, and so found.
  const limit = setTimeout(() => spawnSync('pkill', ['-KILL', '-P', String(process.pid)]), 90_000);
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(found.flat());
  clearTimeout(limit);
  return unhandledErrors.length === 0 && testModules.every((module) => module.ok());
}

/** @type {Map<string, { planted: number, found: number }>} */
const tally = new Map();
let [done, found, apart] = [0, 0, 0];
// At its end, or where it is stopped.
process.once('exit', () => {
  for (const [file, of] of [...tally].sort(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`${relative('src', file)}: ${of.found} of ${of.planted}`);
  console.log(
    `seed ${seed}: ${found} of ${done - apart} planted faults found; ${apart} that change no answer and ${untyped} that the compiler finds are not among them; ${all.length} can be planted`,
  );
});
for (const { place: start } of nearest)
  if (chosen.some(({ file }) => file.startsWith(start)) && !(await holds(start)))
    throw new Error(`${start}: its tests fail without a fault`);
console.error(`${chosen.length} of ${all.length} faults, and ${untyped} that the compiler finds`);
for (const fault of chosen) {
  const path = join(project, fault.file);
  planted = fault;
  vitest.invalidateFile(path);
  const isFound = !(await holds(fault.file));
  const isHarmless = harmless[fault.file]?.[reading(fault)] !== undefined;
  if (isHarmless && isFound) console.log(`${place(fault)}: found, though it is said to change no answer`);
  planted = undefined;
  vitest.invalidateFile(path);
  done++;
  if (isHarmless && !isFound) {
    apart++;
    continue;
  }
  const of = tally.get(fault.file) ?? { planted: 0, found: 0 };
  tally.set(fault.file, { planted: of.planted + 1, found: of.found + Number(isFound) });
  if (isFound) found++;
  else {
    const was = readFileSync(path, 'utf8').slice(fault.start, fault.end).replaceAll(/\s+/g, ' ');
    console.log(`${place(fault)}: ${was} -> ${fault.text}`);
  }
  if (done % 20 === 0) console.error(`${done} of ${chosen.length}: ${found} found`);
}
await vitest.close();
