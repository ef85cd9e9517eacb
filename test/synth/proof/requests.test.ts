import { describe, expect, test } from 'vitest';
import { parsePolicy } from '../../../src/iam/policy/policy.ts';
import { decideAll, parseRequests } from '../../../src/synth/proof/requests.ts';

const policy = parsePolicy(
  JSON.stringify({
    Version: '2008-10-17',
    Statement: [
      {
        Sid: 'Read',
        Effect: 'Allow',
        Action: 's3:Get*',
        Resource: 'arn:aws:s3:::b/*',
        Condition: { StringEquals: { 'aws:RequestedRegion': ['eu-west-1', 'us-east-1'] } },
      },
      { Effect: 'Deny', Action: '*', Resource: 'arn:aws:s3:::b/secret' },
    ],
  }),
  'policy.json',
);

describe('a file of requests', () => {
  test('is decided line by line; what its context does not hold is absent', () => {
    const inRegion = { 'AWS:requestedregion': 'eu-west-1' };
    const lines = [
      { action: 's3:GetObject', resource: 'arn:aws:s3:::b/k', context: inRegion },
      {
        action: 's3:GetObject',
        resource: 'arn:aws:s3:::b/k',
        context: { 'aws:RequestedRegion': ['eu-west-1'] },
      },
      { action: 's3:GetObject', resource: 'arn:aws:s3:::b/k' },
      { action: 's3:GetObject', resource: 'arn:aws:s3:::b/secret', context: inRegion },
      { action: 's3:GetObject', context: inRegion },
    ];
    const requests = parseRequests(`${lines.map((line) => JSON.stringify(line)).join('\n\n')}\n`, 'r.ndjson');
    expect([...decideAll(requests, [policy])].map(({ decision }) => decision.decision)).toEqual([
      'allowed',
      'allowed',
      'implicit-deny',
      'explicit-deny',
      'implicit-deny',
    ]);
  });

  test.each([
    ['no JSON', '{', 'r.ndjson:2: '],
    ['no object', '[]', 'r.ndjson:2: no "action"'],
    ['no action', '{"resource":"*"}', 'r.ndjson:2: no "action"'],
    ['an action of no service', '{"action":"GetObject"}', 'r.ndjson:2: no "action"'],
    ['a resource that is a list', '{"action":"s3:a","resource":["*"]}', 'r.ndjson:2: "resource" must be'],
    ['a context that is a list', '{"action":"s3:a","context":[]}', 'r.ndjson:2: "context" must be'],
  ])('names the line that is none: %s', (_, line, says) => {
    expect(() => parseRequests(`{"action":"s3:GetObject"}\n${line}`, 'r.ndjson')).toThrow(says);
  });
});
