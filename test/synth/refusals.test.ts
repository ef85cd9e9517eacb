import { describe, expect, test } from 'vitest';
import type { ObservedCall } from '../../src/cloudtrail/call.ts';
import type { Refusal } from '../../src/cloudtrail/refusal.ts';
import { refusedText } from '../../src/emit/review/proof.ts';
import { proposalText } from '../../src/emit/text/proposal.ts';
import { nothingKnown } from '../../src/permissions/mapping.ts';
import { propose } from '../../src/synth/generate.ts';
import { misreadByTwo, type Misread } from '../../src/synth/usage/misread.ts';
import { observe } from '../../src/synth/usage/observe.ts';
import type { Observed } from '../../src/synth/usage/use.ts';
import { allow, policy } from '../iam/documents.ts';
import { observed as callOf, type CallFacts } from '../permissions/call.ts';
import { inputOf } from './arbitrary.ts';

const queue = (name: string, region = 'eu-west-1'): string => `arn:aws:sqs:${region}:111122223333:${name}`;
const jobs: CallFacts = { request: { queueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/jobs' } };

const refused = (operation: string, facts: CallFacts, part: Partial<Refusal>): ObservedCall => {
  const call = callOf(operation, { errorCode: 'AccessDenied', ...facts });
  const refusal = { action: operation, resource: '', by: 'identity' as const, explicit: false, ...part };
  return { ...call, target: { ...call.target, refusal } };
};
const seenBeside = (misread: Misread, ...calls: readonly ObservedCall[]): Observed =>
  observe(
    calls.map((call, i) => ({
      call,
      days: [20_003],
      calls: 1,
      isCut: false,
      sample: { time: i, eventID: `e${i}`, object: 1 },
    })),
    nothingKnown,
    [],
    misread,
  );
const seen = (...calls: readonly ObservedCall[]): Observed => seenBeside(new Map(), ...calls);

describe("AWS's words in a refusal", () => {
  test('add the action they name to what was refused, and grant nothing', () => {
    const { denied, uses } = seen(refused('ec2:RunInstances', {}, { action: 'ec2:CreateTags' }));
    expect(denied.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['ec2:RunInstances', 'ec2:CreateTags']),
    );
    expect(uses).toEqual([]);
  });

  test.each<[string, string, Partial<Refusal>, number]>([
    ['the action of the call', 'sqs:DeleteQueue', {}, 1],
    ['the action in other letters', 'sqs:DeleteQueue', { action: 'SQS:deletequeue' }, 1],
    ['what the call may need', 'ecs:RunTask', { action: 'iam:PassRole' }, 1],
    ['something else', 'sqs:DeleteQueue', { action: 'sqs:PurgeQueue' }, 0],
  ])('%s: they agree or not', (_, operation, part, agree) => {
    expect(seen(refused(operation, jobs, part)).refusals).toEqual({ named: 1, agree });
  });

  test('that name no action of the catalogue count for nothing', () => {
    const { refusals, denied } = seen(refused('sqs:DeleteQueue', jobs, { action: 'sqs:NoSuchAction' }));
    expect(refusals).toEqual({ named: 0, agree: 0 });
    expect(denied.map(({ action }) => action)).toEqual(['sqs:DeleteQueue']);
  });
});

describe('a refusal that names another thing than read', () => {
  const used = callOf('sqs:DeleteQueue', jobs);
  const resources = (refusal: Partial<Refusal>): readonly string[] =>
    seen(used, refused('sqs:DeleteQueue', jobs, refusal)).uses.map(({ resource }) => resource);

  test('makes all uses of that kind of call uses of the whole type, and says so', () => {
    expect(resources({ resource: queue('other') })).toEqual([queue('*'), queue('jobs')]);
    expect(seen(used, refused('sqs:DeleteQueue', jobs, { resource: queue('other') })).notes.join()).toContain(
      `all it was used on is any of ${queue('*')}`,
    );
  });

  test.each<[string, Partial<Refusal>]>([
    ['the thing read', { resource: queue('jobs') }],
    ["the caller's own words", { resource: queue('jobs', 'us-west-2') }],
    ['a pattern', { resource: queue('o*') }],
    ['another action', { action: 'sqs:PurgeQueue', resource: queue('other') }],
    ['a type that the action does not take', { resource: 'arn:aws:sns:eu-west-1:111122223333:other' }],
  ])('but not of %s', (_, refusal) => {
    expect(resources(refusal)).toEqual([queue('jobs')]);
  });
});

const by = (name: string, resource = queue('other')): ObservedCall => {
  const call = refused('sqs:DeleteQueue', jobs, { resource });
  return { ...call, principal: { ...call.principal, name } };
};
const besideOthers = (...others: readonly ObservedCall[]): readonly string[] => {
  const misread = misreadByTwo(others, nothingKnown).get('111122223333') ?? new Map();
  return seenBeside(misread, callOf('sqs:DeleteQueue', jobs)).uses.map(({ resource }) => resource);
};

describe('refusals of others', () => {
  test('widen that kind of call once two principals of the account show it', () => {
    expect(besideOthers(by('a'), by('b'))).toEqual([queue('*'), queue('jobs')]);
  });

  test('of one principal, or of the thing read, widen nothing', () => {
    expect(besideOthers(by('a'), by('a'))).toEqual([queue('jobs')]);
    expect(besideOthers(by('a'), by('b', queue('jobs')))).toEqual([queue('jobs')]);
  });
});

describe('a refusal of what was taken away', () => {
  const before = policy(allow('sqs:DeleteQueue', queue('jobs')));
  const proposed = (by: Refusal['by']) =>
    propose(
      inputOf({
        observed: seen(callOf('sqs:PurgeQueue', jobs), refused('sqs:DeleteQueue', jobs, { by })),
        today: { identity: [policy(allow('sqs:PurgeQueue'))], boundary: undefined },
        history: { recorded: [{ day: 20_001, documents: [before] }], last: [before], restore: true },
      }),
    );

  test.each<[Refusal['by'], number]>([
    ['identity', 1],
    ['unknown', 1],
    ['scp', 0],
    ['session', 0],
    ['boundary', 0],
  ])('by %s: %d regressions', (by, count) => {
    expect(proposed(by).regressions).toHaveLength(count);
  });

  test('by a service control policy is listed as such', () => {
    const text = proposalText(proposed('scp'), { color: false, diff: 'text', width: 100, full: false });
    expect(text).toContain('Refused by other policies than these\n');
    expect(text).toContain('! sqs:DeleteQueue  jobs');
    expect(text).toContain('\n      by a service control policy\n');
    expect(text.replace(/\s+/g, ' ')).toContain("AWS's refusals agree: 1 of 1");
    expect(
      proposalText(proposed('identity'), { color: false, diff: 'text', width: 100, full: false }),
    ).not.toContain('Refused by other');
  });

  test('is told in words', () => {
    expect(refusedText({ refusedBy: 'session' })).toBe('by a session policy');
    expect(refusedText({})).toBe('');
  });
});

describe('a call that failed', () => {
  const failed = callOf('lambda:CreateFunction', {
    errorCode: 'ResourceConflictException',
    request: { functionName: 'f', role: 'arn:aws:iam::111122223333:role/r' },
  });

  test('proves its own action and none of its dependents', () => {
    const { uses, inconclusive } = seen(failed);
    expect(uses.map(({ action }) => action)).toEqual(['lambda:CreateFunction']);
    expect(inconclusive.map(({ action }) => action)).toContain('iam:PassRole');
  });
});
