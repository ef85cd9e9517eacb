import { array, assert, constantFrom, property, record, subarray } from 'fast-check';
import { expect, test } from 'vitest';
import { callOf } from '../../src/cloudtrail/call.ts';
import { parseRecord } from '../../src/cloudtrail/record.ts';
import { evaluate } from '../../src/iam/decide/evaluate.ts';
import type { PolicyDocument } from '../../src/iam/policy/policy.ts';
import { nothingKnown } from '../../src/permissions/mapping.ts';
import type { ObservedFact } from '../../src/store/reader.ts';
import { propose } from '../../src/synth/generate.ts';
import type { Proposal } from '../../src/synth/proposal.ts';
import { observe } from '../../src/synth/usage/observe.ts';
import { allow, policy } from '../iam/documents.ts';
import { inputOf } from './arbitrary.ts';
import { oracle, type OracleCall } from './oracle.ts';

const home = '111122223333';

function factOf({ call, request, response, resources, isData }: OracleCall, i: number): ObservedFact {
  const [eventSource, eventName = ''] = call.split(' ');
  const parsed = parseRecord({
    eventVersion: '1.11',
    eventID: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
    eventTime: '2026-03-02T12:00:00Z',
    eventSource,
    eventName,
    eventType: 'AwsApiCall',
    eventCategory: isData === true ? 'Data' : 'Management',
    awsRegion: 'us-east-1',
    recipientAccountId: home,
    sourceIPAddress: '192.0.2.7',
    readOnly: /^(Get|Describe|List|BatchGet)/.test(eventName),
    requestParameters: request,
    responseElements: response ?? null,
    resources,
    userIdentity: {
      type: 'AssumedRole',
      principalId: 'AROAEXAMPLE:s',
      arn: `arn:aws:sts::${home}:assumed-role/app/s`,
      accountId: home,
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          principalId: 'AROAEXAMPLE',
          arn: `arn:aws:iam::${home}:role/app`,
          userName: 'app',
        },
      },
    },
  });
  if (!parsed.ok) throw new Error(parsed.reason);
  return {
    call: callOf(parsed.value),
    days: [20_000],
    calls: 1,
    isCut: false,
    sample: { time: 0, eventID: String(i), object: 1 },
  };
}

interface Need {
  readonly action: string;
  readonly resource: string;
  readonly receiver: string | undefined;
}
const needOf = (text: string): Need => {
  const [action = '', resource = '', receiver] = text.split(' ');
  return { action, resource, receiver };
};

const allows = (documents: readonly PolicyDocument[], { action, resource, receiver }: Need): boolean => {
  const context = new Map<string, readonly string[]>([
    ['aws:requestedregion', [resource.split(':')[3] || 'us-east-1']],
  ]);
  if (receiver !== undefined) context.set('iam:passedtoservice', [receiver]);
  const request = { action, resource, context, contextIsComplete: true };
  return evaluate(request, { identity: documents }).decision === 'allowed';
};

const proposed = (calls: readonly OracleCall[], today: readonly PolicyDocument[]): Proposal =>
  propose(
    inputOf({
      observed: observe(calls.map(factOf), nothingKnown, []),
      today: { identity: today, boundary: undefined },
      unobservable: 'drop',
    }),
  );

/** Needs that today's policies allow and the proposal does not. */
const lost = (calls: readonly OracleCall[], today: readonly PolicyDocument[]): readonly string[] => {
  const { documents } = proposed(calls, today);
  return calls.flatMap(({ call, needs }) =>
    needs
      .filter((need) => allows(today, needOf(need)) && !allows(documents, needOf(need)))
      .map((need) => `${call}: ${need}`),
  );
};

/** Today's grant of a need: on the very thing, on all of its kind, on everything, or of the whole service. */
const shapes: Readonly<Record<string, (need: Need) => object>> = {
  exact: ({ action, resource }) => allow(action, resource),
  kind: ({ action, resource }) => allow(action, resource.replace(/([:/])[^:/]+$/, '$1*')),
  all: ({ action }) => allow(action),
  service: ({ action }) => allow(`${action.split(':')[0] ?? ''}:*`),
};

test.each(Object.keys(shapes))('what a call needs and holds (%s) stays', (shape) => {
  expect(
    oracle.flatMap((call) =>
      lost([call], [policy(...call.needs.map((need) => shapes[shape]?.(needOf(need)) ?? {}))]),
    ),
  ).toEqual([]);
});

test('law: of many calls and policies of all shapes too, and nothing is wider than today', () => {
  const arb = record({
    calls: subarray([...oracle], { minLength: 1, maxLength: 12 }),
    held: array(record({ call: constantFrom(...oracle), shape: constantFrom(...Object.values(shapes)) }), {
      maxLength: 12,
    }),
  });
  assert(
    property(arb, ({ calls, held }) => {
      const statements = held.flatMap(({ call, shape }) => call.needs.map((need) => shape(needOf(need))));
      const today = statements.length === 0 ? [] : [policy(...statements)];
      expect(lost(calls, today)).toEqual([]);
      expect(proposed(calls, today).diff?.broadened).not.toBe(true);
    }),
    { numRuns: 40 },
  );
});
