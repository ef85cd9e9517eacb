import { isObject, type JsonObject } from '../../src/iam/json.ts';

/** A change of one statement, as a slip of the pen makes it; it works on a copy. */
type Mutation = (statement: Record<string, unknown>, policy: Record<string, unknown>) => void;

const withCondition =
  (operator: string, key: string, value: unknown): Mutation =>
  (statement) => {
    statement['Condition'] = { [operator]: { [key]: value } };
  };
const withResource =
  (...resources: readonly string[]): Mutation =>
  (statement) => {
    delete statement['NotResource'];
    statement['Resource'] = resources;
  };
const withAction =
  (...actions: readonly string[]): Mutation =>
  (statement) => {
    delete statement['NotAction'];
    statement['Action'] = actions;
  };

/** By name. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'no version': (_, policy) => delete policy['Version'],
  'old version': (_, policy) => (policy['Version'] = '2008-10-17'),
  'no such version': (_, policy) => (policy['Version'] = '2012-10-18'),
  'no effect': (statement) => delete statement['Effect'],
  'effect in small letters': (statement) => (statement['Effect'] = 'allow'),
  'no resource': (statement) => {
    delete statement['Resource'];
    delete statement['NotResource'];
  },
  'no action': (statement) => {
    delete statement['Action'];
    delete statement['NotAction'];
  },
  'both actions': (statement) => (statement['NotAction'] = statement['Action'] = 's3:GetObject'),
  'element of another policy': (statement) => (statement['Principal'] = '*'),
  'unknown element': (statement) => (statement['Actions'] = 's3:GetObject'),
  'Sid with a space': (statement) => (statement['Sid'] = 'Read all'),
  'a Sid twice': (statement, policy) => {
    statement['Sid'] = 'Twice';
    policy['Statement'] = [statement, statement];
  },
  'no actions in the list': withAction(),
  'no resources in the list': withResource(),
  'action without a service': withAction('GetObject'),
  'action with two colons': withAction('s3:Get:Object'),
  'action misspelt': withAction('s3:GetObjct'),
  'service misspelt': withAction('dynamodbb:GetItem'),
  'wildcard in the service': withAction('s*:GetObject'),
  'no ARN': withResource('bucket/key'),
  'no such partition': withResource('arn:amazon:s3:::bucket'),
  'wildcard for the service': withResource('arn:aws:*:us-east-1:111122223333:x'),
  'short ARN': withResource('arn:aws:sqs'),
  'IAM with a Region': withResource('arn:aws:iam:us-east-1:111122223333:role/a'),
  'IAM without a type': withResource('arn:aws:iam::111122223333:a'),
  'S3 with a Region': withResource('arn:aws:s3:us-east-1:111122223333:bucket'),
  'resource of another service': (statement, policy) => {
    withAction('sqs:SendMessage')(statement, policy);
    withResource('arn:aws:s3:::bucket')(statement, policy);
  },
  'unknown operator': withCondition('StringIs', 'aws:username', 'a'),
  'no date': withCondition('DateLessThan', 'aws:CurrentTime', 'tomorrow'),
  'no such month': withCondition('DateLessThan', 'aws:CurrentTime', '2026-13-01'),
  'no number': withCondition('NumericLessThan', 'aws:MultiFactorAuthAge', 'hour'),
  'no address': withCondition('IpAddress', 'aws:SourceIp', '10.0.0'),
  'no truth': withCondition('Bool', 'aws:SecureTransport', 'yes'),
  'no null': withCondition('Null', 'aws:SourceVpc', 'maybe'),
  'key misspelt': withCondition('StringEquals', 'aws:PrincipalOrgld', 'o-1'),
  'key of the service misspelt': (statement, policy) => {
    withAction('s3:ListBucket')(statement, policy);
    withCondition('StringEquals', 's3:prefx', 'a')(statement, policy);
  },
  'date as text': withCondition('StringLessThan', 'aws:CurrentTime', '2026-01-01'),
  'text of an address': withCondition('StringEquals', 'aws:SourceIp', '10.0.0.1'),
  'MFA of long-term keys': withCondition('Bool', 'aws:MultiFactorAuthPresent', 'false'),
};

/** A mutant of a policy: one of its statements changed. */
export function mutant(policy: JsonObject, name: string, at: number): JsonObject {
  const copy = structuredClone({ ...policy });
  const list = [copy['Statement']].flat().filter(isObject);
  const statement = { ...list[at % list.length] };
  copy['Statement'] = list.map((each, index) => (index === at % list.length ? statement : each));
  MUTATIONS[name]?.(statement, copy);
  return copy;
}
