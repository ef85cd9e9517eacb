// Measures ingestion from S3, played by a server on this machine; run after `npm run build`: node bench/s3.mjs [SCALE].
// Prints one JSON object. SCALE multiplies the objects of the trail (default 1: 1,000 objects of 400 events).
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const program = join(here, '../dist/cli/main.js');
const scratch = mkdtempSync(join(tmpdir(), 'iam-minimize-bench-'));
const scale = Number(process.argv[2] ?? '1');

/** The server is TypeScript: compiled into a folder of the project, whose modules are ECMAScript modules. */
const compiled = join(here, '.data/s3-server');
const { status } = spawnSync('npx', ['tsc', '-p', join(here, 's3-server.json'), '--outDir', compiled], {
  stdio: ['ignore', 'inherit', 'ignore'],
});
if (status !== 0) throw new Error('the server does not compile');

/** @param {import('node:stream').Stream | null | undefined} stream */
async function textOf(stream) {
  let text = '';
  stream?.on('data', (chunk) => (text += String(chunk)));
  if (stream) await once(stream, 'end');
  return text;
}

/**
 * Runs the program against a trail of its own.
 * @param {readonly number[]} size accounts, Regions, days, objects a day, events an object
 * @param {readonly string[]} flags
 */
async function measured(size, flags) {
  const server = spawn(process.execPath, [join(compiled, 'bench/s3-server.js'), ...size.map(String)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  /** @type {string} */
  const url = await new Promise((resolve) =>
    server.stdout.once('data', (line) => resolve(String(line).trim())),
  );
  const started = performance.now();
  const db = join(scratch, `${size.join('-')}.db`);
  const child = spawn(
    process.execPath,
    ['--import', join(here, 'peak.mjs'), program, 'ingest', 's3://logs', '--db', db, '--json', ...flags],
    {
      stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
      env: {
        ...process.env,
        AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'secret',
        AWS_REGION: 'us-east-1',
        AWS_ENDPOINT_URL_S3: url,
      },
    },
  );
  const [out, peak] = await Promise.all([textOf(child.stdout), textOf(child.stdio[3]), once(child, 'close')]);
  server.stdin.end();
  /** @type {unknown} */
  const report = JSON.parse(out);
  return {
    seconds: Number(((performance.now() - started) / 1000).toFixed(1)),
    peakMB: Math.round(Number(peak.split(' ')[0]) / 1e6),
    indexMB: Math.round((statSync(db, { throwIfNoEntry: false })?.size ?? 0) / 1e6),
    report,
  };
}

try {
  const days = Math.max(1, Math.round(10 * scale));
  const result = {
    objects: await measured([4, 5, days, 5, 400], []),
    // Just small enough to be unpacked whole, and streamed.
    mediumObjects: await measured([1, 1, 1, Math.ceil(20 * scale), 12_000], []),
    largeObjects: await measured([1, 1, 1, Math.ceil(8 * scale), 48_000], []),
    listing: await measured([20, 17, 590, 1, 1], ['--dry-run']),
  };
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
} finally {
  rmSync(scratch, { recursive: true });
}
