/** Moments of a commit. `facts`: facts are written, ledger and marks are not; `committed`: the transaction has ended. */
type Failpoint = 'facts' | 'ledger' | 'marks' | 'committed';

const passed = new Map<Failpoint, number>();

/**
 * For tests: the program kills itself (SIGKILL) at the moment that IAM_MINIMIZE_FAILPOINT names, as `facts:2` for the facts
 * of the second commit. Read here and nowhere else; see docs/faults.md.
 */
export function failpoint(moment: Failpoint): void {
  const chosen = process.env['IAM_MINIMIZE_FAILPOINT'];
  if (chosen === undefined) return;
  const turn = (passed.get(moment) ?? 0) + 1;
  passed.set(moment, turn);
  if (chosen === `${moment}:${turn}`) process.kill(process.pid, 'SIGKILL');
}
