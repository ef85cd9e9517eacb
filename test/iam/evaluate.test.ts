import { readFileSync } from 'node:fs';
import { assert, property, shuffledSubarray, array, boolean, constantFrom } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile, decide, evaluate, type AccessRequest } from '../../src/iam/decide/evaluate.ts';
import { isObject, type JsonObject } from '../../src/iam/json.ts';
import { matches, resourcePattern } from '../../src/iam/pattern/pattern.ts';
import { parsePolicy, type PolicyDocument } from '../../src/iam/policy/policy.ts';
import { arbContext, arbDocument, REQUEST_ACTIONS, REQUEST_RESOURCES } from './arbitrary.ts';

const listOf = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

const withEffect = (effect: string, list: unknown): unknown[] =>
  listOf(list).map((item) => ({ Effect: effect, ...(isObject(item) ? item : {}) }));

function documentOf(version: unknown, allow: unknown, deny: unknown): readonly PolicyDocument[] {
  const statements = [...withEffect('Allow', allow), ...withEffect('Deny', deny)];
  if (statements.length === 0) return [];
  return [parsePolicy(JSON.stringify({ Version: version ?? '2012-10-17', Statement: statements }), 'case')];
}

function requestOf(item: JsonObject): AccessRequest {
  const context = isObject(item['context']) ? item['context'] : {};
  const resource =
    typeof item['resource'] === 'string' ? resourcePattern(item['resource'], true) : 'arn:aws:s3:::a/b';
  return {
    action: 's3:GetObject',
    resource,
    context: new Map(Object.entries(context).map(([key, value]) => [key, listOf(value).map(String)])),
    contextIsComplete: item['incomplete'] !== true,
  };
}

describe('decisions', () => {
  const cases: unknown = JSON.parse(readFileSync(new URL('cases/evaluate.json', import.meta.url), 'utf8'));
  test.each(listOf(cases).filter(isObject))('$name', (item) => {
    const identity = documentOf(item['version'], item['allow'], item['deny']);
    const boundary =
      item['boundary'] === undefined ? {} : { boundary: documentOf(undefined, item['boundary'], []) };
    const found = evaluate(requestOf(item), { identity, ...boundary });
    expect(found.decision).toBe(item['expected']);
    expect(found.unknownKeys).toEqual(item['unknownKeys'] ?? []);
  });
});

test('the statement that decided is named', () => {
  const [first] = documentOf(undefined, { Sid: 'One', Action: 'ec2:*', Resource: '*' }, []);
  const [second] = documentOf(undefined, { Sid: 'Two', Action: 's3:*', Resource: '*' }, []);
  const identity = [first, second].filter((document) => document !== undefined);
  const request = requestOf({});
  expect(evaluate(request, { identity }).statement).toEqual({
    layer: 'identity',
    policy: 1,
    statement: 0,
    sid: 'Two',
  });
});

test('the order of documents and statements does not decide', () => {
  const arbCase = array(arbDocument, { minLength: 1, maxLength: 3 }).chain((documents) =>
    shuffledSubarray(documents, { minLength: documents.length }).map((shuffled) => ({ documents, shuffled })),
  );
  assert(
    property(
      arbCase,
      constantFrom(...REQUEST_ACTIONS),
      constantFrom(...REQUEST_RESOURCES),
      arbContext,
      (c, action, resource, context) => {
        const reversed = c.shuffled.map((document) => ({
          ...document,
          statements: document.statements.toReversed(),
        }));
        const request = { action, resource, context, contextIsComplete: true };
        return (
          evaluate(request, { identity: c.documents }).decision ===
          evaluate(request, { identity: reversed }).decision
        );
      },
    ),
    { numRuns: 1000 },
  );
});

test('what stands beside, in great number, decides nothing of a request that it does not name', () => {
  const beside = Array.from({ length: 20 }, (_, at) => `arn:aws:s3:::beside/${at}`);
  const more = (['Allow', 'Deny'] as const).flatMap((effect) =>
    beside.map((resource) => ({
      sid: undefined,
      effect,
      actions: { kind: 'only' as const, patterns: ['*'] },
      resources: { kind: 'only' as const, patterns: [resource] },
      conditions: [],
    })),
  );
  assert(
    property(
      arbDocument,
      constantFrom(...REQUEST_ACTIONS),
      constantFrom(...REQUEST_RESOURCES),
      arbContext,
      boolean(),
      (document, action, resource, context, contextIsComplete) => {
        const statements = document.statements.map((statement) => ({
          ...statement,
          resources: {
            ...statement.resources,
            patterns: [...statement.resources.patterns, ...beside],
          },
        }));
        const request = { action, resource, context, contextIsComplete };
        const alone = evaluate(request, { identity: [document] });
        for (const identity of [
          { ...document, statements },
          { ...document, statements: [...document.statements, ...more] },
          { ...document, statements: [...statements, ...more] },
        ]) {
          const { decision, statement, unknownKeys } = evaluate(request, { identity: [identity] });
          expect({ decision, statement, unknownKeys }).toEqual(alone);
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test('what is decided with unknown keys holds whatever their values', () => {
  assert(
    property(
      arbDocument,
      constantFrom(...REQUEST_ACTIONS),
      constantFrom(...REQUEST_RESOURCES),
      arbContext,
      arbContext,
      (document, action, resource, known, rest) => {
        const policies = compile({ identity: [document] });
        const open = decide(policies, {
          action,
          resource,
          context: known,
          contextIsComplete: false,
        }).decision;
        const full = new Map([...rest, ...known]);
        const settled = decide(policies, {
          action,
          resource,
          context: full,
          contextIsComplete: true,
        }).decision;
        if (open === 'undetermined') return true;
        return open === 'implicit-deny' ? settled !== 'allowed' : settled === open;
      },
    ),
    { numRuns: 3000 },
  );
});

test('a decision on a pattern holds for every literal in it', () => {
  const patterns = [
    'arn:aws:s3:::a*',
    'arn:aws:s3:::a/*',
    'arn:aws:s3:::?',
    'arn:aws:iam::*:role/*',
    'arn:aws:s3:::a/b/*',
  ];
  assert(
    property(
      arbDocument,
      constantFrom(...REQUEST_ACTIONS),
      constantFrom(...patterns),
      arbContext,
      (document, action, text, context) => {
        const policies = compile({ identity: [document] });
        const resource = resourcePattern(text, true);
        const whole = decide(policies, { action, resource, context, contextIsComplete: true }).decision;
        const each = REQUEST_RESOURCES.filter((literal) => matches(resource, literal)).filter(
          (literal) =>
            decide(policies, { action, resource: literal, context, contextIsComplete: true }).decision !==
            'allowed',
        );
        return whole !== 'allowed' || each.length === 0;
      },
    ),
    { numRuns: 1000 },
  );
});

test('a pattern of which not all can be looked at is not decided', () => {
  const all = ['arn:aws:s3:::', 'arn:aws:s3:::?*'];
  const crossing = Array.from({ length: 60 }, (_, at) => `arn:aws:s3:::*${at}*${at + 1}*${at + 2}*`);
  const [identity] = documentOf(undefined, [{ Action: 's3:*', Resource: [...all, ...crossing] }], []);
  const [both] = documentOf(undefined, [{ Action: 's3:*', Resource: all }], []);
  const decided = (document: typeof both): string =>
    evaluate(requestOf({ resource: 'arn:aws:s3:::*' }), { identity: document ? [document] : [] }).decision;
  expect(decided(both)).toBe('allowed');
  expect(decided(identity)).toBe('undetermined');
});
