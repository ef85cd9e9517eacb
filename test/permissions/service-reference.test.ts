import { afterEach, describe, expect, test } from 'vitest';
import { actionsOf, dataVersion, useServiceReference } from '../../src/permissions/operation.ts';
import {
  parseServiceReference,
  requiredAction,
  type AuthorizedActions,
} from '../../src/permissions/service-reference.ts';
import { lines, needed } from './call.ts';

afterEach(() => useServiceReference(undefined));

/** Uses a reference of these operations: `s3:GetObject` -> `s3:GetObject s3:GetObjectVersion`. */
function use(operations: Readonly<Record<string, string>>): void {
  const services = new Map<string, AuthorizedActions>();
  for (const [operation, actions] of Object.entries(operations)) {
    const [prefix = '', name = ''] = operation.split(':');
    services.set(prefix, new Map([...(services.get(prefix) ?? []), [name, actions.split(' ')]]));
  }
  useServiceReference({ day: '2026-03-08', operations: (prefix) => services.get(prefix) });
}

const actions = (source: string, name: string): string => {
  const found = actionsOf(`${source}.amazonaws.com`, name);
  return found.kind === 'actions' ? found.actions.map((action) => action.name).join(' ') : found.kind;
};

describe('a service reference', () => {
  test('names the version that decides', () => {
    const builtIn = dataVersion();
    use({});
    expect(dataVersion()).toBe(`${builtIn}+service-reference.2026-03-08`);
  });

  test('of several authorised actions the one of the operation’s name is required', () => {
    use({ 'lambda:CreateFunction': 'iam:PassRole lambda:CreateFunction lambda:TagResource' });
    expect(actions('lambda', 'CreateFunction20150331')).toBe('lambda:CreateFunction');
    expect(lines(needed('lambda:CreateFunction20150331', { request: { functionName: 'f' } }))).toEqual([
      'lambda:CreateFunction arn:aws:lambda:eu-west-1:111122223333:function:f',
    ]);
  });

  test('where none has its name, the only one is', () => {
    expect(actions('sqs', 'PeekAtMessages')).toBe('unmapped');
    use({ 'sqs:PeekAtMessages': 'sqs:ReceiveMessage' });
    expect(actions('sqs', 'PeekAtMessages')).toBe('sqs:ReceiveMessage');
  });

  test('where several have other names, the built-in data decides', () => {
    use({
      'sqs:PeekAtMessages': 'sqs:ReceiveMessage sqs:GetQueueAttributes',
      's3:HeadObject': 's3:GetObject s3:ListBucket',
    });
    expect(actions('sqs', 'PeekAtMessages')).toBe('unmapped');
    expect(actions('s3', 'HeadObject')).toBe('s3:GetObject');
  });

  test('agrees with what was looked up by hand, or overrules it', () => {
    use({
      's3:GetObjectAttributes': 's3:GetObject s3:GetObjectAttributes s3:GetObjectVersion',
      's3:ListObjects': 's3:ListBucketVersions',
    });
    expect(actions('s3', 'GetObjectAttributes')).toBe('s3:GetObject s3:GetObjectAttributes');
    expect(actions('s3', 'ListObjects')).toBe('s3:ListBucketVersions');
  });

  test('an action that the catalogue does not know changes nothing', () => {
    use({ 'sqs:SendMessage': 'sqs:SendMessageNow' });
    expect(actions('sqs', 'SendMessage')).toBe('sqs:SendMessage');
  });

  test('permissionless and unsigned calls stay so', () => {
    use({
      'sts:GetCallerIdentity': 'sts:GetCallerIdentity',
      'cognito-idp:InitiateAuth': 'cognito-idp:InitiateAuth',
    });
    expect(actions('sts', 'GetCallerIdentity')).toBe('no-permission');
    expect(actions('cognito-idp', 'InitiateAuth')).toBe('no-permission');
  });
});

test('a role that is passed is never the required action', () => {
  expect(requiredAction(['iam:PassRole'], 'StartThing', ['x'])).toBeUndefined();
  expect(requiredAction([], 'StartThing', ['x'])).toBeUndefined();
});

test.each([null, [], 'x', {}, { Name: 's3' }, { Name: 'sqs', Actions: [] }])(
  '%j is no reference of s3',
  (json) => {
    expect(parseServiceReference(json, 's3')).toBeUndefined();
  },
);
