import type { AwsAccess } from '../aws/access.ts';
import { withAccessAnalyzer, type AccessCheck } from '../aws/access-analyzer.ts';
import { dataRows, stringsOf } from '../iam/catalogue.ts';
import type { Finding } from '../iam/lint/finding.ts';
import { placed, type PlacedFinding } from '../iam/lint/lint.ts';
import { once } from '../iam/memo.ts';
import { documentJson } from '../iam/policy/policy-json.ts';
import { latest, type PolicyDocument } from '../iam/policy/policy.ts';

/** A policy as it is written, and what lint finds in it. */
interface Linted {
  readonly text: string;
  readonly document: PolicyDocument;
  readonly findings: readonly PlacedFinding[];
}

/**
 * Findings of lint and of IAM Access Analyzer's ValidatePolicy on each policy, of what both say of a statement lint's; and each grant
 * of an action that no policy may grant.
 * @throws InputError when AWS cannot be reached or refuses
 */
export const analyzed = (
  policies: readonly Linted[],
  { validate, notGranted }: { readonly validate: boolean; readonly notGranted: readonly string[] },
  access: AwsAccess,
): Promise<readonly (readonly PlacedFinding[])[]> =>
  withAccessAnalyzer(access, async (analyzer) => {
    const all: (readonly PlacedFinding[])[] = [];
    for (const policy of policies) {
      const { text, findings } = policy;
      const said = validate ? await analyzer.validate(text) : [];
      const check = notGranted.length > 0 ? await analyzer.notGranted(text, notGranted) : undefined;
      const more = said.filter((one) => !findings.some((own) => isSame(one, own)));
      all.push(placed(policy, [...findings, ...more, ...(check ? grantedBy(check, notGranted) : [])]));
    }
    return all;
  });

/** Checks of lint by the one of Access Analyzer that says the same. */
const sameChecks = once(
  () =>
    new Map(
      dataRows('overrides/access-analyzer.json').map(({ code, ours }) => [String(code), stringsOf(ours)]),
    ),
);

/** A single statement may stand without a list around it. */
const statementOf = ({ path }: Finding): string => /^Statement(?:\[(\d+)\])?/.exec(path)?.[1] ?? '0';

const isSame = (said: Finding, own: Finding): boolean =>
  statementOf(said) === statementOf(own) && (sameChecks().get(said.code)?.includes(own.code) ?? false);

const grantedBy = ({ passed, reasons }: AccessCheck, actions: readonly string[]): readonly Finding[] =>
  passed
    ? []
    : reasons.map(({ says, statement }) => ({
        code: 'access-granted',
        severity: 'error',
        path: statement === undefined ? '' : `Statement[${statement}]`,
        message: `may grant what --not-granted names: ${says}`,
        fix: `take ${actions.join(', ')} out of it, or deny it`,
      }));

/** What grants nothing: Access Analyzer compares with a policy, and somebody may have none. */
const nothing = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}';

/** All policies of a principal as one, without the statement ids, which need not differ between policies. */
const joined = (documents: readonly PolicyDocument[]): string => {
  const statements = documents.flatMap((document) => latest(document).statements);
  const whole = {
    version: '2012-10-17',
    statements: statements.map((one) => ({ ...one, sid: undefined })),
  } as const;
  return statements.length === 0 ? nothing : JSON.stringify(documentJson(whole));
};

/**
 * Whether Access Analyzer finds that policies grant nothing that others do not, by its CheckNoNewAccess.
 * @throws InputError when AWS cannot be reached or refuses
 */
export const noNewAccess = (
  before: readonly PolicyDocument[],
  after: readonly PolicyDocument[],
  access: AwsAccess,
): Promise<AccessCheck> =>
  withAccessAnalyzer(access, (analyzer) => analyzer.noNewAccess(joined(before), joined(after)));
