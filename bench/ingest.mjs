// Measures ingestion; run after `npm run build`: node bench/ingest.mjs [DIST [EARLIER_DIST]]. Prints one JSON object.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { oneLine, tinyFiles, trail } from './make-data.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const program = join(process.argv[2] ?? join(here, '../dist'), 'cli/main.js');
const earlier = process.argv[3] && join(process.argv[3], 'cli/main.js');
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
/** @param {string} source @param {string} by */
async function ingested(source, by = program) {
  const db = join(scratch, `${runs++}.db`);
  const { seconds, cpuSeconds, peakMB, out } = await measured([by, 'ingest', source, '--db', db, '--json']);
  /** @type {unknown} */
  const report = JSON.parse(out);
  const events = numberIn(report, 'events', 'read');
  const megabytes = Math.round(numberIn(report, 'bytes', 'uncompressed') / 1e6);
  return { seconds, cpuSeconds, peakMB, events, megabytes, indexMB: Math.round(statSync(db).size / 1e6) };
}

try {
  const logs = await trail();
  const least = join(here, 'unavoidable.mjs');
  const { out: _, ...gunzip } = await measured([least, logs, 'gunzip']);
  const { out: __, ...parse } = await measured([least, logs, 'parse']);
  const now = await ingested(logs);
  const before = earlier === undefined ? undefined : await ingested(logs, earlier);
  const result = {
    trail: { gunzip, parse, now, before, ratio: rounded(now.seconds / gunzip.seconds) },
    oneLine: await ingested(await oneLine()),
    tinyFiles: await ingested(await tinyFiles()),
  };
  console.log(JSON.stringify(result, null, 2));
} finally {
  rmSync(scratch, { recursive: true });
}
