import { Worker } from 'node:worker_threads';

/** Processor time and memory that one input may take. */
const maxSeconds = 10;
const maxBytes = 500e6;

const watch = `
const { workerData } = require('node:worker_threads');
const { writeFileSync, writeSync } = require('node:fs');
const { join } = require('node:path');
const { tmpdir } = require('node:os');
const steps = new Int32Array(workerData.steps), input = new Uint8Array(workerData.input);
let seen = -1, since = process.cpuUsage();
setInterval(() => {
  const now = Atomics.load(steps, 0);
  if (now !== seen) { seen = now; since = process.cpuUsage(); return; }
  const { user, system } = process.cpuUsage(since);
  if ((user + system) / 1e6 < ${maxSeconds} || now === 0) return;
  const file = join(tmpdir(), 'iam-minimize-slow-input');
  writeFileSync(file, input.slice(0, Atomics.load(steps, 1)));
  writeSync(2, 'one input took more than ${maxSeconds} s of processor time: step ' + now + ', ' + file + '\\n');
  process.kill(process.pid, 'SIGKILL');
}, 500);
`;

/** Ends the process when one step takes too long, which nothing in it could. */
export class Watchdog {
  /** The number of the step, and the length of its input. */
  private readonly steps = new Int32Array(new SharedArrayBuffer(8));
  private readonly input = new Uint8Array(new SharedArrayBuffer(1 << 20));
  private readonly worker = new Worker(watch, {
    eval: true,
    workerData: { steps: this.steps.buffer, input: this.input.buffer },
  });
  private readonly before = process.memoryUsage().rss;

  constructor() {
    this.worker.unref();
  }

  /** To be called at each step. @throws Error when too much memory is taken, or a prototype was changed */
  step(input: string): void {
    const bytes = Buffer.from(input).subarray(0, this.input.length);
    this.input.set(bytes);
    Atomics.store(this.steps, 1, bytes.length);
    Atomics.add(this.steps, 0, 1);
    if (Object.keys(Object.prototype).length > 0 || 'polluted' in {})
      throw new Error('a prototype is polluted');
    if (process.memoryUsage.rss() - this.before > maxBytes) throw new Error('more than 500 MB are taken');
  }

  async end(): Promise<void> {
    Atomics.store(this.steps, 0, 0);
    await this.worker.terminate();
  }
}
