import { expect, test } from 'vitest';
import { trustOf } from '../../src/current/trust.ts';

const trust = (...statements: readonly object[]): object => ({
  Version: '2012-10-17',
  Statement: statements,
});
const letIn = (Principal: unknown): object => ({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' });

test.each<[string, unknown, unknown]>([
  [
    'services',
    trust(letIn({ Service: ['s3.amazonaws.com', 'EC2.amazonaws.com'] })),
    { services: ['ec2.amazonaws.com', 's3.amazonaws.com'], others: false },
  ],
  [
    'what is no name, and no text either',
    trust(letIn({ Service: { toString: 1, valueOf: 1 } })),
    { services: ['{"tostring":1,"valueof":1}'], others: false },
  ],
  [
    'services in China',
    trust(letIn({ Service: 'ec2.amazonaws.com.cn' })),
    { services: ['ec2.amazonaws.com'], others: false },
  ],
  [
    'an account',
    trust(letIn({ AWS: '111122223333', Service: 'ec2.amazonaws.com' })),
    { services: ['ec2.amazonaws.com'], others: true },
  ],
  [
    'a provider of identities',
    trust(letIn({ Federated: 'arn:aws:iam::111122223333:oidc-provider/x' })),
    { services: [], others: true },
  ],
  ['everybody', trust(letIn('*')), { services: [], others: true }],
  [
    'all but some',
    trust({ Effect: 'Allow', NotPrincipal: { AWS: '1' }, Action: 'sts:AssumeRole' }),
    { services: [], others: true },
  ],
  [
    'nobody',
    trust({ Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRole' }),
    { services: [], others: false },
  ],
  [
    'one statement that is no list',
    { Statement: letIn({ Service: 'ec2.amazonaws.com' }) },
    { services: ['ec2.amazonaws.com'], others: false },
  ],
  [
    'as AWS sends it',
    encodeURIComponent(JSON.stringify(trust(letIn({ Service: 'ec2.amazonaws.com' })))),
    { services: ['ec2.amazonaws.com'], others: false },
  ],
  ['what is absent', undefined, undefined],
  ['what is no policy', 'x', undefined],
])('trust in %s', (_, document, expected) => {
  expect(trustOf(document)).toEqual(expected);
});
