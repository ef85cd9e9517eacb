// Measures how well policies made from 30 days of logs fit what comes after, on synthetic accounts whose needs are known;
// run after `npm run build`: node bench/synth.mjs [--seed N]... [--set development|held-out] [--large]
// A table on stderr, JSON on stdout.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeAccount } from './synth-account.mjs';
import { TRAINING, measure } from './synth/measure.mjs';
import { largePrincipals } from './synth/large.mjs';

const SETS = { development: [1, 2, 3, 4, 5], 'held-out': [101, 102, 103, 104, 105] };
const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

const { values } = parseArgs({
  options: {
    seed: { type: 'string', multiple: true },
    set: { type: 'string' },
    large: { type: 'boolean', default: false },
  },
});
const seeds = [
  ...(values.seed ?? []).map(Number),
  ...(values.set === 'development' || values.set === 'held-out' ? SETS[values.set] : []),
];
if (seeds.length === 0 && !values.large) seeds.push(...SETS.development);
if (!seeds.every(Number.isInteger)) throw new RangeError('--seed: give whole numbers');
const setOf = (/** @type {number} */ seed) =>
  Object.entries(SETS).find(([, list]) => list.includes(seed))?.[0] ?? 'neither';

/** @type {import('./synth/measure.mjs').Results} */
const results = { tallies: new Map(), examples: new Map() };
let events = 0;
const scratch = mkdtempSync(join(tmpdir(), 'iam-minimize-synth-'));
try {
  for (const seed of seeds) {
    const account = makeAccount(seed);
    const db = join(scratch, `${seed}.db`);
    execFileSync(process.execPath, [program, 'ingest', join(account.folder, 'trail'), '--db', db, '--quiet']);
    process.stderr.write(`seed ${seed} (${setOf(seed)})\n`);
    await measure(account, db, results);
    events += account.truth.events;
  }
  const strategies = Object.fromEntries(
    [...results.tallies].map(([name, tally]) => [name, summaryOf(tally)]),
  );
  const large = values.large ? largePrincipals(scratch) : undefined;
  process.stdout.write(
    `${JSON.stringify(
      {
        seeds: seeds.map((seed) => ({ seed, set: setOf(seed) })),
        events,
        trainingDays: TRAINING,
        strategies,
        examples: Object.fromEntries([...results.examples].map(([kind, list]) => [kind, [...list]])),
        ...(large ? { large } : {}),
      },
      null,
      2,
    )}\n`,
  );
  if (seeds.length > 0) table(strategies);
} finally {
  rmSync(scratch, { recursive: true });
}

/** @param {number | undefined} part @param {number | undefined} whole */
function share(part, whole) {
  return part === undefined || whole === undefined || whole === 0 ? null : Number((part / whole).toFixed(5));
}

/** Ratios of the counts of all principals and seeds together. @param {import('./synth/measure.mjs').Tally} t */
function summaryOf(t) {
  const actionLevel = results.tallies.get('action-level') ?? {};
  const behaviours = Object.keys(t).filter((key) => key.startsWith('of '));
  return {
    laterDenied: share(t.laterDenied, t.later),
    laterDeniedMeanOfPrincipals: share(t.sumOfLaterDenied, t.principalsWithLater),
    laterNewDenied: share(t.laterNewDenied, t.laterNew),
    monthlyDenied: share(t.monthlyDenied, t.monthly),
    principalsDenied: share(t.principalsDenied, t.principals),
    reachOutside: share(t.outside, actionLevel.outside),
    reachOutsideObservable: share(t.outsideObservable, actionLevel.outsideObservable),
    reachOutsideByAccount: Object.fromEntries(
      Object.keys(t)
        .filter((key) => key.startsWith('outside in '))
        .map((key) => [key.slice(11), share(t[key], actionLevel[key])]),
    ),
    neverUsedActionsRemoved: share(t.neverUsedActionsRemoved, t.neverUsedActions),
    neverUsedPairsRemoved: share(t.neverUsedPairsRemoved, t.neverUsedPairs),
    unobservableRemoved: share(t.unobservableRemoved, t.unobservableUsed),
    bytesToBound: share(t.bytes, t.byteBound),
    laterDeniedByBehaviour: Object.fromEntries(
      behaviours.sort().map((key) => [key.slice(3), share(t[`denied ${key.slice(3)}`] ?? 0, t[key])]),
    ),
    counts: Object.fromEntries(Object.entries(t).filter(([key]) => !/^(of|denied) /.test(key))),
  };
}

/** @param {number | null} n */
function percent(n) {
  return n === null ? '-' : `${(100 * n).toFixed(2)}%`;
}

/** @param {Record<string, ReturnType<typeof summaryOf>>} strategies */
function table(strategies) {
  const head = [
    '',
    'later denied',
    'mean',
    'of new',
    'monthly',
    'reach outside',
    'if observable',
    'unused removed',
    'unseen lost',
    'bytes/bound',
    'denied in training',
  ];
  const rows = Object.entries(strategies).map(([name, s]) => [
    name,
    percent(s.laterDenied),
    percent(s.laterDeniedMeanOfPrincipals),
    percent(s.laterNewDenied),
    percent(s.monthlyDenied),
    percent(s.reachOutside),
    percent(s.reachOutsideObservable),
    percent(s.neverUsedPairsRemoved),
    s.counts.unobservableRemoved === undefined
      ? '-'
      : `${s.counts.unobservableRemoved} of ${s.counts.unobservableUsed}`,
    s.bytesToBound === null ? '-' : s.bytesToBound.toFixed(3),
    `${s.counts.trainedDenied} of ${s.counts.trained}`,
  ]);
  const widths = head.map((title, n) => Math.max(title.length, ...rows.map((row) => row[n]?.length ?? 0)));
  for (const row of [head, ...rows])
    process.stderr.write(
      `${row.map((cell, n) => (n === 0 ? cell.padEnd(widths[n] ?? 0) : cell.padStart(widths[n] ?? 0))).join('  ')}\n`,
    );
}
