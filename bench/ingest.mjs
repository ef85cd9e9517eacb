// Measures ingestion; run after `npm run build`: node bench/ingest.mjs [DIST]. Prints one JSON object.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { oneLine, tinyFiles, trail } from './make-data.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const program = join(process.argv[2] ?? join(here, '../dist'), 'cli/main.js');
const scratch = mkdtempSync(join(tmpdir(), 'iam-minimize-bench-'));

/** Runs a script as a process of its own. @param {readonly string[]} args */
async function measured(args) {
  const started = performance.now();
  const child = spawn(process.execPath, ['--import', join(here, 'peak.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  const texts = Promise.all([child.stdout, child.stdio[3]].map(textOf));
  const [code] = await once(child, 'exit');
  const seconds = (performance.now() - started) / 1000;
  const [out = '', peak] = await texts;
  if (code !== 0) throw new Error(`exit code ${code}: ${args.join(' ')}`);
  return { seconds: Number(seconds.toFixed(2)), peakMB: Math.round(Number(peak) / 1e6), ...JSON.parse(out) };
}

/** @param {any} stream */
async function textOf(stream) {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

let runs = 0;
/** @param {string} source */
async function ingested(source) {
  const db = join(scratch, `${runs++}.db`);
  const started = performance.now();
  const { peakMB, events, bytes } = await measured([program, 'ingest', source, '--db', db, '--json']);
  const seconds = Number(((performance.now() - started) / 1000).toFixed(2));
  return {
    seconds,
    peakMB,
    events: events.read,
    megabytes: Math.round(bytes.uncompressed / 1e6),
    indexMB: Math.round(statSync(db).size / 1e6),
  };
}

try {
  const logs = await trail();
  const parsing = await measured([join(here, 'parse-only.mjs'), logs]);
  const ingesting = await ingested(logs);
  const result = {
    trail: {
      ...ingesting,
      parseOnlySeconds: parsing.seconds,
      ratio: Number((ingesting.seconds / parsing.seconds).toFixed(2)),
    },
    oneLine: await ingested(await oneLine()),
    tinyFiles: await ingested(await tinyFiles()),
  };
  console.log(JSON.stringify(result, null, 2));
} finally {
  rmSync(scratch, { recursive: true });
}
