// Plants faults, one at a time, in the files that decide what a policy must allow, and runs the tests nearest to each until one fails:
// node scripts/mutants.mjs [FAULTS [SEED [PART OF A FILE'S NAME]]]. Those that no test tells from the right program are listed. The files stay as they are.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'vite';
import { createVitest } from 'vitest/node';

const project = fileURLToPath(new URL('..', import.meta.url));
const wanted = Number(process.argv[2] ?? 400);
const seed = Number(process.argv[3] ?? 20_260_302);
const only = process.argv[4] ?? '';

/** The tests nearest to each, the quickest first. */
const nearest = Object.entries({
  'src/iam/decide/':
    'iam/escalation iam/evaluate iam/containment iam/policy-intersection synth/cases iam/inclusion synth/attention audit/audit',
  'src/iam/compare/': 'iam/diff iam/containment iam/policy-intersection iam/inclusion',
  'src/synth/':
    'synth/keep/blocks synth/cases synth/kept synth/keep/doubts synth/silence synth/across-accounts synth/known',
});

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
  .filter((file) => file.includes(only))
  .sort();
const all = files.flatMap(faultsOf);
let state = seed % 2_147_483_647;
/** Lehmer's generator. @param {number} most @returns {number} below `most` */
const drawn = (most) => (state = (state * 48_271) % 2_147_483_647) % most;
/** @type {Fault[]} */
const chosen = [];
for (const rest = [...all]; rest.length > 0 && chosen.length < wanted;)
  chosen.push(...rest.splice(drawn(rest.length), 1));

/** @type {Fault | undefined} */
let planted;
const vitest = await createVitest(
  'test',
  { watch: false, bail: 1, reporters: [{}], silent: true, maxWorkers: 1, root: project },
  {
    plugins: [
      {
        name: 'fault',
        enforce: 'pre',
        transform: (code, id) =>
          planted && id === join(project, planted.file)
            ? code.slice(0, planted.start) + planted.text + code.slice(planted.end)
            : undefined,
      },
    ],
  },
);
/** Whether the tests of a file hold, one after another. @param {string} file */
async function holds(file) {
  const [, tests = ''] = nearest.find(([place]) => file.startsWith(place)) ?? [];
  for (const name of tests.split(' ')) {
    const specifications = await vitest.globTestSpecifications([`test/${name}.test.ts`]);
    if (specifications.length === 0) throw new Error(`${name}: no test`);
    // Or tests that failed before count, and none of these is run.
    vitest.state.clearErrors();
    vitest.state.filesMap.clear();
    vitest.state.idMap.clear();
    // What never ends is ended, and so found.
    const limit = setTimeout(() => spawnSync('pkill', ['-KILL', '-P', String(process.pid)]), 180_000);
    const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
    clearTimeout(limit);
    if (unhandledErrors.length > 0 || testModules.some((module) => !module.ok())) return false;
  }
  return true;
}

/** @type {Map<string, { planted: number, found: number }>} */
const tally = new Map();
let [done, found, isStopped] = [0, 0, false];
process.once('SIGINT', () => (isStopped = true));
for (const place of new Set(
  files.map((file) => nearest.find(([start]) => file.startsWith(start))?.[0] ?? file),
))
  if (!(await holds(place))) throw new Error(`${place}: its tests fail without a fault`);
console.error(`${chosen.length} of ${all.length} faults`);
for (const fault of chosen) {
  if (isStopped) break;
  const path = join(project, fault.file);
  planted = fault;
  vitest.invalidateFile(path);
  const isFound = !(await holds(fault.file));
  planted = undefined;
  vitest.invalidateFile(path);
  const of = tally.get(fault.file) ?? { planted: 0, found: 0 };
  tally.set(fault.file, { planted: of.planted + 1, found: of.found + Number(isFound) });
  if (isFound) found++;
  else {
    const before = readFileSync(path, 'utf8').slice(0, fault.start).split('\n');
    const was = readFileSync(path, 'utf8').slice(fault.start, fault.end).replaceAll(/\s+/g, ' ');
    console.log(
      `${fault.file}:${before.length}:${before.at(-1)?.length ?? 0} ${fault.kind}: ${was} -> ${fault.text}`,
    );
  }
  if (++done % 20 === 0) console.error(`${done} of ${chosen.length}: ${found} found`);
}
await vitest.close();
for (const [file, of] of [...tally].sort(([a], [b]) => (a < b ? -1 : 1)))
  console.log(`${relative('src', file)}: ${of.found} of ${of.planted}`);
console.log(`seed ${seed}: ${found} of ${done} planted faults found, of ${all.length} that can be planted`);
