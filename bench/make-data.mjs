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

/** @param {string} root @param {number} files @param {number} events @param {number} first Number of the first file */
function writeTrail(root, files, events, first) {
  for (let i = 0; i < files; i++) {
    const { folder, name, records } = logFile(first + i, events);
    mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder, name), gzipSync(JSON.stringify({ Records: records })));
  }
}

/** 500,000 events in 500 delivered files. */
export const trail = () => made('trail', (path) => writeTrail(path, 500, 1000, 0));

/** 20,000 delivered files of 3 events. */
export const tinyFiles = () => made('tiny', (path) => writeTrail(path, 20_000, 3, 1_000_000));

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
