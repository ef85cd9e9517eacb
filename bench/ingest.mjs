// Measures ingestion; run after `npm run build`: node bench/ingest.mjs [--events N] [--distinct N] [--only NAME]... [DIST [EARLIER_DIST]]. Prints one JSON object.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { oneLine, tinyFiles, trail } from './make-data.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    events: { type: 'string', default: '500000' },
    distinct: { type: 'string' },
    only: { type: 'string', multiple: true, default: ['gunzip', 'parse', 'duckdb', 'before', 'now'] },
  },
});
const [dist = join(here, '../dist'), earlier] = positionals;
const events = Number(values.events);
const distinct = Number(values.distinct ?? Math.min(events, 500_000));
const logs = await trail(events, distinct);
const scratch = mkdtempSync(join(tmpdir(), 'iam-minimize-bench-'));

/**
 * Runs a script as a process of its own.
 * @param {readonly string[]} args
 * @returns {Promise<{ seconds: number, cpuSeconds: number, peakMB: number, out: string }>}
 */
async function measured(args) {
  const started = performance.now();
  const child = spawn(process.execPath, ['--import', join(here, 'peak.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  const [out, peak] = await Promise.all([textOf(child.stdout), textOf(child.stdio[3]), once(child, 'close')]);
  const seconds = rounded((performance.now() - started) / 1000);
  if (child.exitCode !== 0) throw new Error(`exit code ${child.exitCode}: ${args.join(' ')}`);
  const [bytes, cpu] = peak.split(' ').map(Number);
  return { seconds, cpuSeconds: rounded((cpu ?? 0) / 1e6), peakMB: Math.round((bytes ?? 0) / 1e6), out };
}

/** @param {import('node:stream').Stream | null | undefined} stream */
async function textOf(stream) {
  let text = '';
  stream?.on('data', (chunk) => (text += String(chunk)));
  if (stream) await once(stream, 'end');
  return text;
}

/** @param {number} n */
const rounded = (n) => Number(n.toFixed(2));

/** @param {unknown} value @param {...string} path @returns {number} */
function numberIn(value, ...path) {
  for (const name of path) {
    value = Object.entries(value ?? {}).find(([key]) => key === name)?.[1];
  }
  if (typeof value !== 'number') throw new TypeError(`no number at ${path.join('.')}`);
  return value;
}

let runs = 0;
/** @param {string} source @param {string} dist */
async function ingested(source, dist) {
  const db = join(scratch, `${runs++}.db`);
  const program = join(dist, 'cli/main.js');
  const { out, ...run } = await measured([program, 'ingest', source, '--db', db, '--json']);
  const facts = numberIn(
    JSON.parse((await measured([program, 'index', 'info', '--db', db, '--json'])).out),
    'facts',
  );
  /** @type {unknown} */
  const report = JSON.parse(out);
  const { size } = statSync(db);
  return {
    ...run,
    megabytes: Math.round(numberIn(report, 'bytes', 'uncompressed') / 1e6),
    eventsPerSecond: Math.round(numberIn(report, 'events', 'read') / run.seconds),
    indexMB: rounded(size / 1e6),
    facts,
    bytesPerFact: Math.round(size / facts),
  };
}

/** @param {string} script @param {...string} args */
async function script(script, ...args) {
  const { out: _, ...run } = await measured([join(here, script), ...args]);
  return run;
}

/** @type {Record<string, () => Promise<{ cpuSeconds: number } | undefined>>} */
const all = {
  gunzip: () => script('unavoidable.mjs', logs, 'gunzip'),
  parse: () => script('unavoidable.mjs', logs, 'parse'),
  duckdb: () => script('query.mjs', logs, join(scratch, 'query.db')),
  before: async () => (earlier === undefined ? undefined : ingested(logs, earlier)),
  now: () => ingested(logs, dist),
  oneLine: async () => ingested(await oneLine(), dist),
  tinyFiles: async () => ingested(await tinyFiles(), dist),
};

try {
  /** @type {Record<string, object>} */
  const results = {};
  let gunzip = NaN;
  for (const [name, run] of Object.entries(all)) {
    const result = values.only.includes(name) ? await run() : undefined;
    if (name === 'gunzip' && result) gunzip = result.cpuSeconds;
    // Of processor time: seconds on the clock depend on who else is there.
    if (result) results[name] = { ...result, timesGunzip: rounded(result.cpuSeconds / gunzip) };
  }
  console.log(JSON.stringify({ events, distinct, ...results }, null, 2));
} finally {
  rmSync(scratch, { recursive: true });
}
