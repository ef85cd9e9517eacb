import { expect, test } from 'vitest';
import { keptMembers, knownOperations, normalName } from '../../src/cloudtrail/kept-members.ts';
import { reduceRequest } from '../../src/cloudtrail/reduce.ts';

const secret = 'S3cr3t-value-never-to-be-kept';

const operations: (readonly [source: string, operation: string])[] = [...knownOperations()].flatMap(
  ([source, names]) => names.map((name) => [source, name] as const),
);

/** Where secrets stand in real requests. */
const planted: Readonly<Record<string, unknown>> = {
  sshKey: secret,
  apiKey: secret,
  sSECustomerKey: secret,
  presignedUrl: `https://b.s3.amazonaws.com/k?X-Amz-Signature=${secret}`,
  connectionString: `postgres://u:${secret}@host/db`,
  masterUserPassword: secret,
  arguments: { '--token': secret },
  environment: { variables: { KEY: secret } },
  input: `{"password":"${secret}"}`,
  parameters: [{ parameterKey: 'p', parameterValue: secret }],
  command: ['run', secret],
  nested: { apiKey: secret, list: [{ sshKey: secret }] },
};

test('of an operation that the models know nothing but its bound members is kept', () => {
  expect(operations.length).toBeGreaterThan(10_000);
  const kept = operations.filter(([source, operation]) => {
    const tree = keptMembers(`${source}.amazonaws.com`, operation);
    const unbound = Object.entries(planted).filter(
      ([name]) => tree?.inner.get(normalName(name)) === undefined,
    );
    return (
      tree === undefined ||
      JSON.stringify(reduceRequest(Object.fromEntries(unbound), undefined, tree)).includes(secret)
    );
  });
  expect(kept).toEqual([]);
});

test('of others no key and no presigned URL', () => {
  const request = {
    ...planted,
    'x-amz-server-side-encryption-customer-key': secret,
    input: undefined,
    parameters: undefined,
    command: undefined,
    arguments: undefined,
  };
  expect(JSON.stringify(reduceRequest(request, undefined))).not.toContain(secret);
});

test('a URL is kept without its user information and its query', () => {
  const url = `https://user:${secret}@sqs.eu-west-1.amazonaws.com/1/q?X-Amz-Signature=${secret}#${secret}`;
  expect(reduceRequest({ queueUrl: url }, undefined)).toEqual({
    queueUrl: 'https://sqs.eu-west-1.amazonaws.com/1/q',
  });
});

test.each([
  ['redshift', 'GetClusterCredentials', { dbUser: 'etl', clusterIdentifier: 'dwh' }],
  ['states', 'UpdateStateMachine', { publish: true, stateMachineArn: 'arn:aws:states:r:1:stateMachine:m' }],
  ['eks', 'DescribeNodegroup', { name: 'prod', nodegroupName: 'ng' }],
  ['lambda', 'GetLayerVersion20181031', { layerName: 'l', versionNumber: 3 }],
])('%s %s keeps what it was made on', (source, operation, request) => {
  const reduced = reduceRequest(request, undefined, keptMembers(`${source}.amazonaws.com`, operation));
  expect(Object.keys(reduced)).toEqual(Object.keys(request).sort());
});
