import { includesPolicy } from '../../src/iam/compare/inclusion.ts';
import { isObject, type JsonObject } from '../../src/iam/json.ts';
import { parsePolicy } from '../../src/iam/policy/policy.ts';
import { allowedActions } from '../../src/synth/generate.ts';
import { fakeEnvironment } from './iam-fake.ts';
import { localServer } from './local-server.ts';

export interface FakeAnalyzer {
  readonly environment: Readonly<Record<string, string>>;
  /** `/policy/validation` and the checks, in order. */
  readonly requests: readonly string[];
  readonly close: () => Promise<void>;
}

/** A finding of ValidatePolicy as AWS sends it. */
const finding = (
  findingType: string,
  issueCode: string,
  findingDetails: string,
  path: readonly (string | number)[],
): object => ({
  findingType,
  issueCode,
  findingDetails,
  learnMoreLink: `https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#${issueCode.toLowerCase()}`,
  locations: [
    {
      path: path.map((step) => (typeof step === 'number' ? { index: step } : { value: step })),
      span: { start: { line: 1, column: 0, offset: 0 }, end: { line: 1, column: 1, offset: 1 } },
    },
  ],
});

const passed = { message: 'The policy document grants no such access.', result: 'PASS', reasons: [] };
const failed = (message: string, statement: number): object => ({
  message,
  result: 'FAIL',
  reasons: [
    { description: `${message} in the statement with index: ${statement}.`, statementIndex: statement },
  ],
});

function answer(path: string, token: string | null, asked: JsonObject): object {
  const text = (name: string): string => String(asked[name]);
  if (path === '/policy/check-no-new-access') {
    const [before, after] = ['existingPolicyDocument', 'newPolicyDocument'].map((name) =>
      parsePolicy(text(name), name),
    );
    const isIn = before && after && includesPolicy([before], [after]).included === 'yes';
    return isIn ? passed : failed('New access', 0);
  }
  if (path === '/policy/check-access-not-granted') {
    const [access] = Array.isArray(asked['access']) ? asked['access'].filter(isObject) : [];
    const granted = allowedActions([parsePolicy(text('policyDocument'), 'policy')]);
    const critical = [access?.['actions']].flat().map((action) => String(action).toLowerCase());
    return critical.some((action) => granted.has(action)) ? failed('Access granted', 0) : passed;
  }
  const policy = text('policyDocument');
  const findings = [
    ...(policy.includes('PassRole')
      ? [
          finding('SECURITY_WARNING', 'PASS_ROLE_WITH_STAR_IN_RESOURCE', 'Using iam:PassRole with *.', [
            'Statement',
            0,
            'Action',
          ]),
        ]
      : []),
    ...(policy.includes('s3:Get*')
      ? [finding('SUGGESTION', 'SHORTER_NAME', 'A name could be shorter.', ['Statement', 0, 'Action', 1])]
      : []),
  ];
  // A page for each finding, as AWS may give them.
  const at = Number(token ?? 0);
  return {
    findings: findings.slice(at, at + 1),
    ...(at + 1 < findings.length ? { nextToken: String(at + 1) } : {}),
  };
}

/** IAM Access Analyzer's policy checks. @param refuses status and code of an exception that answers every request */
export async function fakeAnalyzer(refuses?: readonly [number, string]): Promise<FakeAnalyzer> {
  const requests: string[] = [];
  const server = await localServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
      requests.push(pathname);
      const asked: unknown = JSON.parse(body);
      const [status, code] = refuses ?? [200, ''];
      response.writeHead(status, {
        'content-type': 'application/json',
        ...(code === '' ? {} : { 'x-amzn-errortype': code }),
      });
      const json =
        code === ''
          ? answer(pathname, searchParams.get('nextToken'), isObject(asked) ? asked : {})
          : { message: 'no\nno' };
      response.end(JSON.stringify(json));
    });
  });
  return {
    environment: {
      ...fakeEnvironment(''),
      AWS_ENDPOINT_URL_ACCESSANALYZER: server.url,
      AWS_MAX_ATTEMPTS: '1',
    },
    requests,
    close: server.close,
  };
}
