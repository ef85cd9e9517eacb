// What any reader must do at least with every file of a folder, on as many threads as there are cores: node bench/unavoidable.mjs
// DIR gunzip, or parse (gunzip and JSON.parse). Prints one JSON object.
import { isAscii } from 'node:buffer';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { gunzipSync } from 'node:zlib';

if (isMainThread) {
  const [dir = '.', what = 'gunzip'] = process.argv.slice(2);
  const files = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const threads = availableParallelism();
  let bytes = 0;
  const ends = Array.from({ length: threads }, (_, n) => {
    const mine = files.filter((_, i) => i % threads === n);
    const worker = new Worker(new URL(import.meta.url), {
      argv: [what, ...mine],
      execArgv: [],
    });
    worker.on('message', (/** @type {number} */ read) => (bytes += read));
    return new Promise((resolve) => worker.once('exit', resolve));
  });
  await Promise.all(ends);
  console.log(JSON.stringify({ bytes }));
} else {
  const [what, ...mine] = process.argv.slice(2);
  let bytes = 0;
  for (const file of mine) {
    const unpacked = gunzipSync(readFileSync(file), { chunkSize: 4 << 20 });
    if (what === 'parse') JSON.parse(unpacked.toString(isAscii(unpacked) ? 'latin1' : 'utf8'));
    bytes += unpacked.length;
  }
  parentPort?.postMessage(bytes);
}
