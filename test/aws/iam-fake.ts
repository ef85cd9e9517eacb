import type { IncomingMessage, ServerResponse } from 'node:http';
import { isObject } from '../../src/iam/json.ts';
import { localServer } from './local-server.ts';

/** What a request to the fake was: the form fields of the query protocol. */
export type Asked = Readonly<Record<string, string>>;

/** An answer instead of the usual one. */
export type Mishap =
  | { readonly kind: 'error'; readonly status: number; readonly code: string; readonly message: string }
  /** The connection ends in the middle of the body. */
  | { readonly kind: 'cut' }
  /** Something on the way answers with a page of its own, and status 200. */
  | { readonly kind: 'page'; readonly body: string };

export interface FakeOptions {
  /** Entities on a page. */
  readonly pageSize?: number;
  /** Managed policies that the details name without a document; GetPolicy and GetPolicyVersion know them. */
  readonly withheld?: readonly string[];
  /** Last accessed reports, and how often they are not ready when asked for. */
  readonly lastAccessed?: { readonly services: readonly object[]; readonly unready: number };
  /** CSV; not ready when first asked for. */
  readonly credentialReport?: string;
  /** Undefined for an account without. */
  readonly passwordPolicy?: object;
  /** A list that no page has. */
  readonly lacking?: string;
  /** What goes wrong with the request of this number, from 0. */
  readonly mishap?: (asked: Asked, number: number) => Mishap | undefined;
}

export interface FakeIam {
  readonly url: string;
  readonly requests: readonly Asked[];
  readonly close: () => Promise<void>;
}

const xmlEscapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};
const escaped = (text: string): string => text.replace(/[&<>"]/g, (c) => xmlEscapes[c] ?? c);

/** A JSON value as the query protocol writes it; documents as URL-encoded JSON, as IAM does. */
function xml(name: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return `<${name}>${value.map((item) => xml('member', item)).join('')}</${name}>`;
  if (isObject(value)) {
    if (name.endsWith('Document')) return `<${name}>${encodeURIComponent(JSON.stringify(value))}</${name}>`;
    return `<${name}>${Object.entries(value)
      .map(([key, member]) => xml(key, member))
      .join('')}</${name}>`;
  }
  return `<${name}>${escaped(typeof value === 'string' ? value : JSON.stringify(value))}</${name}>`;
}

const answer = (action: string, result: object): string =>
  `<${action}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/">${xml(`${action}Result`, result)}` +
  '<ResponseMetadata><RequestId>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</RequestId></ResponseMetadata>' +
  `</${action}Response>`;

const errorBody = (code: string, message: string): string =>
  '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type>' +
  `<Code>${escaped(code)}</Code><Message>${escaped(message)}</Message></Error>` +
  '<RequestId>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</RequestId></ErrorResponse>';

const lists = ['UserDetailList', 'GroupDetailList', 'RoleDetailList', 'Policies'] as const;
const listOf = (page: unknown, name: string): readonly unknown[] =>
  isObject(page) && Array.isArray(page[name]) ? page[name] : [];

/** An HTTP server that answers like IAM for the account that `details` describe, on a port of its own. */
export async function fakeIam(details: object, options: FakeOptions = {}): Promise<FakeIam> {
  const {
    pageSize = 2,
    withheld = [],
    lastAccessed = { services: [], unready: 0 },
    lacking,
    credentialReport = '',
    passwordPolicy,
    mishap,
  } = options;
  const requests: Asked[] = [];
  const policies = listOf(details, 'Policies');
  const entries = lists.flatMap((list) =>
    listOf(details, list)
      .filter((entry) => !(isObject(entry) && withheld.includes(String(entry['Arn']))))
      .map((entry) => ({ list, entry })),
  );

  const detailsPage = (asked: Asked): string => {
    const start = asked['Marker'] === undefined ? 0 : Number(asked['Marker'].replace('m+/=', ''));
    const shown = entries.slice(start, start + pageSize);
    const next = start + pageSize;
    const isTruncated = next < entries.length;
    return answer('GetAccountAuthorizationDetails', {
      IsTruncated: isTruncated,
      ...(isTruncated ? { Marker: `m+/=${next}` } : {}),
      ...Object.fromEntries(
        lists
          .filter((list) => list !== lacking)
          .map((list) => [list, shown.filter((e) => e.list === list).map((e) => e.entry)]),
      ),
    });
  };
  const policyOf = (arn: string | undefined): Readonly<Record<string, unknown>> | undefined =>
    policies.filter(isObject).find((policy) => policy['Arn'] === arn);

  const reply = (asked: Asked, response: ServerResponse): void => {
    const problem = mishap?.(asked, requests.length);
    requests.push(asked);
    const send = (status: number, body: string): void => {
      response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
    };
    if (problem?.kind === 'error') return send(problem.status, errorBody(problem.code, problem.message));
    if (problem?.kind === 'page') {
      response.writeHead(200, { 'content-type': 'text/html' }).end(problem.body);
      return;
    }
    if (problem?.kind === 'cut') {
      response.writeHead(200, { 'content-type': 'text/xml', 'content-length': '100000' });
      response.write('<GetAccountAuthorizationDetailsResponse><GetAccount', () => response.destroy());
      return;
    }
    const policy = policyOf(asked['PolicyArn']);
    switch (asked['Action'] ?? '') {
      case 'GetAccountAuthorizationDetails':
        return send(200, detailsPage(asked));
      case 'GetPolicy': {
        if (policy === undefined)
          return send(404, errorBody('NoSuchEntity', `Policy ${asked['PolicyArn']} does not exist`));
        const { PolicyVersionList: _, ...rest } = policy;
        return send(200, answer('GetPolicy', { Policy: rest }));
      }
      case 'GetPolicyVersion': {
        const version = listOf(policy, 'PolicyVersionList').find(
          (v) => isObject(v) && v['VersionId'] === asked['VersionId'],
        );
        return send(200, answer('GetPolicyVersion', { PolicyVersion: version }));
      }
      case 'GenerateServiceLastAccessedDetails':
        return send(200, answer('GenerateServiceLastAccessedDetails', { JobId: 'j'.repeat(36) }));
      case 'GetServiceLastAccessedDetails': {
        const start = Number(asked['Marker'] ?? 0);
        const asks = requests.filter(({ Action }) => Action === 'GetServiceLastAccessedDetails').length;
        const next = start + pageSize;
        const isTruncated = next < lastAccessed.services.length;
        return send(
          200,
          answer('GetServiceLastAccessedDetails', {
            JobStatus: asks > lastAccessed.unready ? 'COMPLETED' : 'IN_PROGRESS',
            JobCreationDate: '2026-03-08T10:00:00Z',
            JobCompletionDate: '2026-03-08T10:00:01Z',
            ServicesLastAccessed: lastAccessed.services.slice(start, next),
            IsTruncated: isTruncated,
            ...(isTruncated ? { Marker: String(next) } : {}),
          }),
        );
      }
      case 'GenerateCredentialReport': {
        const asks = requests.filter(({ Action }) => Action === 'GenerateCredentialReport').length;
        return send(200, answer('GenerateCredentialReport', { State: asks > 1 ? 'COMPLETE' : 'STARTED' }));
      }
      case 'GetCredentialReport':
        return send(
          200,
          answer('GetCredentialReport', { Content: Buffer.from(credentialReport).toString('base64') }),
        );
      case 'GetAccountPasswordPolicy':
        return passwordPolicy === undefined
          ? send(404, errorBody('NoSuchEntity', 'The Password Policy with domain name 1 cannot be found.'))
          : send(200, answer('GetAccountPasswordPolicy', { PasswordPolicy: passwordPolicy }));
      default:
        return send(400, errorBody('InvalidAction', `no ${asked['Action']}`));
    }
  };

  const server = await localServer((request, response) => {
    void textOf(request).then((body) => reply(Object.fromEntries(new URLSearchParams(body)), response));
  });
  return { requests, ...server };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

/** The environment of a process that talks to the fake: made-up keys, no configuration files, no instance role. */
export const fakeEnvironment = (url: string): Readonly<Record<string, string>> => ({
  AWS_ENDPOINT_URL_IAM: url,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/dev/null/none',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null/none',
});
