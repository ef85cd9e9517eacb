import { expect, test } from 'vitest';
import type { Operation } from '../../../src/cloudtrail/call.ts';
import { observabilityOf } from '../../../src/permissions/observability.ts';
import { propose } from '../../../src/synth/generate.ts';
import { observe } from '../../../src/synth/usage/observe.ts';
import { nothingKnown } from '../../../src/permissions/mapping.ts';
import { allow, policy } from '../../iam/documents.ts';
import { observed as callOf } from '../../permissions/call.ts';
import { inputOf } from '../arbitrary.ts';

const action = 'ssm:UpdateInstanceAssociationStatus';

/** Whether silence keeps the action on everything after one call of it, shown by events of a category. */
function staysBySilence(category: Operation['category']): boolean {
  const call = callOf(action, { request: { instanceId: 'i-0123456789abcdef0', associationId: 'a-1' } });
  const observed = observe(
    [
      {
        call: { ...call, operation: { ...call.operation, category } },
        days: [20_003],
        calls: 1,
        isCut: false,
        sample: { time: 1, eventID: 'e', object: 1 },
      },
    ],
    nothingKnown,
    [],
  );
  const today = { identity: [policy(allow('ssm:*'))], boundary: undefined };
  return propose(inputOf({ observed, today })).unseen.some((one) => one.action === action && one.kept);
}

test('an action of which no page says how it shows is judged by use once a management event showed it', () => {
  expect(observabilityOf(action).category).toBe('no-known-event');
  expect([staysBySilence('management'), staysBySilence('data')]).toEqual([false, true]);
});
