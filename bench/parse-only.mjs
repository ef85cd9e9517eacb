// What any reader must do at least, on one thread: gunzip and JSON.parse every file of a folder.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

let events = 0;
for (const entry of readdirSync(process.argv[2] ?? '.', { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const text = gunzipSync(readFileSync(join(entry.parentPath, entry.name))).toString();
  /** @type {unknown} */
  const log = JSON.parse(text);
  if (typeof log === 'object' && log !== null && 'Records' in log && Array.isArray(log.Records)) {
    events += log.Records.length;
  }
}
console.log(JSON.stringify({ events }));
