import { array, assert, constantFrom, integer, option, property, record, subarray } from 'fast-check';
import { expect, test } from 'vitest';
import { bitOfDay, monthOfDay } from '../../../src/iam/days.ts';
import { parseTrailConfig } from '../../../src/permissions/selectors.ts';
import type { CoverageRow } from '../../../src/store/reader.ts';
import { Silence } from '../../../src/synth/keep/silence.ts';
import { Deliveries } from '../../../src/synth/usage/deliveries.ts';

const account = '111122223333';
const others = ['444455556666'];
const regions = ['us-east-1', 'eu-west-1', 'ap-south-1'];
const window = { since: 20_003, until: 20_012 };
/** What one line of the log may be: a log file alone, or an event of a kind. */
const kinds = ['', 'read', 'write', 'AWS::SQS::Queue', 'AWS::S3::Object', 'history'] as const;
type Kind = (typeof kinds)[number];

interface Delivery {
  readonly owner: string;
  readonly region: string;
  readonly day: number;
  readonly kind: Kind;
}

const rowOf = ({ owner, region, day, kind }: Delivery): CoverageRow => ({
  account: owner,
  region,
  category:
    kind === ''
      ? ''
      : kind === 'history'
        ? 'event-history'
        : kind === 'read' || kind === 'write'
          ? 'management'
          : 'data',
  detail: kind === 'history' ? '' : kind,
  source: kind === '' ? '' : 'sqs.amazonaws.com',
  month: monthOfDay(day),
  days: bitOfDay(day),
});

/** Permissions of Amazon SQS by what shows them, as its page says. */
const shown = {
  'sqs:DeleteQueue': 'write',
  'sqs:GetQueueUrl': 'read',
  'sqs:SendMessage': 'AWS::SQS::Queue',
} as const;
type Action = keyof typeof shown;

interface Log {
  readonly deliveries: readonly Delivery[];
  readonly minWindow: number;
  /** Day of the last change of a trail. */
  readonly changed: number | undefined;
  /** What a trail of the account is said to log; undefined without --trail-config. */
  readonly logged: readonly Kind[] | undefined;
}

/** Whether a permission must stay in a Region, by the rules of docs/evidence.md and nothing else. */
function staysIn(region: string, action: Action, { deliveries, minWindow, changed, logged }: Log): boolean {
  const kind = shown[action];
  const here = deliveries.filter(
    (one) => one.owner === account && one.region === region && one.kind !== 'history',
  );
  const delivered = [...new Set(here.map(({ day }) => day))].sort((a, b) => a - b);
  const isInside = (day: number): boolean => day >= window.since && day <= window.until;
  const whole = delivered.slice(1, -1).filter(isInside);
  const seen = here.filter((one) => one.kind === kind && isInside(one.day)).map(({ day }) => day);
  const first = Math.min(...seen);
  const after = changed !== undefined && changed <= window.until ? changed + 1 : -Infinity;
  if (whole.length < minWindow) return true;
  if (kind === 'AWS::SQS::Queue') {
    if (!logged?.includes(kind) || seen.length === 0) return true;
    return whole.filter((day) => day >= first && day >= after).length < minWindow;
  }
  if (logged === undefined) return kind === 'read' && seen.length === 0;
  if (!logged.includes(kind)) return true;
  return whole.filter((day) => day >= Math.min(first, after)).length < minWindow;
}

const trailOf = (logged: readonly Kind[]) => {
  const access = (['read', 'write'] as const).filter((one) => logged.includes(one));
  const management = access.map((one) => ({
    FieldSelectors: [
      { Field: 'eventCategory', Equals: ['Management'] },
      { Field: 'readOnly', Equals: [String(one === 'read')] },
    ],
  }));
  const data = logged
    .filter((one) => one.startsWith('AWS::'))
    .map((type) => ({
      FieldSelectors: [
        { Field: 'eventCategory', Equals: ['Data'] },
        { Field: 'resources.type', Equals: [type] },
      ],
    }));
  const TrailARN = `arn:aws:cloudtrail:us-east-1:${account}:trail/t`;
  return parseTrailConfig(
    JSON.stringify({ TrailARN, IsMultiRegionTrail: true, AdvancedEventSelectors: [...management, ...data] }),
    'trail',
  );
};

const arbLog = record({
  deliveries: array(
    record({
      owner: constantFrom(account, account, account, ...others),
      region: constantFrom(...regions),
      day: integer({ min: 20_000, max: 20_015 }),
      kind: constantFrom(...kinds),
    }),
    { minLength: 1, maxLength: 60 },
  ),
  minWindow: integer({ min: 0, max: 6 }),
  changed: option(integer({ min: 19_998, max: 20_016 }), { nil: undefined }),
  logged: option(subarray(['read', 'write', 'AWS::SQS::Queue', 'AWS::S3::Object'] as const), {
    nil: undefined,
  }),
});

test('a permission goes in the Regions in which days, events and trails would have shown it, and in no other', () => {
  const action = constantFrom(...(['sqs:DeleteQueue', 'sqs:GetQueueUrl', 'sqs:SendMessage'] as const));
  assert(
    property(arbLog, action, constantFrom('*', 'own'), (log, wanted, place) => {
      const deliveries = new Deliveries(log.deliveries.map(rowOf), window, {
        changes: log.changed === undefined ? [] : [{ account, days: [log.changed] }],
      });
      const silence = new Silence({
        accounts: [account],
        partition: 'aws',
        deliveries,
        trails: log.logged && trailOf(log.logged),
        minWindow: log.minWindow,
      });
      const limit = { named: undefined, allows: () => true };
      const inside = log.deliveries.filter(
        ({ owner, kind, day }) =>
          owner === account && kind !== 'history' && day >= window.since && day <= window.until,
      );
      const delivered = regions.filter((region) => inside.some((one) => one.region === region));
      for (const region of place === 'own' ? regions : delivered) {
        const resource = place === 'own' ? `arn:aws:sqs:${region}:${account}:q` : '*';
        const spots = silence.blindSpots(wanted, resource, limit);
        const isKept = spots.some((spot) => spot.regions?.includes(region) ?? true);
        expect([region, isKept]).toEqual([
          region,
          !delivered.includes(region) || staysIn(region, wanted, log),
        ]);
      }
    }),
    { numRuns: 2000 },
  );
});
