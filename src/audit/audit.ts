import { dataRows, stringsOf } from '../iam/catalogue.ts';
import { byCodeUnit } from '../iam/order.ts';
import type { Account } from './account.ts';
import { checks } from './checks.ts';
import type { Spotted } from './subjects.ts';

export type Severity = 'error' | 'warning' | 'suggestion';
/** What a check reads, by the flag that gives it. */
export type Input = 'index' | 'current' | 'credential-report' | 'password-policy' | 'trail-config';
type CheckName = keyof typeof checks;

/** A row of `data/overrides/audit.json`. */
export interface Check {
  readonly id: CheckName;
  readonly severity: Severity;
  readonly needs: readonly Input[];
  readonly title: string;
  /** What to do; `{name}` stands for the name of the subject. */
  readonly fix: string;
  /** URL of AWS's page. */
  readonly page: string;
}

/** One thing to do. */
export interface Finding {
  readonly check: Check;
  /** Where it was seen, by account and subject. */
  readonly spots: readonly Spotted[];
}

/** What was looked for, and found. */
export interface Audit {
  /** Worst first. */
  readonly findings: readonly Finding[];
  /** Checks that what was given does not answer. */
  readonly unasked: readonly Check[];
  /** What they need. */
  readonly lacking: readonly Input[];
}

const severities: readonly Severity[] = ['error', 'warning', 'suggestion'];
const inputs: readonly Input[] = ['index', 'current', 'credential-report', 'password-policy', 'trail-config'];

const isCheckName = (id: string): id is CheckName => Object.hasOwn(checks, id);

/** The table of checks, worst first. @throws Error for a row that no check belongs to */
export const allChecks = (): readonly Check[] =>
  dataRows('overrides/audit.json').map(({ id, severity, needs, title, fix, page }) => {
    const level = severities.find((known) => known === severity);
    if (typeof id !== 'string' || !isCheckName(id) || level === undefined)
      throw new Error(`data/overrides/audit.json: ${String(id)} is no check`);
    return {
      id,
      severity: level,
      needs: inputs.filter((known) => stringsOf(needs).includes(known)),
      title: String(title),
      fix: String(fix),
      page: `https://docs.aws.amazon.com/${String(page)}`,
    };
  });

/** Runs every check that can be answered. */
export function audit(account: Account): Audit {
  const given: Readonly<Record<Input, unknown>> = {
    index: account.activity,
    current: account.current,
    'credential-report': account.credentials,
    'password-policy': account.passwords,
    'trail-config': account.trails,
  };
  const isAsked = ({ needs }: Check): boolean => needs.every((input) => given[input] !== undefined);
  const all = allChecks();
  return {
    findings: all.filter(isAsked).flatMap((check) => {
      const run: (account: Account) => readonly Spotted[] = checks[check.id];
      const spots = run(account).toSorted(
        (a, b) => byCodeUnit(a.account, b.account) || byCodeUnit(a.subject, b.subject),
      );
      return spots.length === 0 ? [] : [{ check, spots }];
    }),
    unasked: all.filter((check) => !isAsked(check)),
    lacking: inputs.filter((input) => given[input] === undefined),
  };
}
