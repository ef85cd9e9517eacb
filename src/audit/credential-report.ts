import { parse } from 'csv-parse/sync';
import { InputError } from '../iam/input-error.ts';
import { isObject } from '../iam/json.ts';
import { printableShort } from '../iam/printable.ts';
import { dayIn } from '../permissions/last-accessed.ts';

/** An access key or a password. Days are since 1970; undefined for never, and where AWS does not know. */
interface Credential {
  readonly active: boolean;
  readonly changed: number | undefined;
  readonly lastUsed: number | undefined;
}

/** A user, or root. */
export interface CredentialRow {
  readonly name: string;
  readonly arn: string;
  readonly account: string;
  readonly isRoot: boolean;
  readonly created: number | undefined;
  readonly mfa: boolean;
  readonly password: Credential;
  /** The first and the second. */
  readonly keys: readonly Credential[];
}

const hint = 'give the file of: aws iam get-credential-report --query Content --output text | base64 -d';

/**
 * Reads a credential report: its CSV, or the JSON that `aws iam get-credential-report` prints.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
 * @throws InputError for anything else
 */
export function readCredentialReport(text: string, source: string): readonly CredentialRow[] {
  let rows: readonly unknown[];
  try {
    rows = parse(csvOf(text), { columns: true, bom: true, skip_empty_lines: true });
  } catch (cause) {
    throw new InputError(`${source}: not a credential report (CSV that cannot be read); ${hint}`, { cause });
  }
  if (rows.length === 0) throw new InputError(`${source}: a credential report without rows; ${hint}`);
  return rows.map((row, i) => rowOf(isObject(row) ? row : {}, `${source}: row ${i + 1}`));
}

function csvOf(text: string): string {
  if (!/^\s*\{/.test(text)) return text;
  const json: unknown = JSON.parse(text);
  const content = isObject(json) ? json['Content'] : undefined;
  return typeof content === 'string' ? Buffer.from(content, 'base64').toString('utf8') : '';
}

function rowOf(row: Readonly<Record<string, unknown>>, at: string): CredentialRow {
  const cell = (column: string): string => {
    const value = row[column];
    if (typeof value !== 'string')
      throw new InputError(`${at}: not a credential report (no column ${column}); ${hint}`);
    return value;
  };
  const day = (column: string): number | undefined => {
    const value = cell(column);
    if (['N/A', 'no_information', 'not_supported', ''].includes(value)) return undefined;
    const found = dayIn(value);
    if (found === undefined)
      throw new InputError(`${at}: ${column} is ${printableShort(value)}, which is no time; ${hint}`);
    return found;
  };
  const arn = cell('arn');
  const account = /^arn:[^:]+:iam::(\d{12}):/.exec(arn)?.[1];
  if (account === undefined) throw new InputError(`${at}: ${printableShort(arn)} is not an IAM ARN; ${hint}`);
  const isTrue = (column: string): boolean => cell(column).toLowerCase() === 'true';
  return {
    name: cell('user'),
    arn,
    account,
    isRoot: cell('user') === '<root_account>',
    created: day('user_creation_time'),
    mfa: isTrue('mfa_active'),
    password: {
      active: isTrue('password_enabled'),
      changed: day('password_last_changed'),
      lastUsed: day('password_last_used'),
    },
    keys: ['access_key_1', 'access_key_2'].map((key) => ({
      active: isTrue(`${key}_active`),
      changed: day(`${key}_last_rotated`),
      lastUsed: day(`${key}_last_used_date`),
    })),
  };
}
