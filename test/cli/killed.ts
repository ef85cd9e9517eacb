import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isObject } from '../../src/iam/json.ts';

/** A call before which a process kills itself: the nth that changes files, or that reads or writes the index. */
export interface Moment {
  readonly kind: 'file' | 'sql';
  readonly number: number;
}

/** What is added to the environment of a process. */
export type Environment = Readonly<Record<string, string>>;

/** An environment in which a run of some dozen objects commits several times: time passes with each look at the clock. */
export const paced: Environment = {
  NODE_OPTIONS: `--import=${new URL('kill-at.mjs', import.meta.url).href}`,
  KILL_PACE: '30',
};

/** The environment in which a process gets a signal at a moment; should it never come to it, it ends as always. */
export const killedAt = ({ kind, number }: Moment, signal: NodeJS.Signals = 'SIGKILL'): Environment => ({
  ...paced,
  KILL_AT: `${kind}:${number}`,
  KILL_SIGNAL: signal,
});

/**
 * Moments of an undisturbed run: as many as asked for, spread over its calls of one kind from the first to the last, and
 * chosen within each part by a fixed seed.
 * @param undisturbed runs it in the environment given to it
 */
export async function momentsOf(
  undisturbed: (environment: Environment) => unknown,
  wanted: Readonly<Record<Moment['kind'], number>>,
): Promise<readonly Moment[]> {
  const folder = mkdtempSync(join(tmpdir(), 'iam-minimize-calls-'));
  try {
    const file = join(folder, 'calls.json');
    await undisturbed({ ...paced, KILL_COUNT: file });
    const calls: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return (['file', 'sql'] as const).flatMap((kind) => {
      const made = isObject(calls) ? Number(calls[kind]) : 0;
      return spread(made, wanted[kind]).map((number) => ({ kind, number }));
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Numbers from 1 to `last`, one of each of `parts` equal parts. */
function spread(last: number, parts: number): readonly number[] {
  // Lehmer's generator, as in "Random number generators: good ones are hard to find" (Park and Miller 1988).
  let state = 20_260_302;
  const numbers = Array.from({ length: parts }, (_, i) => {
    state = (state * 48_271) % 2_147_483_647;
    return 1 + Math.floor(((i + state / 2_147_483_647) * last) / parts);
  });
  return [...new Set(numbers)];
}
