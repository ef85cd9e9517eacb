import { readData } from '../catalogue.ts';
import { isObject, mapOf } from '../json.ts';
import { once } from '../memo.ts';

/** The gravest first. `error`: IAM refuses it, or it does nothing of what it says. `warning`: a risk. `suggestion`: can be simpler. */
export const SEVERITIES = ['error', 'warning', 'suggestion'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A check of `data/overrides/lint.json`: its texts have places for what a finding says of the policy. */
export interface Check {
  readonly severity: Severity;
  /** A page of the IAM User Guide. */
  readonly page: string;
  readonly fires: string;
  readonly says: string;
  readonly fix: string;
}

export interface Finding {
  /** A check by name: `sid-grammar`. */
  readonly code: string;
  readonly severity: Severity;
  /** JSON path of the element: `Statement[0].Action`; the message names the entry of a list. `''`: the document. */
  readonly path: string;
  readonly message: string;
  /** What to do. */
  readonly fix: string;
}

/** Every check by name, with the variants `name.variant`, in the order of the table. */
export const checks = once(() => mapOf(readData('overrides/lint.json')['checks'], checkOf));

function checkOf(row: unknown): Check {
  const text = (name: string): string => (isObject(row) ? String(row[name]) : '');
  const severity = SEVERITIES.find((known) => known === text('severity'));
  if (severity === undefined) throw new Error('data/overrides/lint.json: a check without a severity');
  return { severity, page: text('page'), fires: text('fires'), says: text('says'), fix: text('fix') };
}

/** A finding of a check. @param words for the places of its texts. Throws when there is no such check */
export function found(
  name: string,
  path: string,
  words: readonly (string | number)[] = [],
  severity?: Severity,
): Finding {
  const check = checks().get(name);
  if (check === undefined) throw new Error(`not a check of lint: ${name}`);
  const filled = (text: string): string =>
    text.replace(/\{(\d)\}/g, (_, place) => String(words[Number(place)] ?? ''));
  const [code = name] = name.split('.');
  return {
    code,
    severity: severity ?? check.severity,
    path,
    message: filled(check.says),
    fix: filled(check.fix),
  };
}

/** `a`, `a and b`, `a, b and 3 more`. */
export function few(names: readonly string[]): string {
  const [first = '', second, ...rest] = names;
  if (second === undefined) return first;
  return rest.length === 0 ? `${first} and ${second}` : `${first}, ${second} and ${rest.length} more`;
}

/** The same, each in quotes. */
export const fewQuoted = (texts: readonly string[]): string => few(texts.map((text) => JSON.stringify(text)));
