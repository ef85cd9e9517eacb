import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/iam/input-error.ts';
import { isObject, type JsonObject } from '../../src/iam/json.ts';
import { byCodeUnit } from '../../src/iam/order.ts';
import { lintPolicy } from '../../src/iam/lint/lint.ts';
import { parsePolicy } from '../../src/iam/policy/policy.ts';
import { available } from './engine.ts';
import { managedPolicies } from './managed-policies.ts';
import { mutant, MUTATIONS } from './mutants.ts';

const judges = await available(() => Promise.resolve(managedPolicies()));

/** What lint says of a policy: `code` or `code error`; `unreadable` where it cannot be read. */
function said(text: string): readonly string[] {
  try {
    return lintPolicy(parsePolicy(text, 'policy')).map(({ code, severity }) =>
      severity === 'error' ? `${code} error` : code,
    );
  } catch (error) {
    if (error instanceof InputError) return ['unreadable'];
    throw error;
  }
}

/** What IAM refuses to store. */
const REFUSED =
  /^(?:unreadable|(?:sid-grammar|sid-repeated|empty-list|refused-character|resource-grammar|condition-value) error)$/;

/** What lint says where parliament says something. */
const SAME: Readonly<Record<string, readonly string[]>> = {
  UNKNOWN_PREFIX: ['unknown-service'],
  UNKNOWN_ACTION: ['unknown-action', 'unknown-service'],
  UNKNOWN_CONDITION_FOR_ACTION: ['unknown-condition-key', 'key-not-of-action'],
  UNKNOWN_OPERATOR: [],
  RESOURCE_MISMATCH: ['resource-type-missing', 'resource-type-not-taken', 'resource-grammar', 'empty-list'],
  RESOURCE_STAR: [
    'infrastructure-modification',
    'resource-exposure',
    'data-exfiltration',
    'credentials-exposure',
    'privilege-escalation',
    'permissions-management-wildcard',
    'service-wildcard',
    'administrator-access',
  ],
  RESOURCE_EFFECTIVELY_STAR: ['infrastructure-modification'],
  RESOURCE_POLICY_PRIVILEGE_ESCALATION: [
    'resource-exposure',
    'permissions-management-wildcard',
    'privilege-escalation',
  ],
  MISMATCHED_TYPE_OPERATION_TO_NULL: ['condition-value'],
  MISMATCHED_TYPE: ['condition-type', 'condition-value'],
  MISMATCHED_TYPE_BUT_USABLE: ['condition-type'],
  INVALID_ARN: ['resource-grammar', 'arn-short', 'arn-field'],
  INVALID_SID: ['sid-grammar'],
  DUPLICATE_SID: ['sid-repeated'],
  BAD_PATTERN_FOR_MFA: ['mfa-if-exists'],
  NO_VERSION: ['version-old'],
  OLD_VERSION: ['version-old'],
};

/** Disagreements by kind: `who says what: of what`; how many there are. */
function disagreements(
  named: ReadonlyMap<string, string>,
  kindOf: (name: string) => string,
  before: readonly string[] = [],
): Record<string, number> {
  const counts: Record<string, number> = {};
  const count = (kind: string): void => {
    counts[kind] = (counts[kind] ?? 0) + 1;
  };
  const texts = [...named.values()];
  const grammar = judges?.moto(texts) ?? [];
  const names = judges?.parliament(texts) ?? [];
  // Of a mutant what the policy did not have.
  const known = judges?.parliament(before) ?? [];
  for (const [index, [name, text]] of [...named].entries()) {
    const own = said(text);
    const [refusal] = grammar[index] ?? [];
    const isRefused = own.some((code) => REFUSED.test(code));
    const short = (refusal ?? '')
      .replace(/ *"?(?:arn:)?\S*[:*]\S*/g, '')
      .replace(/ (?:\S*\/, )*\S*\/\]?\.?$/, '');
    if ((refusal !== undefined) !== isRefused)
      count(
        `moto ${refusal === undefined ? `takes, lint says ${own.filter((code) => REFUSED.test(code)).join()}` : `refuses: ${short}`}: ${kindOf(name)}`,
      );
    if (own.includes('unreadable')) continue;
    for (const issue of (names[index] ?? []).filter((each) => known[index]?.includes(each) !== true)) {
      const codes = SAME[issue] ?? [];
      if (!own.some((code) => codes.some((same) => code.startsWith(same))))
        count(`parliament alone ${issue}: ${kindOf(name)}`);
    }
  }
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => byCodeUnit(a, b)));
}

const table: unknown = JSON.parse(readFileSync(new URL('lint-judges.json', import.meta.url), 'utf8'));
const rows = (name: string): JsonObject => (isObject(table) && isObject(table[name]) ? table[name] : {});
const countsOf = (name: string): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(rows(name)).map(([kind, row]) => [kind, isObject(row) ? row['count'] : undefined]),
  );

describe.skipIf(judges === undefined)("AWS's managed policies and their mutants", () => {
  const policies = judges?.policies ?? new Map<string, JsonObject>();

  test('the errors that are found in them are known, each with the reason why the policy has it', () => {
    const errors = [...policies].flatMap(([name, policy]) =>
      lintPolicy(parsePolicy(JSON.stringify(policy), name))
        .filter(({ severity }) => severity === 'error')
        .map(({ code, path }) => `${name} ${path} ${code}`),
    );
    expect([...new Set(errors)].sort()).toEqual(Object.keys(rows('errors')).sort());
  });

  test('every disagreement with parliament and IAM about a policy of AWS is known, with its reason', () => {
    const texts = new Map([...policies].map(([name, policy]) => [name, JSON.stringify(policy)]));
    expect(disagreements(texts, () => 'corpus')).toEqual(countsOf('corpus'));
  });

  test('and about 500 mutants', () => {
    const kinds = Object.keys(MUTATIONS);
    const all = [...policies.values()];
    const made = Array.from({ length: 500 }, (_, at) => {
      const [kind = '', policy = {}] = [kinds[at % kinds.length], all[(at * 37) % all.length]];
      return { name: `${at} ${kind}`, policy, text: JSON.stringify(mutant(policy, kind, at)) };
    });
    const mutants = new Map(made.map(({ name, text }) => [name, text]));
    const before = made.map(({ policy }) => JSON.stringify(policy));
    expect(disagreements(mutants, (name) => name.replace(/^\d+ /, ''), before)).toEqual(countsOf('mutants'));
  });
});
