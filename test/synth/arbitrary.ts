import { array, constant, constantFrom, oneof, record, uniqueArray, type Arbitrary } from 'fast-check';
import type { Identity } from '../../src/cloudtrail/identity.ts';
import { byCodeUnit } from '../../src/iam/order.ts';
import type { Condition } from '../../src/iam/policy/policy.ts';
import type { GenerateInput } from '../../src/synth/proposal.ts';
import { bitOfDay, monthOfDay, type Window } from '../../src/iam/days.ts';
import { Deliveries } from '../../src/synth/usage/deliveries.ts';
import type { Evidence } from '../../src/synth/usage/gathering.ts';
import { Use, type Observed, type UseKind } from '../../src/synth/usage/use.ts';

export const identity: Identity = {
  kind: 'role',
  name: 'app',
  arn: 'arn:aws:iam::111122223333:role/app',
  account: '111122223333',
  accounts: ['111122223333'],
  uniqueIds: ['AROAEXAMPLE'],
  arns: ['arn:aws:iam::111122223333:role/app'],
  ids: [1],
};

export type UseParts = UseKind & Evidence & Pick<Use, 'resource'>;

/** What a use is made of, to make another of it. */
export const partsOf = ({ kind, ...own }: Use): UseParts => ({ ...kind, ...own });

/** A use with everything filled in that the test does not speak of. */
export function useOf(part: Partial<UseParts> & Pick<Use, 'action' | 'resource'>): Use {
  const [service = '', name = ''] = part.action.split(':');
  const eventSource = `${service}.amazonaws.com`;
  const { resource, days, calls, sample, sources, condition = [], ...kind } = part;
  return new Use(
    {
      reason: 'operation',
      condition,
      context: new Map([
        ['aws:requestedregion', ['eu-west-1']],
        ...condition.map(({ key, values }): [string, readonly string[]] => [key.toLowerCase(), values]),
      ]),
      star: resource === '*' ? 'none-named' : undefined,
      oneOf: '',
      eventSource,
      eventName: name,
      errorCode: '',
      mayBeElsewhere: true,
      ...kind,
    },
    resource,
    {
      days: days ?? new Set([20_000]),
      calls: calls ?? 1,
      sample: sample ?? { time: 1_728_000_000, eventID: 'e', object: 1 },
      sources: sources ?? new Set([eventSource]),
    },
  );
}

export function observedOf(uses: readonly Use[], inconclusive: readonly Use[] = []): Observed {
  return {
    uses,
    inconclusive,
    denied: [],
    unmapped: [],
    possible: [],
    refusals: { named: 0, agree: 0 },
    noPermission: 0,
    callsAsDelivered: uses.length,
    services: new Set([...uses, ...inconclusive].map(({ action }) => action.split(':')[0] ?? '')),
    excluded: 0,
    notes: [],
  };
}

/** Management events of three accounts, read and written, on every day of a window and on the two around it. */
export function everyDay(
  regions: readonly string[],
  window: Window,
  known: ConstructorParameters<typeof Deliveries>[2] = {},
): Deliveries {
  const places = ['111122223333', '444455556666', '777788889999'].flatMap((account) =>
    regions.map((region) => ({ account, region })),
  );
  const rows = places.flatMap((place) =>
    Array.from({ length: window.until - window.since + 3 }, (_, i) => window.since - 1 + i).flatMap((day) =>
      ['read', 'write'].map((detail) => ({
        ...place,
        category: 'management',
        detail,
        source: 'sts.amazonaws.com',
        month: monthOfDay(day),
        days: bitOfDay(day),
      })),
    ),
  );
  return new Deliveries(rows, window, known);
}

/** An input of `propose` with the defaults of the command, but only what was seen is granted. */
export const inputOf = (part: Partial<GenerateInput> & Pick<GenerateInput, 'observed'>): GenerateInput => ({
  identity,
  today: undefined,
  strategy: 'exact',
  unobservable: 'keep',
  trails: undefined,
  deliveries: everyDay(['us-east-1', 'eu-west-1'], { since: 20_000, until: 20_006 }),
  window: { since: 20_000, until: 20_006 },
  gaps: [],
  covered: 7,
  minWindow: 0,
  ...part,
});

const passedTo = (service: string): readonly Condition[] => [
  { operator: 'StringEquals', key: 'iam:PassedToService', values: [`${service}.amazonaws.com`] },
];
const via: readonly Condition[] = [
  { operator: 'ForAnyValue:StringEquals', key: 'aws:CalledVia', values: ['athena.amazonaws.com'] },
];

const objects = [
  'arn:aws:s3:::a/b',
  'arn:aws:s3:::a/b/c',
  'arn:aws:s3:::a/b/*',
  'arn:aws:s3:::a/bob/x',
  'arn:aws:s3:::a/${*}',
  'arn:aws:s3:::a/*',
  'arn:aws:s3:::c/b',
  'arn:aws:s3:::c/2026-03-02/part-00001',
  '*',
];
const roles = ['arn:aws:iam::111122223333:role/r', 'arn:aws:iam::111122223333:role/s'];

const arbUse: Arbitrary<Use> = oneof(
  record({
    action: constantFrom('s3:GetObject', 's3:PutObject', 's3:DeleteObject'),
    resource: constantFrom(...objects),
    condition: oneof({ weight: 3, arbitrary: constant([]) }, { weight: 1, arbitrary: constant(via) }),
  }),
  record({ action: constant('s3:ListBucket'), resource: constantFrom('arn:aws:s3:::a', 'arn:aws:s3:::c') }),
  record({
    action: constant('iam:PassRole'),
    resource: constantFrom(...roles),
    condition: constantFrom(passedTo('ecs-tasks'), passedTo('lambda'), []),
  }),
  record({ action: constant('iam:GetRole'), resource: constantFrom(...roles) }),
  constant({ action: 's3:ListAllMyBuckets', resource: '*', star: 'action-takes-no-resource' as const }),
).map(useOf);

const keyOf = ({ action, resource, condition }: Use): string => JSON.stringify([action, resource, condition]);

/** Distinct uses, as `observe` gives them: sorted. */
export const arbUses: Arbitrary<readonly Use[]> = uniqueArray(arbUse, { selector: keyOf, maxLength: 12 }).map(
  (uses) => uses.toSorted((a, b) => byCodeUnit(keyOf(a), keyOf(b))),
);

/** Uses that went through, and uses that ended in errors that prove nothing; no use is both. */
export const arbObserved: Arbitrary<Observed> = record({
  all: arbUses,
  open: array(constantFrom(true, false, false, false), { minLength: 12, maxLength: 12 }),
}).map(({ all, open }) =>
  observedOf(
    all.filter((_, i) => open[i] !== true),
    all.filter((_, i) => open[i] === true),
  ),
);
