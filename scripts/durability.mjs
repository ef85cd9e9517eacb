// Kills the program before calls that change files or touch the index, chosen by a seed over a whole run, runs it again, and compares what it
// then answers with what an undisturbed run gives: node scripts/durability.mjs [MOMENTS [SEED]], after npm run build; 200 take some minutes.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const project = fileURLToPath(new URL('..', import.meta.url));
const wanted = Number(process.argv[2] ?? 200);
const seed = Number(process.argv[3] ?? 20_260_302);
const folder = mkdtempSync(join(tmpdir(), 'iam-minimize-durability-'));
const trail = join(project, 'samples/trail');

/**
 * @param {readonly string[]} args
 * @param {Record<string, string>} [environment]
 */
function run(args, environment = {}) {
  const { status, stdout } = spawnSync(process.execPath, [join(project, 'dist/cli/main.js'), ...args], {
    cwd: project,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, NO_COLOR: '1', ...environment },
  });
  return { status, stdout };
}

/** @param {Record<string, string>} more */
const watched = (more) => ({
  NODE_OPTIONS: `--import=${new URL('../test/cli/kill-at.mjs', import.meta.url).href}`,
  KILL_PACE: '30',
  ...more,
});

/** @param {string} db */
const answers = (db) =>
  [
    ['principals', '--json'],
    ['generate', '--all', '--json', '--min-window', '1d'],
  ]
    .map((args) => run([...args, '--db', db]).stdout)
    .join('\n');

/** @param {string} path @returns {string} */
const tree = (path) =>
  existsSync(path)
    ? readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .sort()
        .map((file) => `${file.slice(path.length)}\n${readFileSync(file, 'utf8')}`)
        .join('\n')
    : '';

const read = join(folder, 'read.db');
run(['ingest', trail, '--db', read]);

/**
 * Each with what is there before, the run, and what is to be equal after it.
 * @type {Record<string, { before: (at: string) => void, args: (at: string) => string[], after: (at: string) => string }>}
 */
const runs = {
  ingest: {
    before: () => {},
    args: (at) => ['ingest', trail, '--db', join(at, 'index.db')],
    after: (at) => answers(join(at, 'index.db')),
  },
  migration: {
    before: (at) => {
      const released = readFileSync(join(project, 'test/store/released/schema-1.db.gz'));
      writeFileSync(join(at, 'index.db'), gunzipSync(released));
    },
    args: (at) => ['principals', '--db', join(at, 'index.db')],
    after: (at) => answers(join(at, 'index.db')),
  },
  rebuild: {
    before: (at) => cpSync(read, join(at, 'index.db')),
    args: (at) => ['ingest', '--rebuild', '--db', join(at, 'index.db')],
    after: (at) => answers(join(at, 'index.db')),
  },
  retighten: {
    before: (at) => {
      const config = ['sources:', `  - ${trail}`, 'principals: [app]', 'out: policies', 'min-window: 1d'];
      writeFileSync(
        join(at, 'config.yaml'),
        [...config, `current: ${join(project, 'samples/current')}`, ''].join('\n'),
      );
    },
    args: (at) => ['retighten', '--config', join(at, 'config.yaml'), '--db', join(at, 'index.db')],
    after: (at) => tree(join(at, 'policies')),
  },
};

let state = seed % 2_147_483_647;
/** Lehmer's generator. @param {number} most @returns {number} from 1 to `most` */
const drawn = (most) => 1 + ((state = (state * 48_271) % 2_147_483_647) % most);

let [killed, failed] = [0, 0];
for (const [name, { before, args, after }] of Object.entries(runs)) {
  /** @param {string} of */
  const place = (of) => {
    const at = join(folder, name, of);
    mkdirSync(at, { recursive: true });
    before(at);
    return at;
  };
  const smooth = place('smooth');
  const counted = join(folder, `${name}.json`);
  const first = run(args(smooth), watched({ KILL_COUNT: counted }));
  const right = after(smooth);
  const [, file = '0', sql = '0'] = /"file":(\d+),"sql":(\d+)/.exec(readFileSync(counted, 'utf8')) ?? [];
  const calls = { file: Number(file), sql: Number(sql) };
  if (right === '') throw new Error(`${name}: exit ${first.status}, and nothing to compare`);
  for (let n = 0; n < wanted / Object.keys(runs).length; n++) {
    const kind = n % 2 === 0 && calls.file > 0 ? 'file' : 'sql';
    const moment = `${kind}:${drawn(calls[kind])}`;
    const at = place(String(n));
    if (run(args(at), watched({ KILL_AT: moment })).status === null) killed++;
    const { status } = run(args(at));
    if (status !== first.status || after(at) !== right) {
      console.log(`${name}, killed at ${moment}: exit ${status}, other answers`);
      failed++;
    }
    rmSync(at, { recursive: true });
  }
  console.log(`${name}: ${calls.file} calls on files, ${calls.sql} of SQLite`);
}
console.log(`seed ${seed}: killed ${killed} times, ${failed} with other answers`);
rmSync(folder, { recursive: true });
process.exitCode = failed === 0 ? 0 : 1;
