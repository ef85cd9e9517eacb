import { describe, expect, test } from 'vitest';
import { actionInfo, expandActions, readData } from '../../../src/iam/catalogue.ts';
import { entriesOf } from '../../../src/iam/json.ts';
import { parsePolicy } from '../../../src/iam/policy/policy.ts';
import { held } from '../../../src/synth/held/current-grants.ts';
import { companionsOf, foreseen, pinsFor, type Foreseen } from '../../../src/synth/keep/foreseen.ts';
import { clustersOf, type Duty } from '../../../src/synth/usage/duties.ts';
import type { Use } from '../../../src/synth/usage/use.ts';
import { identity, useOf } from '../arbitrary.ts';

const holding = (...actions: readonly string[]) =>
  held(
    [
      parsePolicy(
        JSON.stringify({
          Version: '2012-10-17',
          Statement: { Effect: 'Allow', Action: actions, Resource: '*' },
        }),
        'p',
      ),
    ],
    undefined,
  );
const everything = holding('*');
const dutyOf = (name: string, actions: readonly string[]): Duty => ({
  identity: { ...identity, name },
  used: new Map(actions.map((action) => [action, new Set([1])])),
});
const base = ['lambda:GetFunction', 'lambda:InvokeFunction', 'lambda:GetPolicy'];
const listing = 'lambda:ListFunctions';

function foreseenOf(
  own: Duty,
  others: readonly Duty[],
  today = everything,
  uses: readonly Use[] = [],
): readonly Foreseen[] {
  const all = [own, ...others];
  return foreseen(own, uses, all, clustersOf(all), today);
}

describe('what those with the same duty use', () => {
  const like = ['b', 'c', 'd', 'e'].map((name) => dutyOf(name, [...base, listing]));
  const found: Foreseen = { action: listing, resources: ['*'], why: 'alike', seen: 4, among: 5 };

  test('is foreseen with its share where most of them use it', () => {
    expect(foreseenOf(dutyOf('a', base), [...like, dutyOf('f', base)])).toEqual([found]);
    expect(pinsFor([found], 20_000)).toEqual([
      {
        action: listing,
        resource: '*',
        owner: '',
        reason: '4 of 5 like it call lambda:ListFunctions',
        expires: 20_000,
      },
    ]);
  });

  test('stands in order of its share, then of its name; what nobody else does comes last', () => {
    const [one, two] = ['lambda:ListAliases', 'lambda:ListTags'];
    const same = [...base, ...expandActions('lambda:Get*')];
    const others = ['b', 'c', 'd', 'e', 'f'].map((name) =>
      dutyOf(name, [...same, one, two, ...(name === 'f' ? [] : [listing])]),
    );
    const own = dutyOf('a', [...same, 'dynamodb:CreateTable']);
    expect(foreseenOf(own, others).map(({ action }) => action)).toEqual([
      one,
      two,
      listing,
      'dynamodb:DeleteTable',
    ]);
  });

  test('is not where half of them do not, or only one other is there', () => {
    const none = ['f', 'g', 'h', 'i'].map((name) => dutyOf(name, base));
    expect(foreseenOf(dutyOf('a', base), [...like, ...none])).toEqual([]);
    expect(foreseenOf(dutyOf('a', base), like.slice(0, 1))).toEqual([]);
  });

  test('is not where today does not hold it', () => {
    expect(foreseenOf(dutyOf('a', base), like, holding('lambda:Get*', 'lambda:InvokeFunction'))).toEqual([]);
  });
});

describe('what undoes what a principal does', () => {
  const queue = 'arn:aws:sqs:eu-west-1:111122223333:jobs';
  const making = dutyOf('a', ['sqs:CreateQueue']);
  const uses = [useOf({ action: 'sqs:CreateQueue', resource: queue })];

  test('is foreseen of the things that it made', () => {
    expect(foreseenOf(making, [], everything, uses)).toEqual([
      {
        action: 'sqs:DeleteQueue',
        resources: [queue],
        why: 'companion',
        with: 'sqs:CreateQueue',
        seen: 0,
        among: 0,
      },
    ]);
  });

  test('says how many of the others that do the one do the other, and is not foreseen if several never do', () => {
    const maker = dutyOf('b', ['sqs:CreateQueue']);
    const both = dutyOf('c', ['sqs:CreateQueue', 'sqs:DeleteQueue']);
    expect(foreseenOf(making, [maker, both])).toMatchObject([
      { action: 'sqs:DeleteQueue', seen: 1, among: 2 },
    ]);
    expect(foreseenOf(making, [maker, dutyOf('d', ['sqs:CreateQueue'])])).toEqual([]);
  });

  test('is not where it is used, or not held', () => {
    expect(foreseenOf(dutyOf('a', ['sqs:CreateQueue', 'sqs:DeleteQueue']), [])).toEqual([]);
    expect(foreseenOf(making, [], holding('sqs:CreateQueue'))).toEqual([]);
  });

  test('is an action that AWS has, and every row of the table finds some', () => {
    const verbs = entriesOf(readData('overrides/companions.json')['verbs']).map(([verb]) => verb);
    const without = verbs.filter(
      (verb) => !expandActions(`*:${verb}*`).some((action) => companionsOf(action).length > 0),
    );
    expect(without).toEqual([]);
    const unknown = expandActions('*:*')
      .flatMap(companionsOf)
      .filter((action) => actionInfo(action) === undefined);
    expect(unknown).toEqual([]);
  });
});
