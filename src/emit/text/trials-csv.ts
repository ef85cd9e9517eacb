import { dayText } from '../../iam/days.ts';
import type { Trial } from '../../synth/backtest.ts';

/** A cell of CSV (RFC 4180); a leading `=`, `+`, `-` or `@` is kept from being a formula. */
const cell = (value: string | number): string => {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

const columns: Readonly<Record<string, (trial: Trial) => string | number>> = {
  kind: (t) => t.identity.kind,
  account: (t) => t.identity.account,
  name: (t) => t.identity.name,
  strategy: (t) => t.strategy,
  train_since: (t) => dayText(t.train.since),
  train_until: (t) => dayText(t.train.until),
  test_since: (t) => dayText(t.test.since),
  test_until: (t) => dayText(t.test.until),
  uses: (t) => t.uses,
  denied: (t) => t.denied,
  use_days: (t) => t.useDays,
  denied_use_days: (t) => t.deniedUseDays,
  actions: (t) => t.actions,
  actions_today: (t) => t.actionsToday ?? '',
  characters: (t) => t.bytes,
  unused_write: (t) => t.unused.Write,
  unused_management: (t) => t.unused['Permissions management'],
  unused_escalation: (t) => t.unused.escalation,
  broke: (t) => t.broke.join(' '),
};

/** All trials as CSV with a header. */
export const trialsCsv = (trials: readonly Trial[]): string =>
  [Object.keys(columns), ...trials.map((trial) => Object.values(columns).map((of) => of(trial)))]
    .map((row) => `${row.map(cell).join(',')}\n`)
    .join('');
