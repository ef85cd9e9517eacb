// Preloaded with `node --import` by killed.ts: the process gets the signal KILL_SIGNAL before the nth call that changes files
// (KILL_AT=file:3) or that reads or writes the index (KILL_AT=sql:40). A run that ends in order leaves in KILL_COUNT how many
// it made. KILL_PACE: so many milliseconds pass with each look at the clock, whatever the machine is busy with.
import Database from 'better-sqlite3';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const [kind = '', number = ''] = (process.env['KILL_AT'] ?? '').split(':');
const last = Number(number);
const signal = process.env['KILL_SIGNAL'] ?? 'SIGKILL';
const countFile = process.env['KILL_COUNT'] ?? '';
const pace = Number(process.env['KILL_PACE'] ?? 0);
const { writeFileSync } = fs;

/** @type {Record<string, number>} */
const calls = { file: 0, sql: 0 };

/**
 * Counts the calls of a method, before they are made.
 * @param {'file' | 'sql'} of what is counted
 * @param {object} owner
 * @param {string} name
 */
function count(of, owner, name) {
  /** @type {unknown} */
  const real = Reflect.get(owner, name);
  if (typeof real !== 'function') throw new TypeError(`no function: ${name}`);
  /** @this {unknown} @param {unknown[]} args @returns {unknown} */
  function counted(...args) {
    calls[of] = (calls[of] ?? 0) + 1;
    if (of === kind && calls[of] === last) process.kill(process.pid, signal);
    return Reflect.apply(real, this, args);
  }
  Reflect.set(owner, name, counted);
}

for (const name of ['mkdirSync', 'writeFileSync', 'renameSync', 'rmSync', 'rmdirSync'])
  count('file', fs, name);
syncBuiltinESMExports();

const memory = new Database(':memory:');
/** @type {unknown} */
const statement = Object.getPrototypeOf(memory.prepare('SELECT 1'));
memory.close();
if (typeof statement !== 'object' || statement === null) throw new TypeError('no prototype of statements');
for (const name of ['run', 'get', 'all', 'iterate']) count('sql', statement, name);
for (const name of ['exec', 'pragma', 'close']) count('sql', Database.prototype, name);

if (pace > 0) {
  let now = Date.now();
  Date.now = () => (now += pace);
}
if (countFile !== '') process.on('exit', () => writeFileSync(countFile, JSON.stringify(calls)));
