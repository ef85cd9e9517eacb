import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { details, role } from '../current/details-fixture.ts';
import { isObject } from '../../src/iam/json.ts';
import { roleSession } from '../cloudtrail/role-session.ts';
import { account, event, writeLog } from '../ingest/trail.ts';
import { run, temporaryFolder } from './cli.ts';

const folder = temporaryFolder();
const db = join(folder, 'index.db');

const only = (operator: string, ...ranges: readonly string[]): object => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: 'iam:ListRoles',
      Resource: '*',
      Condition: { [operator]: { 'aws:SourceIp': ranges } },
    },
  ],
});

/** By principal: how its call came. */
const arrivals: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  direct: {},
  'by-endpoint': { vpcEndpointId: 'vpce-0a1b2c3d4e5f60718' },
  'by-service': {
    userIdentity: { ...roleSession(account, 'by-service', {}), invokedBy: 'cloudformation.amazonaws.com' },
  },
};

beforeAll(() => {
  const log = Object.entries(arrivals).map(([name, members]) =>
    event(name, 'ListRoles', '2026-03-01T12:00:00Z', {
      eventSource: 'iam.amazonaws.com',
      awsRegion: 'us-east-1',
      requestParameters: null,
      sourceIPAddress: '192.0.2.1',
      ...members,
    }),
  );
  writeLog(join(folder, 'log.json'), log);
  const { code, err } = run(['ingest', join(folder, 'log.json'), '--db', db]);
  if (code !== 0) throw new Error(err);
});

/** Of the only use: what `verify` says of a policy, and `generate` where it is today's. */
function both(name: string, condition: string): { readonly verify: string; readonly generate: string } {
  const [operator = '', ...ranges] = condition.split(' ');
  const policy = only(operator, ...ranges);
  const file = join(folder, 'policy.json');
  writeFileSync(file, JSON.stringify(policy));
  const current = join(folder, 'details.json');
  const roles = [role(name, { RolePolicyList: [{ PolicyName: 'own', PolicyDocument: policy }] })];
  writeFileSync(current, JSON.stringify(details({ roles })));
  const of = ['--db', db, '--principal', name, '--json'];
  const verified: unknown = JSON.parse(run(['verify', ...of, '--policy', file]).out);
  const proposed: unknown = JSON.parse(
    run(['generate', ...of, '--current', current, '--min-window', '1d']).out,
  );
  const proof = isObject(proposed) && isObject(proposed['proof']) ? proposed['proof'] : {};
  const terms = ['allowed', 'denied', 'grantedElsewhere', 'contradicted', 'undetermined'];
  return {
    verify: isObject(verified) ? String(verified['decision']) : '',
    generate: terms.filter((term) => proof[term] === 1).join(),
  };
}

test.each([
  ['direct', 'IpAddress 10.0.0.0/8', 'implicit-deny', 'contradicted'],
  ['direct', 'IpAddress 192.0.2.0/25', 'undetermined', 'allowed'],
  ['by-endpoint', 'NotIpAddress 192.0.2.0/24', 'allowed', 'allowed'],
  ['by-service', 'IpAddress 10.0.0.0/8', 'undetermined', 'allowed'],
] as const)('calls of %s under %s: verify says %s, generate %s', (name, condition, verify, generate) => {
  expect(both(name, condition)).toEqual({ verify, generate });
});
