import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callOf } from '../../src/cloudtrail/call.ts';
import { parseRecord } from '../../src/cloudtrail/record.ts';
import { reduceRequest, reduceResources, reduceResponse } from '../../src/cloudtrail/reduce.ts';

const secret = 'S3cr3t-value-never-to-be-kept';

/** Where AWS requests and answers carry what must not be kept. */
const secrets: [where: string, members: Readonly<Record<string, unknown>>][] = [
  ['a password', { userName: 'u', password: secret }],
  ['old and new passwords', { oldPassword: secret, newPassword: secret }],
  ['a master password', { dBInstanceIdentifier: 'd', masterUserPassword: secret }],
  ['a secret', { name: 'n', secretString: secret, SecretBinary: secret }],
  ['a parameter value', { name: '/app/url', value: secret, type: 'SecureString' }],
  ['user data', { instanceType: 'm', userData: secret }],
  ['nested user data', { launchTemplateData: { imageId: 'ami-1', UserData: secret } }],
  ['tokens', { clientToken: secret, nextToken: secret, sessionToken: secret, ClientRequestToken: secret }],
  ['credentials', { credentials: { accessKeyId: secret, secretAccessKey: secret, sessionToken: secret } }],
  ['an access key', { accessKey: { accessKeyId: secret, secretAccessKey: secret, userName: 'u' } }],
  ['a policy body', { roleName: 'r', policyDocument: `{"Statement":"${secret}"}` }],
  ['a trust policy', { roleName: 'r', assumeRolePolicyDocument: secret }],
  ['a bucket policy', { bucketName: 'b', bucketPolicy: { Statement: [{ Sid: secret, Effect: secret }] } }],
  ['a state machine', { name: 'm', definition: secret }],
  ['a schema', { schemaName: 's', schemaDefinition: secret, definition: secret }],
  ['a document', { document: secret, content: secret }],
  ['a policy text', { keyId: 'k', policy: secret }],
  ['an item key', { tableName: 't', key: { id: { S: secret } }, Key: { id: secret } }],
  ['an item', { tableName: 't', item: { id: { S: secret } }, expressionAttributeValues: { ':v': secret } }],
  ['items of several tables', { requestItems: { t: [{ PutRequest: { Item: { id: secret } } }] } }],
  ['keys of several tables', { requestItems: { t: { keys: [{ id: secret }] } } }],
  ['a PartiQL statement', { statement: `SELECT * FROM "t" WHERE id = '${secret}'` }],
  ['a query', { queryString: `SELECT '${secret}'`, sql: secret }],
  ['environment variables', { functionName: 'f', environment: { variables: { TOKEN: secret } } }],
  [
    'environment lists',
    { taskDefinition: { containerDefinitions: [{ environment: [{ name: 'A', value: secret }] }] } },
  ],
  ['stack parameters', { stackName: 's', parameters: [{ parameterKey: 'Pw', parameterValue: secret }] }],
  ['a template', { stackName: 's', templateBody: secret }],
  ['a message', { topicArn: 'arn:aws:sns:eu-west-1:1:t', message: secret, subject: secret }],
  ['a message body', { queueUrl: 'https://sqs.eu-west-1.amazonaws.com/1/q', messageBody: secret }],
  [
    'a private key',
    { certificateName: 'c', privateKey: secret, certificateBody: secret, certificateChain: secret },
  ],
  ['key material', { keyName: 'k', keyMaterial: secret, publicKeyMaterial: secret }],
  ['plain and cipher text', { keyId: 'k', plaintext: secret, ciphertextBlob: secret }],
  ['an encryption context', { keyId: 'k', encryptionContext: { user: secret } }],
  [
    'tag values',
    { tags: [{ key: 'owner', value: secret }], tagSet: { items: [{ key: secret, value: secret }] } },
  ],
  [
    'a tag specification',
    { tagSpecificationSet: { items: [{ resourceType: 'instance', tags: [{ key: 'k', value: secret }] }] } },
  ],
  ['a description', { groupName: 'g', groupDescription: secret, description: secret, comment: secret }],
  ['a session name', { roleArn: 'arn:aws:iam::1:role/r', roleSessionName: secret, externalId: secret }],
  ['a SAML assertion', { sAMLAssertion: secret, webIdentityToken: secret }],
  ['filters', { filterSet: { items: [{ name: 'tag:x', valueSet: { items: [{ value: secret }] } }] } }],
  [
    'headers',
    { bucketName: 'b', authorization: secret, 'X-Amz-Signature': secret, 'X-Amz-Security-Token': secret },
  ],
];

describe('no secret is kept', () => {
  test.each(secrets)('%s', (_, members) => {
    expect(JSON.stringify(reduceRequest(members, undefined))).not.toContain(secret);
    expect(JSON.stringify(reduceResponse(members))).not.toContain(secret);
    expect(
      JSON.stringify(reduceRequest({ outer: [members], request: { inner: members } }, undefined)),
    ).not.toContain(secret);
  });

  const named = fc.constantFrom(...secrets.map(([, members]) => members));
  const wrapping = fc.array(fc.constantFrom('request', 'items', 'input', 'instancesSet', 'Data', 'list'), {
    maxLength: 4,
  });

  test('wherever it stands, beside whatever', () => {
    fc.assert(
      fc.property(named, wrapping, fc.object({ maxDepth: 2 }), (members, names, beside) => {
        const whole = names.reduce<unknown>(
          (inner, name) => (name === 'list' ? [inner] : { ...beside, [name]: inner }),
          members,
        );
        expect(JSON.stringify(reduceRequest({ a: whole }, undefined))).not.toContain(secret);
        expect(JSON.stringify(reduceResponse({ a: whole }))).not.toContain(secret);
      }),
    );
  });
});

/** All texts in a value, names included. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [
    ...(Array.isArray(value) ? [] : [name]),
    ...texts(member),
  ]);
}

describe('what is kept', () => {
  test('numbered elements of lists are the elements; the number is no tag', () => {
    expect(
      reduceRequest(
        {
          CreateFlowLogsRequest: {
            ResourceId: { tag: 1, content: 'vpc-0255d384b4b458b46' },
            TagSpecification: { ResourceType: 'vpc-flow-log', tag: 1, Tag: { Key: 'k', Value: 'v', tag: 1 } },
          },
          DeleteVpcEndpointsRequest: {
            VpcEndpointId: [
              { tag: 1, content: 'vpce-1' },
              { tag: 2, content: 'vpce-2' },
            ],
            PolicyDocument: { tag: 1, content: secret },
            Token: { tag: 1, content: secret },
          },
        },
        undefined,
      ),
    ).toEqual({
      CreateFlowLogsRequest: {
        ResourceId: 'vpc-0255d384b4b458b46',
        TagSpecification: { resourceType: 'vpc-flow-log' },
      },
      DeleteVpcEndpointsRequest: {
        VpcEndpointId: ['vpce-1', 'vpce-2'],
        PolicyDocument: true,
      },
    });
    expect(reduceRequest({ userName: 'u', tag: [{ key: 'k' }] }, undefined)).toEqual({
      userName: 'u',
      tag: true,
    });
  });

  const kept: [members: unknown, reduced: object][] = [
    [null, {}],
    [
      { tags: [{ resourceId: 'web', resourceType: 'auto-scaling-group', key: 'owner', value: secret }] },
      { tags: [{ resourceId: 'web', resourceType: 'auto-scaling-group' }] },
    ],
    [
      { sourceRegion: 'us-east-1', sourceSnapshotId: 'snap-1', presignedUrl: secret },
      { sourceRegion: 'us-east-1', sourceSnapshotId: 'snap-1' },
    ],
    [
      { bucketName: 'b', key: 'a/b', Host: 'b.s3.amazonaws.com' },
      { bucketName: 'b', key: 'a/b' },
    ],
    [
      { bucketName: 'b', acl: '' },
      { acl: true, bucketName: 'b' },
    ],
    [
      { roleName: 'r', policyDocument: '{}' },
      { policyDocument: true, roleName: 'r' },
    ],
    [
      { name: 'm', definition: '{}' },
      { definition: true, name: 'm' },
    ],
    [
      { taskDefinition: 't:1', documentName: 'd' },
      { documentName: 'd', taskDefinition: 't:1' },
    ],
    [{ maxResults: 5, dryRun: false }, {}],
    [{ dryRun: true }, { dryRun: true }],
    [{ requestItems: { t2: [1], t1: [2] } }, { requestItems: ['t1', 't2'] }],
    [
      { statement: 'select a from "t"."ix" where x=1' },
      { statement: { index: 'ix', table: 't', verb: 'select' } },
    ],
    [{ statement: 'drop everything' }, { statement: true }],
    [
      { 'x-amz-copy-source': '/b/a%2Fb%20c?versionId=1' },
      { 'x-amz-copy-source': { bucket: 'b', key: 'a/b c', versionId: true } },
    ],
    [{ 'x-amz-copy-source': 'b/100%' }, { 'x-amz-copy-source': { bucket: 'b', key: '100%' } }],
    [{ anything: { odd: 'arn:aws:iam::1:role/r' } }, { anything: { odd: 'arn:aws:iam::1:role/r' } }],
    [{ tags: [{ key: 'a', value: 'b' }] }, { tags: true }],
    ['HIDDEN_DUE_TO_SECURITY_REASONS', { omitted: true }],
    [{ functionName: 'x'.repeat(3000) }, { functionName: true }],
    [{ instanceIds: Array.from({ length: 101 }, (_, i) => `i-${i}`) }, { instanceIds: true }],
  ];
  test.each(kept)('%j', (members, reduced) => {
    expect(reduceRequest(members, undefined)).toEqual(reduced);
  });

  test('names in code unit order, so that equal requests are equal texts', () => {
    const members = { b: { xName: '2', aName: '1' }, a: { id: '1' }, B: { id: '2' } };
    expect(JSON.stringify(reduceRequest(members, undefined))).toBe(
      '{"B":{"id":"2"},"a":{"id":"1"},"b":{"aName":"1","xName":"2"}}',
    );
  });

  test('resources without the one that repeats the request', () => {
    const request = { bucketName: 'b', key: 'k' };
    const resources = [
      { ARN: 'arn:aws:s3:::b/k', type: 'AWS::S3::Object' },
      { ARN: 'arn:aws:s3:::b', accountId: '1' },
      { ARNPrefix: 'arn:aws:s3:::b/' },
      'x',
      null,
      { ARN: 7 },
    ];
    expect(reduceResources(resources, request)).toEqual([
      { arn: 'arn:aws:s3:::b', type: '', account: '1', isPrefix: false },
      { arn: 'arn:aws:s3:::b/', type: '', account: '', isPrefix: true },
    ]);
  });

  const hostileName = fc.oneof(
    fc.constantFrom(
      '__proto__',
      'constructor',
      'prototype',
      'toString',
      'key',
      'tags',
      'arn',
      '',
      'statement',
      'requestItems',
      'x-amz-copy-source',
      'bucketName',
      'userName',
      `${'n'.repeat(3000)}Name`,
      'policyArns',
    ),
    fc.string(),
  );
  const hostile = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.string(),
      fc.constant('x'.repeat(3000)),
      fc.constant(`arn:aws:${'y'.repeat(3000)}`),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value')),
      tie('object'),
    ),
    object: fc.array(fc.tuple(hostileName, tie('value')), { maxLength: 6 }).map((entries) => {
      const parsed: unknown = JSON.parse(
        `{${entries.map(([n, v]) => `${JSON.stringify(n)}:${JSON.stringify(v)}`).join(',')}}`,
      );
      return parsed;
    }),
  }));

  test('any request is survived: short texts, no name that pollutes', () => {
    fc.assert(
      fc.property(hostile.object, hostile.object, fc.array(hostile.value), (members, extra, resources) => {
        const request = reduceRequest(members, extra);
        const reduced = [request, reduceResponse(members), reduceResources(resources, request)];
        const all = texts(reduced);
        expect(all.filter((text) => text.length > 2048)).toEqual([]);
        expect(JSON.stringify(reduced)).not.toContain('"__proto__":');
        expect(Object.getPrototypeOf({})).toBe(Object.prototype);
        expect('polluted' in {}).toBe(false);
        // What was reduced is plain JSON.
        expect(JSON.parse(JSON.stringify(reduced))).toEqual(reduced);
      }),
      { numRuns: 300 },
    );
  });

  test('a whole hostile record too', () => {
    fc.assert(
      fc.property(hostile.object, hostile.value, hostile.value, (members, identity, resources) => {
        const parsed = parseRecord({
          eventName: 'A',
          eventSource: 'x.amazonaws.com',
          eventTime: '2026-03-02T10:00:00Z',
          eventID: 'z'.repeat(9000),
          errorCode: 'e'.repeat(9000),
          awsRegion: 'r'.repeat(9000),
          userIdentity: identity,
          requestParameters: members,
          responseElements: members,
          resources,
        });
        const call = parsed.ok ? callOf(parsed.value) : undefined;
        expect(call?.operation.eventName).toBe('A');
        expect(texts(call).filter((text) => text.length > 2048)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('deep nesting ends', () => {
    let deep: unknown = { roleName: 'r' };
    for (let i = 0; i < 5000; i++) deep = i % 2 ? [deep] : { inner: deep };
    expect(texts(reduceRequest({ deep }, undefined)).length).toBeLessThan(50);
  });
});
