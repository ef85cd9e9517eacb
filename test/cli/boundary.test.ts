import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { allow, attached, details, managed, role } from '../current/details-fixture.ts';
import { asPermissionSet, event, writeLog } from '../ingest/trail.ts';
import { run, temporaryFolder, type Ran } from './cli.ts';

const folder = temporaryFolder();
const db = join(folder, 'index.db');
const home = '111122223333';
const arnOf = (name: string): string => `arn:aws:iam::${home}:policy/${name}`;
const current = join(folder, 'details.json');

beforeAll(() => {
  const time = '2026-03-01T12:00:00Z';
  const buckets = Array.from({ length: 200 }, (_, i) => `bucket-${i}-${'x'.repeat(30)}`);
  writeLog(join(folder, 'log.json'), [
    // The first and the last delivered day do not count.
    ...['2026-02-28', '2026-03-01', '2026-03-02'].map((day) =>
      event('app', 'ListObjects', `${day}T12:00:00Z`),
    ),
    ...buckets.map((bucketName) => event('wide', 'ListObjects', time, { requestParameters: { bucketName } })),
    asPermissionSet('Ops', home, 'ListBuckets', time),
  ]);
  const { code, err } = run(['ingest', join(folder, 'log.json'), '--db', db]);
  if (code !== 0) throw new Error(err);
  const roles = [
    role('app', {
      ...attached(arnOf('own')),
      PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: arnOf('limit') },
    }),
    role('wide', attached(arnOf('own'))),
  ];
  const policies = [
    managed(arnOf('own'), allow('s3:*')),
    managed(arnOf('limit'), allow('s3:List*', 'ec2:*')),
  ];
  writeFileSync(current, JSON.stringify(details({ roles, policies })));
});

const generate = (principal: string, ...more: readonly string[]): Ran =>
  run([
    'generate',
    '--db',
    db,
    '--principal',
    principal,
    '--min-window',
    '1d',
    '--unobservable',
    'drop',
    ...more,
  ]);

describe('generate --as boundary', () => {
  const flags = ['--as', 'boundary', '--current', current];

  test('takes the place of the boundary of today, and says how to put that back', () => {
    const { code, out } = generate('app', ...flags);
    expect(code).toBe(0);
    expect(out).toContain(
      `  put on    aws iam put-role-permissions-boundary --role-name app --permissions-boundary ${arnOf('iam-minimize-boundary-role-app')}\n` +
        `  take off  aws iam put-role-permissions-boundary --role-name app --permissions-boundary ${arnOf('limit')}\n`,
    );
    expect(out).toMatch(
      /^ {2}put on +boundary\.json\n {2}in place of +arn:aws:iam::111122223333:policy\/limit$/m,
    );
    expect(JSON.parse(generate('app', ...flags, '--out', '-').out)).toEqual({
      Version: '2012-10-17',
      Statement: [
        { Sid: 'ListBucket', Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::bucket' },
      ],
    });
  });

  test('that does not fit into one policy exits 1 and says what to do, whatever is printed', () => {
    const says = /a boundary is one policy of 6,144 characters, this one has [\d,]+: leave out --as boundary/;
    const exact = [...flags, '--strategy', 'exact'];
    const { code, out, err } = generate('wide', ...exact);
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(out.replace(/\s+/g, ' ')).toMatch(says);
    for (const more of ['--out=-', '--diff=none']) {
      const quiet = generate('wide', ...exact, ...more.split('='));
      expect(quiet.code).toBe(1);
      expect(quiet.err).toMatch(says);
    }
    expect(generate('wide', '--current', current, '--strategy', 'exact').code).toBe(0);
  });

  test('leaves permission sets out', () => {
    expect(generate('Ops', ...flags)).toEqual({
      code: 0,
      out: '',
      err: 'permission set Ops: left out, --as boundary is for roles and users\n',
    });
  });
});

describe('a permission set', () => {
  test('has an inline policy in Terraform', () => {
    const { code, out } = generate('Ops', '--out', '-', '--format', 'terraform');
    expect(code).toBe(0);
    expect(out).toMatch(/^resource "aws_ssoadmin_permission_set_inline_policy" "permission_set_Ops" /m);
  });

  test('has no words in CloudFormation, and that is said', () => {
    const { code, out, err } = generate('Ops', '--out', '-', '--format', 'cloudformation');
    expect({ code, out }).toEqual({ code: 0, out: '' });
    expect(err).toMatch(/^permission set Ops: CloudFormation cannot .*; use --format terraform or json\n$/);
  });
});
