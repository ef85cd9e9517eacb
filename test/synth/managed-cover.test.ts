import { assert, constantFrom, property, uniqueArray } from 'fast-check';
import { expect, test } from 'vitest';
import { evaluate } from '../../src/iam/decide/evaluate.ts';
import { managedPolicies } from '../../src/iam/policy/managed-policies.ts';
import { allowedActions } from '../../src/synth/generate.ts';
import { managedCover } from '../../src/synth/managed-cover.ts';
import type { Use } from '../../src/synth/usage/use.ts';
import { useOf } from './arbitrary.ts';

const { policies, date } = managedPolicies();
const names = (uses: readonly Use[]): readonly string[] =>
  managedCover(uses).policies.map(({ arn }) => arn.replace('arn:aws:iam::aws:policy/', ''));

test('every policy of the data can be read, and attached', () => {
  expect(policies.length).toBeGreaterThan(1100);
  expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
  const services = policies.filter(({ arn }) => /\/(?:aws-service-role|root-task)\//.test(arn));
  expect(services).toEqual([]);
  const empty = policies.filter(({ document }) => document().statements.length === 0);
  expect(empty).toEqual([]);
  const [reading] = policies.filter(({ arn }) => arn.endsWith(':policy/AmazonS3ReadOnlyAccess'));
  expect(reading?.document().statements[0]?.actions.patterns).toContain('s3:Get*');
});

test('the narrowest is found, with what it grants beyond the use, the gravest first', () => {
  const uses = [
    useOf({ action: 'sqs:ReceiveMessage', resource: 'arn:aws:sqs:eu-west-1:111122223333:jobs' }),
    useOf({ action: 'sqs:DeleteMessage', resource: 'arn:aws:sqs:eu-west-1:111122223333:jobs' }),
    useOf({
      action: 'logs:PutLogEvents',
      resource: 'arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/a:*',
    }),
  ];
  const cover = managedCover(uses);
  expect(names(uses)).toEqual(['service-role/AWSLambdaSQSQueueExecutionRole']);
  expect(cover.left).toEqual([]);
  expect(cover.beyond.map(({ action }) => action)).toEqual([
    'logs:CreateLogGroup',
    'logs:CreateLogStream',
    'sqs:GetQueueAttributes',
  ]);
});

const put = (bucket: string): Use => useOf({ action: 's3:PutObject', resource: `arn:aws:s3:::${bucket}/a` });

test('resources count: a policy for things of some names does not cover others', () => {
  expect(names([put('sagemaker-models')])).toEqual(['AmazonSageMakerFeatureStoreAccess']);
  expect(names([put('mine')])).toEqual(['service-role/AWSIoTRuleActions']);
});

test('what none allows is left over, and said', () => {
  const serial = useOf({
    action: 'ec2-instance-connect:SendSerialConsoleSSHPublicKey',
    resource: 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b2c3d4e5f60718',
  });
  const read = useOf({ action: 's3:GetObject', resource: 'arn:aws:s3:::mine/a' });
  expect(managedCover([serial])).toMatchObject({ policies: [], left: [serial], beyond: [], escalations: [] });
  expect(managedCover([serial, read]).left).toEqual([serial]);
});

test('ways to more rights are named', () => {
  const uses = ['iam:CreateUser', 'iam:AttachUserPolicy'].map((action) =>
    useOf({ action, resource: 'arn:aws:iam::111122223333:user/ana' }),
  );
  expect(managedCover(uses).escalations.join('\n')).toContain('iam:');
});

const actions = [
  's3:GetObject',
  's3:PutObject',
  'sqs:SendMessage',
  'sqs:ReceiveMessage',
  'sns:Publish',
  'dynamodb:GetItem',
  'lambda:InvokeFunction',
  'logs:PutLogEvents',
  'ec2:DescribeInstances',
  'kms:Decrypt',
  'ecr:BatchGetImage',
];
const arbUses = uniqueArray(constantFrom(...actions), { minLength: 1, maxLength: 5 }).map((list) =>
  list.map((action) => useOf({ action, resource: '*' })),
);

test('it covers by replay all that is not left over, is three at most, and no single policy covers as much with less', () => {
  assert(
    property(arbUses, (uses) => {
      const { policies: chosen, left, beyond } = managedCover(uses);
      const identity = chosen.map(({ document }) => document());
      const isAllowed = ({ action }: Use, documents = identity): boolean =>
        evaluate(
          {
            action,
            resource: '*',
            context: new Map([['aws:requestedregion', ['eu-west-1']]]),
            contextIsComplete: false,
          },
          { identity: documents },
        ).decision === 'allowed';
      expect(chosen.length).toBeLessThanOrEqual(3);
      expect(uses.filter((use) => !isAllowed(use))).toEqual(left);
      const used = new Set(uses.map(({ action }) => action));
      expect(beyond.filter(({ action }) => used.has(action))).toEqual([]);
      const narrower = policies.filter(({ document, services }) => {
        if (services && ![...used].every((action) => services.has(action.split(':')[0] ?? ''))) return false;
        return (
          uses.filter((use) => !left.includes(use)).every((use) => isAllowed(use, [document()])) &&
          [...allowedActions([document()])].length - used.size + left.length < beyond.length
        );
      });
      expect(narrower.map(({ arn }) => arn)).toEqual([]);
    }),
    { numRuns: 8 },
  );
});

test('in which order uses come changes nothing', () => {
  assert(
    property(arbUses, (uses) => {
      expect(names([...uses].reverse())).toEqual(names(uses));
    }),
    { numRuns: 3 },
  );
});
