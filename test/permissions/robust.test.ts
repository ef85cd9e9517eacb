import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reduceRequest, reduceResources, reduceResponse } from '../../src/cloudtrail/reduce.ts';
import { actionInfo } from '../../src/iam/catalogue.ts';
import { nothingKnown } from '../../src/permissions/mapping.ts';
import { permissionsOf } from '../../src/permissions/permissions.ts';
import { observed } from './call.ts';

const operations = [
  's3:GetObject',
  's3:CopyObject',
  's3:CreateBucket',
  'ec2:RunInstances',
  'ec2:CreateTags',
  'dynamodb:ExecuteStatement',
  'dynamodb:BatchWriteItem',
  'dynamodb:TransactWriteItems',
  'kms:ReEncrypt',
  'iam:CreateRole',
  'iam:CreateServiceLinkedRole',
  'lambda:Invoke',
  'apigateway:PutMethod',
  'apigateway:TagResource',
  'elasticmapreduce:RunJobFlow',
  'sqs:SendMessage',
  'logs:PutLogEvents',
  'secretsmanager:GetSecretValue',
  'sts:AssumeRole',
  'events:PutTargets',
  'ecs:RunTask',
  'glue:GetTable',
  'ssm:SendCommand',
  'organizations:MoveAccount',
];

const memberNames =
  'bucketName key roleArn roleName role keyId tableName functionName name id path instancesSet items statement x-amz-copy-source ' +
  'requestItems queueUrl tags resourceArn __proto__ constructor toString hasOwnProperty omitted resourcesSet targets verb';
const memberName = fc.constantFrom('', ...memberNames.split(' '));
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    'arn:',
    'arn:aws:s3:::',
    'arn:aws:iam::111122223333:role/',
    'arn:aws:iam::111122223333:role/x*y',
    'arn:aws-cn:kms:cn-north-1:111122223333:key/1',
    'arn:aws:dynamodb:eu-west-1:111122223333:table/T/index/I',
    '\u0000',
    '../../etc',
    '__proto__',
    'HIDDEN_DUE_TO_SECURITY_REASONS',
    '[truncated]',
    'i-0a',
    '${aws:username}',
    '*',
  ),
);
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(memberName, tie('value'), { maxKeys: 5 }),
  ),
})).value;

const permissions = (request: Parameters<typeof reduceRequest>[0]): unknown =>
  permissionsOf(
    {
      ...observed('dynamodb:GetItem'),
      target: { request: reduceRequest(request, undefined), response: {}, resources: [] },
    },
    nothingKnown,
  );

describe('whatever a log holds', () => {
  test('a mapping is total, deterministic and made of valid permissions', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.constantFrom(...operations), fc.string()),
        json,
        json,
        fc.array(json, { maxLength: 3 }),
        (operation, parameters, elements, resources) => {
          const request = reduceRequest(parameters, undefined);
          const call = {
            ...observed(operation),
            target: {
              request,
              response: reduceResponse(elements),
              resources: reduceResources(resources, request),
            },
          };
          const mapping = permissionsOf(call, nothingKnown);
          expect(permissionsOf(call, nothingKnown)).toEqual(mapping);
          if (mapping.kind !== 'mapped') return;
          expect(mapping.permissions.length).toBeGreaterThan(0);
          for (const permission of mapping.permissions) {
            expect(actionInfo(permission.action)?.name).toBe(permission.action);
            expect(permission.resources.length).toBeGreaterThan(0);
            expect(permission.resources).toEqual([...new Set(permission.resources)].sort());
            expect(permission.star !== undefined).toBe(permission.resources.join() === '*');
            for (const resource of permission.resources) {
              expect(resource).toMatch(/^(\*|arn:[a-z-]+:[a-z0-9-]+:[a-z0-9*-]*:[a-z0-9*]*:.*)$/s);
              expect(resource).toMatch(/^[\t\n\r\u0020-\u00ff]*$/);
            }
          }
        },
      ),
      { numRuns: 3000 },
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test('parameters of another shape than the API’s give the honest pattern', () => {
    const anyTable = {
      kind: 'mapped',
      permissions: [{ resources: ['arn:aws:dynamodb:eu-west-1:111122223333:table/*'] }],
    };
    expect(permissions('HIDDEN_DUE_TO_SECURITY_REASONS')).toMatchObject(anyTable);
    expect(permissions({ tableName: { unexpected: [] } })).toMatchObject(anyTable);
    expect(permissions({ tableName: 42 })).toMatchObject({
      permissions: [{ resources: ['arn:aws:dynamodb:eu-west-1:111122223333:table/42'] }],
    });
  });

  test('thousands of names of one type become the type’s pattern or stay within bounds', () => {
    const names = Array.from({ length: 5000 }, (_, index) => `p${index}`);
    const mapping = permissionsOf(
      { ...observed('ssm:GetParameters'), target: { request: { names }, response: {}, resources: [] } },
      nothingKnown,
    );
    expect(mapping.kind === 'mapped' && (mapping.permissions[0]?.resources.length ?? 0)).toBeLessThanOrEqual(
      1000,
    );
  });
});
