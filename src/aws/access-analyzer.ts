import type {
  AccessAnalyzerClient,
  CheckNoNewAccessResponse,
  PathElement,
  ValidatePolicyFinding,
  ValidatePolicyResponse,
} from '@aws-sdk/client-accessanalyzer';
import type { Finding, Severity } from '../iam/lint/finding.ts';
import { withClient, type AwsAccess } from './access.ts';
import { asked, pagesOf } from './failure.ts';

type Sdk = typeof import('@aws-sdk/client-accessanalyzer');

/** The answer of a custom policy check, and why, with the statement from 0 where AWS names one. */
export interface AccessCheck {
  readonly passed: boolean;
  readonly reasons: readonly { readonly says: string; readonly statement: number | undefined }[];
}

/** What IAM Access Analyzer is asked of identity policies, each the text of a document. AWS charges for each of the two checks. */
export interface AccessAnalyzer {
  /** Needs access-analyzer:ValidatePolicy. https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidatePolicy.html */
  readonly validate: (text: string) => Promise<readonly Finding[]>;
  /** Needs access-analyzer:CheckNoNewAccess. https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CheckNoNewAccess.html */
  readonly noNewAccess: (before: string, after: string) => Promise<AccessCheck>;
  /** Needs access-analyzer:CheckAccessNotGranted. https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CheckAccessNotGranted.html */
  readonly notGranted: (text: string, actions: readonly string[]) => Promise<AccessCheck>;
}

/** Uses the Access Analyzer of a Region. @throws InputError when AWS cannot be reached or refuses */
export async function withAccessAnalyzer<T>(
  access: AwsAccess,
  use: (analyzer: AccessAnalyzer) => Promise<T>,
): Promise<T> {
  const sdk = await import('@aws-sdk/client-accessanalyzer');
  return withClient(
    (settings) => new sdk.AccessAnalyzerClient(settings),
    access,
    'accessanalyzer',
    (client) => use(analyzerOf(client, sdk)),
  );
}

const policyType = 'IDENTITY_POLICY';

const analyzerOf = (client: AccessAnalyzerClient, sdk: Sdk): AccessAnalyzer => ({
  async validate(policyDocument) {
    const findings: Finding[] = [];
    const pages = pagesOf<ValidatePolicyResponse>(
      'access-analyzer:ValidatePolicy',
      (nextToken) => client.send(new sdk.ValidatePolicyCommand({ policyDocument, policyType, nextToken })),
      ['findings'],
      ({ nextToken }) => nextToken,
    );
    for await (const page of pages) findings.push(...(page.findings ?? []).map(findingOf));
    return findings;
  },
  noNewAccess: (existingPolicyDocument, newPolicyDocument) =>
    checked('access-analyzer:CheckNoNewAccess', () =>
      client.send(new sdk.CheckNoNewAccessCommand({ existingPolicyDocument, newPolicyDocument, policyType })),
    ),
  notGranted: (policyDocument, actions) =>
    checked('access-analyzer:CheckAccessNotGranted', () =>
      client.send(
        new sdk.CheckAccessNotGrantedCommand({
          policyDocument,
          access: [{ actions: [...actions] }],
          policyType,
        }),
      ),
    ),
});

/** What is no `PASS` may grant it. */
async function checked(
  action: string,
  request: () => Promise<CheckNoNewAccessResponse>,
): Promise<AccessCheck> {
  const { result, message = '', reasons = [] } = await asked(action, request, ['result']);
  const said = reasons.map(({ description = message, statementIndex: statement }) => ({
    says: description,
    statement,
  }));
  return {
    passed: result === 'PASS',
    reasons: said.length > 0 ? said : [{ says: message, statement: undefined }],
  };
}

const severities: Readonly<Record<string, Severity>> = { ERROR: 'error', SUGGESTION: 'suggestion' };

/** A finding in lint's words, at the first of its places. */
const findingOf = ({ locations = [], ...said }: ValidatePolicyFinding): Finding => ({
  code: String(said.issueCode),
  severity: severities[String(said.findingType)] ?? 'warning',
  path: (locations[0]?.path ?? []).map(stepOf).join('').replace(/^\./, ''),
  message: String(said.findingDetails),
  fix: `see ${String(said.learnMoreLink)}`,
});

const stepOf = ({ index, key, value = key }: PathElement): string => {
  if (index !== undefined) return `[${index}]`;
  return value === undefined ? '' : `.${/^\w+$/.test(value) ? value : JSON.stringify(value)}`;
};
