import { dayText } from '../../iam/days.ts';
import type { Trial } from '../../synth/backtest.ts';

/** A cell of CSV (RFC 4180); a leading `=`, `+`, `-` or `@` is kept from being a formula. */
const cell = (value: string | number): string => {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** All trials as CSV with a header. */
export function trialsCsv(trials: readonly Trial[]): string {
  const header = [
    'kind',
    'account',
    'name',
    'strategy',
    'train_since',
    'train_until',
    'test_since',
    'test_until',
    'uses',
    'denied',
    'use_days',
    'denied_use_days',
    'actions',
    'actions_today',
    'characters',
    'unused_list',
    'unused_read',
    'unused_write',
    'unused_tagging',
    'unused_permissions_management',
    'unused_escalation',
    'broke',
  ];
  const rows = trials.map((t) => [
    t.identity.kind,
    t.identity.account,
    t.identity.name,
    t.strategy,
    dayText(t.train.since),
    dayText(t.train.until),
    dayText(t.test.since),
    dayText(t.test.until),
    t.uses,
    t.denied,
    t.useDays,
    t.deniedUseDays,
    t.actions,
    t.actionsToday ?? '',
    t.bytes,
    t.unused.List,
    t.unused.Read,
    t.unused.Write,
    t.unused.Tagging,
    t.unused['Permissions management'],
    t.unused.escalation,
    t.broke.join(' '),
  ]);
  return [header, ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('');
}
