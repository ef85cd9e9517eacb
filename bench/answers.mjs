#!/usr/bin/env node
// How long answers take once logs are read, as JSON on stdout (run `npm run build` first): node bench/answers.mjs [EARLIER_DIST] [--large]
// Each question in a process of its own, start-up included, on an index of the build that is asked: seconds of processor
// time, seconds on the clock and peak memory; with an earlier build's `dist` its figures too, and how many times as fast this build is.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { busyRoles, held, largeTrail, manyPrincipals, rolesWith } from './synth/large.mjs';

const { values, positionals } = parseArgs({
  options: { large: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const own = fileURLToPath(new URL('../dist', import.meta.url));
const [earlier] = positionals;
const scratch = mkdtempSync(join(tmpdir(), 'iam-minimize-answers-'));
const current = join(scratch, 'current.json');
writeFileSync(current, JSON.stringify(held));

const roles = 60;
const wide = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
const narrow = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:Get*', Resource: '*' }] };
const held60 = rolesWith(join(scratch, 'held'), roles, held);
const [old, next] = [wide, narrow].map((document, i) => rolesWith(join(scratch, String(i)), roles, document));

const generate = ['generate', '--principal', 'large', '--json'];
const principals = values.large ? 200_000 : 20_000;
/** By trail, the questions that are asked of it. @type {[string, () => string, Record<string, string[]>][]} */
const TRAILS = [
  ...[5000, ...(values.large ? [1_000_000] : [])].map(
    (count) =>
      /** @type {[string, () => string, Record<string, string[]>]} */ ([
        `${count} facts`,
        () => largeTrail(count),
        {
          balanced: generate,
          'balanced, current policies': [...generate, '--current', current],
          exact: [...generate, '--strategy', 'exact'],
          'exact, current policies': [...generate, '--strategy', 'exact', '--current', current],
        },
      ]),
  ),
  [
    `${roles} roles`,
    () => busyRoles(roles),
    {
      'all, current policies': ['generate', '--all', '--json', '--current', held60],
      'diff of * and less': ['diff', String(old), String(next)],
    },
  ],
  [
    `${principals} principals`,
    () => manyPrincipals(principals),
    { principals: ['principals'], 'one of them': ['generate', '--principal', 'role-5'] },
  ],
];

/** @param {string} dist @param {string[]} args */
function measured(dist, args) {
  const program = join(dist, 'cli/main.js');
  const start = performance.now();
  const { output, stderr } = spawnSync(
    process.execPath,
    ['--import', new URL('peak.mjs', import.meta.url).href, program, ...args],
    { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe', 'pipe'] },
  );
  const [bytes = 0, micros = 0] = (output[3] ?? '').split(' ').map(Number);
  if (bytes === 0) throw new Error(`${args.join(' ')}: ${stderr}`);
  return {
    seconds: Number((micros / 1e6).toFixed(2)),
    clock: Number(((performance.now() - start) / 1000).toFixed(2)),
    peakMB: Math.round(bytes / 1024 / 1024),
  };
}

const builds = Object.entries({ now: own, ...(earlier === undefined ? {} : { before: earlier }) });
/** @type {Record<string, Record<string, ReturnType<typeof measured>>>} */
const answers = {};
try {
  for (const [trail, make, questions] of TRAILS)
    for (const [name, dist] of builds) {
      const db = join(scratch, `${name}.db`);
      measured(dist, ['ingest', make(), '--db', db, '--quiet']);
      for (const [question, args] of Object.entries(questions)) {
        const row = (answers[`${trail}: ${question}`] ??= {});
        row[name] = measured(dist, [...args, '--db', db]);
        process.stderr.write(`${trail}: ${question}, ${name}: ${row[name].seconds} s\n`);
      }
      rmSync(db);
    }
} finally {
  rmSync(scratch, { recursive: true });
}
const rows = Object.entries(answers).map(([question, { now, before }]) => [
  question,
  { now, before, timesAsFast: now && before ? Number((before.seconds / now.seconds).toFixed(2)) : null },
]);
process.stdout.write(`${JSON.stringify(Object.fromEntries(rows), null, 2)}\n`);
