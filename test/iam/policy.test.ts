import { readFileSync } from 'node:fs';
import { assert, constantFrom, json, oneof, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAdministrator } from '../../src/iam/decide/escalation.ts';
import { InputError } from '../../src/iam/input-error.ts';
import { parseJsonText } from '../../src/iam/policy/json-text.ts';
import { documentJson, toJson } from '../../src/iam/policy/policy-json.ts';
import { parsePolicy, passedTo } from '../../src/iam/policy/policy.ts';
import { arbDocument } from './arbitrary.ts';

function messageOf(text: string): string {
  try {
    parsePolicy(text, 'p.json');
    return 'no error';
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.message;
  }
}

describe('what is wrong is said in one line with its place', () => {
  const cases: unknown = JSON.parse(
    readFileSync(new URL('cases/policy-errors.json', import.meta.url), 'utf8'),
  );
  if (!Array.isArray(cases)) throw new Error('a list of cases');
  test.each<[string, string]>(cases)('%j', (text, message) => {
    expect(messageOf(text)).toBe(`p.json:${message}`);
  });

  test('hostile text', () => {
    expect(messageOf('['.repeat(100_000))).toBe('p.json:1:66: nested deeper than 64 levels');
    expect(messageOf(`{"Statement": "${'\\"'.repeat(300_000)}"}`)).toContain('must be a statement');
    expect(messageOf('{"__proto__": {"Statement": []}}')).toContain('no element "__proto__"');
    expect(Object.hasOwn(Object.prototype, 'Statement')).toBe(false);
  });
});

test('scalars, lists, cases and numbers are settled', () => {
  const text = `{"Statement": {"Sid": "A", "Effect": "Deny", "NotAction": ["S3:Get*", "iam:PassRole", "S3:Get*"],
    "NotResource": "*", "Condition": {"foranyvalue:stringLikeIFEXISTS": {"aws:X": ["b", true, 1e3, "b"]}}}}`;
  expect(parsePolicy(text, 'p')).toEqual({
    version: '2008-10-17',
    statements: [
      {
        sid: 'A',
        effect: 'Deny',
        actions: { kind: 'except', patterns: ['iam:PassRole', 's3:Get*'] },
        resources: { kind: 'except', patterns: ['*'] },
        conditions: [
          { operator: 'ForAnyValue:StringLikeIfExists', key: 'aws:X', values: ['1e3', 'b', 'true'] },
        ],
      },
    ],
  });
});

test('a key named __proto__ survives the round trip', () => {
  const text = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*",
    "Condition": {"StringEquals": {"__proto__": "x"}}}]}`;
  expect(toJson(parsePolicy(text, 'p'))).toContain('"__proto__": "x"');
});

test('writing and reading a policy gives it back', () => {
  assert(
    property(arbDocument, (document) => {
      const text = toJson(document);
      expect(parsePolicy(text, 'p')).toEqual(document);
      expect(toJson(parsePolicy(JSON.stringify(documentJson(document)), 'p'))).toBe(text);
    }),
  );
});

test('the JSON reader agrees with JSON.parse on what is JSON', () => {
  const arbText = oneof(
    json(),
    string({
      unit: constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', '1', '-', '.', 'e', ' ', 'null', 'u00e9'),
    }),
  );
  assert(
    property(arbText, (text) => {
      const ours = outcome(() => parseJsonText(text));
      const theirs = outcome(() => JSON.parse(text));
      // A repeated key is the one thing we refuse and JSON.parse does not.
      return ours === 'the key' || ours === theirs;
    }),
    { numRuns: 3000 },
  );
});

function outcome(run: () => unknown): string {
  try {
    run();
    return 'ok';
  } catch (error) {
    return String(error).includes('occurs twice') ? 'the key' : 'bad';
  }
}

test('one operator written in two cases: both conditions stay, and are written so that both are read again', () => {
  const text = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Action: 's3:*',
      Resource: '*',
      Condition: {
        StringEquals: { k: ['a', 'b'] },
        stringequals: { k: ['b', 'c'] },
        'ForAllValues:Null': { k: 'false' },
      },
    },
  });
  const policy = parsePolicy(text, 'test');
  expect(policy.statements[0]?.conditions).toHaveLength(3);
  expect(parsePolicy(toJson(policy), 'again')).toEqual(policy);
});

test.each([
  ['*', '*', true],
  ['*:*', '*', true],
  ['iam:*', '*', false],
  ['*:*', 'arn:aws:s3:::data', false],
])('%s on %s is an administrator: %s', (Action, Resource, is) => {
  const text = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] });
  expect(isAdministrator([parsePolicy(text, 'p.json')])).toBe(is);
});

test.each([
  ['StringEquals', ['ec2.amazonaws.com']],
  ['ForAnyValue:StringLikeIfExists', ['ec2.amazonaws.com']],
  ['StringNotEquals', undefined],
  ['StringNotLike', undefined],
  ['Null', undefined],
])('a role is passed to the services of iam:PassedToService under %s: %s', (operator, services) => {
  const values = ['ec2.amazonaws.com'];
  expect(passedTo({ operator, key: 'iam:PassedToService', values })).toEqual(services);
});
