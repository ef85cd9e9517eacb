import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Where engines are installed once, outside the tree. */
export const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'iam-minimize-engines');

/** Why an engine cannot be had on this machine. */
export class Unavailable extends Error {}

/** An engine, or a line that says why there is none; the tests of it are skipped then. */
export async function available<T>(start: () => Promise<T>): Promise<T | undefined> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    process.stdout.write(`skipped: ${error.message}\n`);
    return undefined;
  }
}

/** Runs a command to its end. @throws Unavailable when it fails */
export function must(what: string, command: string, args: readonly string[], cwd?: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout: 280_000,
    ...(cwd === undefined ? {} : { cwd }),
  });
  if (status !== 0)
    throw new Unavailable(
      `${what}: ${(error?.message ?? stderr.trim().split('\n').at(-1)) || stdout.slice(-200)}`,
    );
  return stdout;
}

/** A free port of this machine. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** A server that was started, once it answers. */
export interface Engine {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Starts a server and waits until `isUp` says so. */
export async function started(
  [command = '', ...args]: readonly string[],
  url: string,
  isUp: () => Promise<boolean>,
  environment: Readonly<Record<string, string>> = {},
): Promise<Engine> {
  const child: ChildProcess = spawn(command, args, {
    stdio: 'ignore',
    env: { ...process.env, ...environment },
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  for (let waited = 0; waited < 120_000; waited += 500) {
    if (child.exitCode !== null) break;
    if (await isUp().catch(() => false))
      return {
        url,
        close: async () => {
          child.kill('SIGKILL');
          await ended;
        },
      };
    await pause(500);
  }
  child.kill('SIGKILL');
  throw new Unavailable(`${command}: did not come up`);
}
