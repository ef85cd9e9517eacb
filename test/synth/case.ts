import { join } from 'node:path';
import { parsePolicy, type PolicyDocument } from '../../src/iam/policy/policy.ts';
import { parseTrailConfig } from '../../src/permissions/selectors.ts';
import { IndexReader } from '../../src/store/reader.ts';
import { parseExclusion } from '../../src/synth/usage/exclusion.ts';
import { propose } from '../../src/synth/generate.ts';
import type { Proposal } from '../../src/synth/proposal.ts';
import { Observation } from '../../src/synth/usage/observation.ts';
import { load, scratch, writeLog } from '../ingest/trail.ts';

/** One call as a case tells it; what it leaves out is the same in all cases. */
export interface CaseEvent {
  /** `s3.amazonaws.com GetObject`. */
  readonly call: string;
  readonly request?: object;
  readonly error?: string;
  /** 2026-03-02 unless said. */
  readonly day?: string;
  readonly account?: string;
  readonly session?: string;
  /** A data event on a resource of this type. */
  readonly data?: string;
  readonly sourceIdentity?: string;
  readonly uniqueId?: string;
  /** Made this many times; `<n>` in the request counts from 1. */
  readonly repeat?: number;
}

/** Events in, current policies in, expected policy out: a file of `test/cases/synth`. */
export interface Case {
  readonly why: string;
  /** The role `app` unless said. */
  readonly principal?: { readonly kind: 'permission-set'; readonly name: string };
  readonly events: readonly CaseEvent[];
  /** Absent: not known. */
  readonly current?: readonly object[];
  readonly boundary?: object;
  readonly options?: {
    readonly unobservable?: 'keep' | 'drop';
    readonly trailConfig?: object;
    readonly exclude?: readonly string[];
  };
  readonly expected: unknown;
}

const home = '111122223333';

function recordOf(event: CaseEvent, roleName: string, path: string, number: number): object {
  const [eventSource = '', eventName = ''] = event.call.split(' ');
  const account = event.account ?? home;
  const uniqueId = event.uniqueId ?? 'AROAEXAMPLE';
  const session = event.session ?? 'session';
  const reads = /^(Get|Describe|List|Decrypt)/.test(eventName);
  return {
    eventVersion: '1.11',
    eventID: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    eventTime: `${event.day ?? '2026-03-02'}T12:00:00Z`,
    eventSource,
    eventName,
    eventType: 'AwsApiCall',
    awsRegion: 'eu-west-1',
    recipientAccountId: account,
    sourceIPAddress: '192.0.2.7',
    readOnly: reads,
    ...(event.data === undefined
      ? {}
      : {
          eventCategory: 'Data',
          managementEvent: false,
          resources: [{ type: event.data }],
        }),
    ...(event.error === undefined ? {} : { errorCode: event.error }),
    requestParameters: event.request ?? null,
    responseElements: null,
    userIdentity: {
      type: 'AssumedRole',
      principalId: `${uniqueId}:${session}`,
      arn: `arn:aws:sts::${account}:assumed-role/${roleName}/${session}`,
      accountId: account,
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          principalId: uniqueId,
          arn: `arn:aws:iam::${account}:role${path}${roleName}`,
          accountId: account,
          userName: roleName,
        },
        ...(event.sourceIdentity === undefined ? {} : { sourceIdentity: event.sourceIdentity }),
      },
    },
  };
}

const repeated = (event: CaseEvent): readonly CaseEvent[] =>
  Array.from({ length: event.repeat ?? 1 }, (_, n) => {
    const request: unknown = JSON.parse(
      JSON.stringify(event.request ?? null).replaceAll('<n>', String(n + 1)),
    );
    return typeof request === 'object' && request !== null ? { ...event, request } : event;
  });

const policy = (json: object): PolicyDocument => parsePolicy(JSON.stringify(json), 'current');

/** Loads the events of a case into an index and proposes policies for its principal, names taken as they are. */
export async function proposalOf({
  principal,
  events,
  current,
  boundary,
  options = {},
}: Case): Promise<Proposal> {
  const folder = scratch();
  const [roleName, path] =
    principal === undefined
      ? (['app', '/'] as const)
      : ([`AWSReservedSSO_${principal.name}_0123456789abcdef`, '/aws-reserved/sso.amazonaws.com/'] as const);
  const records = events.flatMap(repeated).map((event, i) => recordOf(event, roleName, path, i));
  writeLog(join(folder, 'log.json'), records);
  const db = join(folder, 'index.db');
  await load(db, [join(folder, 'log.json')]);
  const index = IndexReader.open(db);
  try {
    const exclusions = (options.exclude ?? []).map(parseExclusion);
    const observation = new Observation(index, undefined, exclusions);
    const [identity] = observation.identities;
    if (identity === undefined) throw new Error('no principal in the events');
    const window = observation.covered(identity);
    return propose({
      identity,
      observed: observation.observed(identity, window),
      today: current && { identity: current.map(policy), boundary: boundary && policy(boundary) },
      strategy: 'exact',
      unobservable: options.unobservable ?? 'keep',
      trails: options.trailConfig && parseTrailConfig(JSON.stringify(options.trailConfig), 'trail-config'),
      deliveries: observation.deliveries(window),
      window,
      gaps: observation.gaps(identity, window),
      covered: 0,
      minWindow: 0,
    });
  } finally {
    index.close();
  }
}
