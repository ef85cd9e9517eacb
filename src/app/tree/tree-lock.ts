import { createHash } from 'node:crypto';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { InputError } from '../../iam/input-error.ts';
import { tryLock, type Lock } from '../../store/lock.ts';
import { realPath } from './tree.ts';

const patience = { tries: 1200, milliseconds: 500 };

/**
 * The right to change a tree, which one run of this machine and user has at a time, kept outside of the tree; the system gives it
 * back when a run ends. @throws InputError after ten minutes of waiting, of which `onWait` is told once, or when that is interrupted
 */
export async function treeLock(root: string, signal: AbortSignal, onWait: () => void): Promise<Lock> {
  const name = createHash('sha256').update(realPath(root)).digest('hex').slice(0, 16);
  const file = join(tmpdir(), `iam-minimize-${userInfo().uid}-${name}.lock`);
  for (let i = 0; i < patience.tries && !signal.aborted; i++) {
    const lock = tryLock(file);
    if (lock) return lock;
    if (i === 0) onWait();
    await pause(patience.milliseconds);
  }
  throw new InputError(
    `${root}: another run is still at work (it holds ${file}); wait for it to end, then try again`,
  );
}
