import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accountOf } from '../../src/app/audit.ts';
import { audit, type Audit } from '../../src/audit/audit.ts';
import { ACCOUNT, allow, attached, details, group, managed, role, user } from '../current/details-fixture.ts';
import { deliveredName, event, load, scratch, writeLog } from '../ingest/trail.ts';

type Members = Record<string, unknown>;

/** An account as its documents show it, to be spoilt in one place. */
export interface Documents {
  /** Over those of every day. */
  events: object[];
  users: object[];
  roles: object[];
  groups: object[];
  policies: object[];
  /** Cells of the credential report by column, root first. */
  credentials: Members[];
  passwords: object;
  trails: Members[];
}

export const OTHER = '444455556666';
export const arnOf = (resource: string, account = ACCOUNT): string => `arn:aws:iam::${account}:${resource}`;
const days = Array.from({ length: 10 }, (_, i) => `2026-03-${String(i + 1).padStart(2, '0')}`);
export const at = (day: string): string => `${day}T10:00:00Z`;
export const lastDay = '2026-03-10';

export const userIdentity = (name: string, key?: string): object => ({
  type: 'IAMUser',
  accountId: ACCOUNT,
  userName: name,
  arn: arnOf(`user/${name}`),
  principalId: `AIDA${name.toUpperCase()}`,
  ...(key === undefined ? {} : { accessKeyId: key }),
});
export const rootIdentity = (key?: string): object => ({
  type: 'Root',
  accountId: ACCOUNT,
  arn: arnOf('root'),
  principalId: ACCOUNT,
  ...(key === undefined ? {} : { accessKeyId: key }),
});
export const signIn = (userIdentity: object, mfa: 'Yes' | 'No', time = at(lastDay)): object =>
  event('', 'ConsoleLogin', time, {
    eventID: `sign-in-${mfa}`,
    eventSource: 'signin.amazonaws.com',
    eventType: 'AwsConsoleSignIn',
    userIdentity,
    requestParameters: null,
    responseElements: { ConsoleLogin: 'Success' },
    additionalEventData: { MFAUsed: mfa },
  });
export const assume = (userIdentity: object, name: string, members: Members = {}): object =>
  event('', 'AssumeRole', at(lastDay), {
    eventID: 'assumed',
    eventSource: 'sts.amazonaws.com',
    userIdentity,
    requestParameters: { roleArn: arnOf(`role/${name}`), roleSessionName: 's' },
    ...members,
  });
export const trust = (principal: unknown, condition?: object): object => ({
  AssumeRolePolicyDocument: {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: principal,
        Action: 'sts:AssumeRole',
        ...(condition && { Condition: condition }),
      },
    ],
  },
});
const credentials = (name: string, arn: string, cells: Members = {}): Members => ({
  user: name,
  arn,
  user_creation_time: '2026-02-01T10:00:00+00:00',
  password_enabled: 'false',
  password_last_used: 'N/A',
  password_last_changed: 'N/A',
  password_next_rotation: 'N/A',
  mfa_active: 'true',
  access_key_1_active: 'false',
  access_key_1_last_rotated: 'N/A',
  access_key_1_last_used_date: 'N/A',
  access_key_2_active: 'false',
  access_key_2_last_rotated: 'N/A',
  access_key_2_last_used_date: 'N/A',
  ...cells,
});

/** An account with nothing to find. */
export const clean = (): Documents => ({
  events: [
    signIn(userIdentity('ana'), 'Yes'),
    assume({ type: 'AWSService', invokedBy: 'ec2.amazonaws.com' }, 'app'),
  ],
  users: [user('ana', { GroupList: ['people'], CreateDate: '2026-02-01T10:00:00+00:00' })],
  roles: [
    role('app', {
      ...trust({ Service: 'ec2.amazonaws.com' }),
      ...attached(arnOf('policy/app')),
      CreateDate: '2025-02-01T10:00:00+00:00',
      RoleLastUsed: { LastUsedDate: at(lastDay), Region: 'eu-west-1' },
    }),
  ],
  groups: [group('people', attached(arnOf('policy/app')))],
  policies: [
    {
      ...managed(arnOf('policy/app'), allow('s3:GetBucketLocation')),
      AttachmentCount: 2,
      PermissionsBoundaryUsageCount: 0,
    },
  ],
  credentials: [
    credentials('<root_account>', arnOf('root'), {
      password_enabled: 'not_supported',
      password_last_used: 'no_information',
    }),
    credentials('ana', arnOf('user/ana'), {
      password_enabled: 'true',
      password_last_used: at(lastDay),
      password_last_changed: '2026-02-01T10:00:00+00:00',
    }),
  ],
  passwords: {
    PasswordPolicy: {
      MinimumPasswordLength: 14,
      RequireSymbols: true,
      RequireNumbers: true,
      RequireUppercaseCharacters: true,
      RequireLowercaseCharacters: true,
      PasswordReusePrevention: 24,
    },
  },
  trails: [
    {
      TrailARN: `arn:aws:cloudtrail:eu-west-1:${ACCOUNT}:trail/main`,
      IsMultiRegionTrail: true,
      LogFileValidationEnabled: true,
      IsLogging: true,
      EventSelectors: [
        {
          IncludeManagementEvents: true,
          DataResources: [{ Type: 'AWS::S3::Object', Values: ['arn:aws:s3'] }],
        },
      ],
    },
  ],
});

/** The documents as files in a folder of their own. */
export async function filesOf(found: Documents) {
  const folder = scratch();
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  for (const day of days)
    writeLog(join(folder, 'logs', deliveredName(day, 'a')), [
      event('app', 'GetBucketLocation', at(day), { eventID: `app-${day}` }),
    ]);
  writeLog(join(folder, 'logs', deliveredName(lastDay, 'b')), found.events);
  const db = join(folder, 'index.db');
  await load(db, [join(folder, 'logs')]);
  const columns = Object.keys(found.credentials[0] ?? {});
  const lines = found.credentials.map((row) => columns.map((column) => String(row[column])).join(','));
  return {
    db,
    current: write('details.json', JSON.stringify(details(found))),
    credentialReport: write('report.csv', [columns.join(','), ...lines, ''].join('\n')),
    passwordPolicy: write('passwords.json', JSON.stringify(found.passwords)),
    trailConfig: write('trails.json', JSON.stringify(found.trails)),
  };
}

/** What the audit says of documents. */
export async function audited(found: Documents): Promise<Audit> {
  const files = await filesOf(found);
  return audit(await accountOf({ ...files, isOptional: false, asOf: undefined, unusedDays: 10 }, {}));
}
