import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  actionInfo,
  catalogueVersion,
  expandActions,
  globalKeys,
  serviceInfo,
  serviceOf,
  servicePrefixes,
} from '../../src/iam/catalogue.ts';

describe('the action catalogue', () => {
  test('knows an action in any case', () => {
    expect(actionInfo('S3:getobject')).toMatchObject({ name: 's3:GetObject', accessLevel: 'Read' });
    expect(actionInfo('iam:PutRolePolicy')?.accessLevel).toBe('Permissions management');
    expect(actionInfo('sqs:SendMessage')?.resourceTypes).toEqual([{ name: 'queue', required: true }]);
    expect(actionInfo('ec2:DescribeInstances')?.resourceTypes).toEqual([]);
    expect(actionInfo('s3:GetObject')?.conditionKeys).toContain('s3:ExistingObjectTag/<key>');
  });

  test.each([
    '',
    ':',
    's3',
    's3:',
    's3:Nope',
    'nope:GetObject',
    '__proto__:x',
    's3:__proto__',
    '../package:x',
  ])('%j is no action', (action) => {
    expect(actionInfo(action)).toBeUndefined();
  });

  test('expands patterns to canonical names in order', () => {
    expect(expandActions('S3:getbucketP*')).toEqual([
      's3:GetBucketPolicy',
      's3:GetBucketPolicyStatus',
      's3:GetBucketPublicAccessBlock',
    ]);
    expect(expandActions('sqs:?endMessage')).toEqual(['sqs:SendMessage']);
    expect(expandActions('s3:GetObject')).toEqual(['s3:GetObject']);
    expect(expandActions('s3:Nope*')).toEqual([]);
    expect(expandActions('nonsense')).toEqual([]);
    expect(expandActions('*')).toHaveLength(catalogueVersion().actions);
    expect(expandActions('*')).toEqual(expandActions('*:*'));
  });

  test('a pattern made of an action by wildcards matches it', () => {
    const all = expandActions('*');
    fc.assert(
      fc.property(fc.nat(all.length - 1), fc.nat(60), fc.nat(60), (index, from, length) => {
        const action = all[index] ?? '';
        const start = Math.max(action.indexOf(':') + 1, Math.min(from, action.length));
        const pattern = `${action.slice(0, start)}*${action.slice(start + length)}`;
        expect(expandActions(pattern.toUpperCase())).toContain(action);
      }),
      { numRuns: 50 },
    );
  });

  test('a pattern of many stars is no trap', () => {
    expect(expandActions(`s3:${'*a'.repeat(200)}`)).toEqual([]);
  });

  test('every type that an action names is a type of its service, with a format', () => {
    const lost = expandActions('*').flatMap((action) =>
      (actionInfo(action)?.resourceTypes ?? [])
        .filter(
          ({ name }) => (serviceInfo(serviceOf(action))?.resourceTypes.get(name)?.arns ?? []).length === 0,
        )
        .map(({ name }) => `${action} ${name}`),
    );
    expect(lost).toEqual([]);
  });

  test('the types of condition keys', () => {
    expect(serviceInfo('lambda')?.keyTypes.get('lambda:FunctionArn')).toBe('ARN');
    expect(serviceInfo('lambda')?.keyTypes.get('lambda:Layer')).toBe('ArrayOfString');
    expect(serviceInfo('lambda')?.keyTypes.has('lambda:Principal')).toBe(false);
    expect(globalKeys().get('aws:SourceIp')).toBe('IPAddress');
    expect(globalKeys().get('aws:PrincipalOrgID')).toBe('String');
  });

  test('services say their types and versions', () => {
    expect(servicePrefixes()).toContain('s3');
    expect(serviceInfo('LAMBDA')?.name).toBe('AWS Lambda');
    expect(serviceInfo('sqs')?.resourceTypes.get('queue')?.arns).toEqual([
      'arn:${Partition}:sqs:${Region}:${Account}:${QueueName}',
    ]);
    expect(catalogueVersion().version).toMatch(/^\d+\.\d+\.\d+$/);
  });
});
