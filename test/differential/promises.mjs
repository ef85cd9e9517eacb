// The promises themselves, on seeded random logs and policies, judged by an independent evaluator: nothing that the proposal
// allows is refused today, no use that was seen is lost, and "not broadened" is never said where a request refutes it.
//   node test/differential/promises.mjs [--cases 1500] [--seed 1] [--jobs 2]   exit code 1: a promise is broken
//   node test/differential/promises.mjs --plant NAME|all                       exit code 1: the planted fault was not caught
// A promise that nothing can break would say nothing: each fault of plants.mjs is put into the built program and must be caught
// as what it is within the cases.
import { spawn } from 'node:child_process';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { PLANTS } from './plants.mjs';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '1500' },
    seed: { type: 'string', default: '1' },
    /** Processes that share the cases. */
    jobs: { type: 'string', default: '2' },
    plant: { type: 'string' },
    /** One of those processes: prints what came of its cases. */
    job: { type: 'boolean', default: false },
    /** Prints the pairs of policies of which it cannot be told whether one is broader. */
    undecided: { type: 'boolean', default: false },
  },
});
const [SEED, JOBS] = [Number(values.seed), Number(values.jobs)];
const CASES = Math.ceil(Number(values.cases) / JOBS);

/** The cases of a process of its own. */
async function ranBeside(seed, cases, plant) {
  const args = ['--job', '--cases', String(cases), '--seed', String(seed), '--jobs', '1'];
  const child = spawn(
    process.execPath,
    [fileURLToPath(import.meta.url), ...args, ...(plant ? ['--plant', plant] : [])],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let text = '';
  for await (const part of child.stdout) text += part;
  return JSON.parse(text);
}

/** Counts of several runs together. */
function sum(results) {
  const total = {};
  for (const result of results)
    for (const [key, value] of Object.entries(result))
      if (typeof value === 'number') total[key] = (total[key] ?? 0) + value;
      else if (Array.isArray(value)) total[key] = [...(total[key] ?? []), ...value];
      else total[key] = sum([total[key] ?? {}, value]);
  return total;
}

if (values.job) {
  if (values.plant) register('./plants.mjs', import.meta.url, { data: values.plant });
  const { run } = await import('./trials.mjs');
  const kind = PLANTS[values.plant]?.kind;
  const isEnough = (failures) => failures.some((one) => one.kind === kind) || failures.length >= 5;
  process.stdout.write(JSON.stringify(run(SEED, CASES, isEnough)));
} else if (values.plant) {
  const names = values.plant === 'all' ? Object.keys(PLANTS) : [values.plant];
  for (const name of names) {
    const { kind } = PLANTS[name];
    const { cases, failures } = await ranBeside(SEED, Number(values.cases), name);
    const isCaught = failures.some((failure) => failure.kind === kind);
    console.log(
      `${name}: ${isCaught ? `caught as ${kind} in case ${cases}` : `not caught in ${cases} cases`}`,
    );
    if (!isCaught) process.exitCode = 1;
  }
} else {
  const {
    failures: broken,
    undecided,
    ...counts
  } = sum(await Promise.all(Array.from({ length: JOBS }, (_, job) => ranBeside(SEED * 1000 + job, CASES))));
  for (const failure of broken) console.log(JSON.stringify(failure));
  if (values.undecided) for (const pair of undecided) console.log(JSON.stringify(pair));
  console.log(JSON.stringify({ seed: SEED, ...counts }, null, 2));
  process.exitCode = broken.length === 0 ? 0 : 1;
}
