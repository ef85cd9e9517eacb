import type { ChainCheck, DigestProblem, DigestState } from './digests/digest-chain.ts';
import type { LogCounts, VouchedLogs } from './digests/vouched-logs.ts';

/** What came of checking digests and the log files they name; all that is wrong is in `problems`. */
export interface DigestReport {
  readonly files: Readonly<Record<DigestState | 'missing', number>>;
  readonly logs: Readonly<LogCounts>;
  readonly problems: readonly DigestProblem[];
  /** What is no failure, but bounds what was proven; a line each. */
  readonly notes: readonly string[];
}

export function digestReport(check: ChainCheck, logs: VouchedLogs, notes: readonly string[]): DigestReport {
  const count = (state: DigestState): number => check.digests.filter((one) => one.state === state).length;
  return {
    files: {
      proven: count('proven'),
      unproven: count('unproven'),
      invalid: count('invalid'),
      missing: check.missing,
    },
    logs: logs.counts,
    problems: [...check.problems, ...logs.problems],
    notes: [...check.notes, ...notes],
  };
}

/** The report of two sources together. */
export function sumOfDigests(a: DigestReport, b: DigestReport): DigestReport {
  return {
    files: {
      proven: a.files.proven + b.files.proven,
      unproven: a.files.unproven + b.files.unproven,
      invalid: a.files.invalid + b.files.invalid,
      missing: a.files.missing + b.files.missing,
    },
    logs: {
      proven: a.logs.proven + b.logs.proven,
      unproven: a.logs.unproven + b.logs.unproven,
      altered: a.logs.altered + b.logs.altered,
      missing: a.logs.missing + b.logs.missing,
      unnamed: a.logs.unnamed + b.logs.unnamed,
    },
    problems: [...a.problems, ...b.problems],
    notes: [...a.notes, ...b.notes],
  };
}
