import { array, assert, constantFrom, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { parsePolicy, type Statement } from '../../../src/iam/policy/policy.ts';
import { pack } from '../../../src/synth/shape/documents.ts';

const home = ':eu-west-1:111122223333:';

/** Statements as they are written, and the Sids they get in one document. */
function sidsOf(statements: readonly object[], isUnseen = false): readonly (string | undefined)[] {
  const json = { Version: '2012-10-17', Statement: statements.map((s) => ({ Effect: 'Allow', ...s })) };
  const bare = parsePolicy(JSON.stringify(json), 'test').statements.map((s): Statement => ({
    ...s,
    sid: undefined,
  }));
  const [document] = pack(isUnseen ? { used: [], unseen: bare } : { used: bare }, Infinity);
  return document?.statements.map(({ sid }) => sid) ?? [];
}

test('a service of any name', () => {
  const [sid] = sidsOf([{ Action: 'constructor:GetThing', Resource: `arn:aws:constructor${home}thing/a` }]);
  expect(sid).toBe('GetAThing');
});

test.each<[string, object]>([
  ['ReadAppDataIn', { Action: 's3:GetObject', Resource: 'arn:aws:s3:::app-data/in/*' }],
  ['ListAppDataBucket', { Action: 's3:ListBucket', Resource: 'arn:aws:s3:::app-data' }],
  ['SendOrdersQueue', { Action: 'sqs:SendMessage', Resource: `arn:aws:sqs${home}orders` }],
  [
    'UseOrdersTable',
    { Action: ['dynamodb:GetItem', 'dynamodb:PutItem'], Resource: `arn:aws:dynamodb${home}table/orders` },
  ],
  [
    'UseKmsKey',
    {
      Action: ['kms:Decrypt', 'kms:Encrypt'],
      Resource: `arn:aws:kms${home}key/0e5d0ab6-097e-49d8-99ef-747ce3e5f8f4`,
    },
  ],
  ['TerminateEc2Instances', { Action: 'ec2:TerminateInstances', Resource: `arn:aws:ec2${home}instance/i-*` }],
  [
    'ManageAppRoles',
    {
      Action: ['iam:AttachRolePolicy', 'iam:CreateRole'],
      Resource: ['arn:aws:iam::111122223333:role/app-a', 'arn:aws:iam::111122223333:role/app-b'],
    },
  ],
  [
    'TagEc2Resources',
    { Action: 'ec2:CreateTags', Resource: [`arn:aws:ec2${home}instance/*`, `arn:aws:ec2${home}volume/*`] },
  ],
  [
    'CreateDbPasswordSecret',
    {
      Action: 'secretsmanager:CreateSecret',
      Resource: `arn:aws:secretsmanager${home}secret:db-password-??????`,
    },
  ],
  [
    'ReadSeveralServices',
    { Action: ['ec2:DescribeInstances', 'iam:GetUser', 's3:GetBucketAcl'], Resource: '*' },
  ],
  ['PassAnyRole', { Action: 'iam:PassRole', Resource: '*' }],
  [
    'AssumeDeployer',
    { Action: ['sts:AssumeRole', 'sts:TagSession'], Resource: 'arn:aws:iam::111122223333:role/deployer' },
  ],
  ['ReadExceptSecretBucket', { Action: 's3:GetBucketAcl', NotResource: 'arn:aws:s3:::secret' }],
  [
    'PassAppTaskToEcs',
    {
      Action: 'iam:PassRole',
      Resource: 'arn:aws:iam::111122223333:role/app-task',
      Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    },
  ],
])('%s', (sid, statement) => {
  expect(sidsOf([statement])).toEqual([sid]);
  expect(sidsOf([statement], true)).toEqual([`Unseen${sid}`]);
});

const onKey = (id: string): object => ({ Action: 'kms:Decrypt', Resource: `arn:aws:kms${home}key/${id}` });
const table = (name: string): object => ({
  Action: 'dynamodb:GetItem',
  Resource: `arn:aws:dynamodb${home}table/${name}`,
});

test('statements of one name are numbered in the order of their resources', () => {
  expect(sidsOf(['bbbbbbbb1', 'aaaaaaaa1', 'cccccccc1'].map(onKey))).toEqual([
    'DecryptKmsKey',
    'DecryptKmsKey2',
    'DecryptKmsKey3',
  ]);
  const long = 'one-two-three-four-five-six-seven-eight-nine-ten';
  expect(sidsOf([table(`${long}-a`), table(`${long}-b`)])).toEqual([
    'ReadOneTwoThreeFourFiveSixSevenTable',
    'ReadOneTwoThreeFourFiveSixSevenTable2',
  ]);
});

const statement = (resource: string, action: string): object => ({ Action: action, Resource: resource });

test('whatever a resource is called, a Sid has letters and digits, 40 at most, and is there once', () => {
  const name = string({ unit: 'binary', maxLength: 80 }).map((text) =>
    text.replace(/[^\u0020-\u00ff]/gu, '-'),
  );
  assert(
    property(
      array(name, { minLength: 1, maxLength: 8 }),
      constantFrom('s3:GetObject', 'iam:PassRole'),
      (keys, action) => {
        const sids = sidsOf(keys.map((key) => statement(`arn:aws:s3:::b/${key}`, action)));
        expect(sids.filter((sid) => !/^[A-Za-z0-9]{1,40}$/.test(sid ?? ''))).toEqual([]);
        expect(new Set(sids).size).toBe(sids.length);
      },
    ),
    { numRuns: 100 },
  );
});
