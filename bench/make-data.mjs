import { createWriteStream, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { logFile } from './events.mjs';

const home = fileURLToPath(new URL('.data', import.meta.url));

/**
 * Makes a set of data unless it is there already; one that was interrupted is made anew.
 * @param {string} name @param {(path: string) => void | Promise<void>} make
 * @returns {Promise<string>} where it is
 */
async function made(name, make) {
  const path = join(home, name);
  if (existsSync(path)) return path;
  const unfinished = `${path}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  await make(unfinished);
  renameSync(unfinished, path);
  return path;
}

/** @param {string} root @param {ReturnType<typeof logFile>} file */
function write(root, { folder, name, records }) {
  mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, folder, name), gzipSync(JSON.stringify({ Records: records })));
}

/** Events of a file: 5 KB to 50 MB unpacked. @param {number} file */
const sizeOf = (file) => (file % 25 === 12 ? 27_000 : ([3, 100, 400, 1000, 3000][file % 5] ?? 0));

/**
 * Delivered files, the same calls again and again under IDs and in files of their own once so many are distinct.
 * @param {number} events @param {number} distinct a fraction of `events`
 */
export const trail = (events, distinct) =>
  made(`trail-${events}-${distinct}`, (path) => {
    const times = events / distinct;
    for (let file = 0, left = distinct; left > 0; file++) {
      const made = logFile(file, Math.min(left, sizeOf(file)));
      left -= made.records.length;
      for (let time = 0; time < times; time++) {
        const mark = String(time).padStart(4, '0');
        const records = made.records.map((record) => ({
          ...record,
          eventID: mark + record.eventID.slice(4),
        }));
        write(path, { ...made, name: made.name.replace('.json', `${mark}.json`), records });
      }
    }
  });

/** 20,000 delivered files of 3 events. */
export const tinyFiles = () =>
  made('tiny', (path) => {
    for (let i = 0; i < 20_000; i++) write(path, logFile(1_000_000 + i, 3));
  });

/** One line of 2 GB: `{"Records":[…]}`. Event IDs repeat after 100,000 events, nothing else is special about it. */
export const oneLine = () =>
  made('one-line.json', async (path) => {
    const bytes = 2e9;
    const blocks = Array.from({ length: 100 }, (_, i) =>
      Buffer.from(JSON.stringify(logFile(2_000_000 + i, 1000).records).slice(1, -1)),
    );
    const out = createWriteStream(path);
    out.write('{"Records":[');
    let written = 0;
    for (let i = 0; written < bytes; i++) {
      const block = blocks[i % blocks.length];
      if (block === undefined) throw new RangeError('no blocks');
      if (i > 0) out.write(',');
      if (!out.write(block)) await once(out, 'drain');
      written += block.length;
    }
    out.end(']}');
    await once(out, 'finish');
  });
