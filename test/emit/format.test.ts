import { parse } from '@cdktf/hcl2json';
import { load, loadAll } from 'js-yaml';
import {
  array,
  assert,
  asyncProperty,
  constantFrom,
  oneof,
  property,
  record,
  string,
  type Arbitrary,
} from 'fast-check';
import { describe, expect, test } from 'vitest';
import { policiesText, templateText } from '../../src/emit/iac/format.ts';
import { terraformName, type ProposedDocuments } from '../../src/emit/iac/terraform.ts';
import { isObject } from '../../src/iam/json.ts';
import { documentJson } from '../../src/iam/policy/policy-json.ts';
import type { PolicyDocument } from '../../src/iam/policy/policy.ts';
import { arbDocument } from '../iam/arbitrary.ts';
import { identity } from '../synth/arbitrary.ts';

const hostile: Arbitrary<string> = array(
  oneof(
    constantFrom(
      '${',
      '$${',
      '$$${',
      '%{',
      '%%{',
      '$',
      '%',
      '{',
      '}',
      '${aws:username}',
      '${*}',
      '${$}',
      '%{ if true }',
    ),
    constantFrom(
      '"',
      "'",
      '\\',
      '\\"',
      '\\u0024{',
      '\\${',
      '\n',
      '\r',
      '\t',
      '\nJSON\n',
      '  JSON',
      '#',
      '//',
      '/*',
    ),
    constantFrom(
      'é',
      'e\u0301',
      '\u212b',
      '日本',
      '😀',
      '\u202e',
      '\u2028',
      '\u0000',
      '\u007f',
      '\u0085',
      '\ufeff',
    ),
    constantFrom(
      'yes',
      'null',
      '~',
      '2012-10-17',
      '0x1f',
      '1e3',
      '<<',
      '=',
      '*a',
      '&a',
      '!Ref x',
      '- ',
      ': ',
      '? ',
      '%YAML',
    ),
    constantFrom('---', '...', '|', '>', '@', '`', '__proto__', 'constructor', ' ', ''),
    string({ unit: 'grapheme', maxLength: 4 }),
  ),
  { maxLength: 6 },
).map((parts) => parts.join('').replace(/\p{Surrogate}/gu, ''));

/** A policy with hostile text wherever text can stand. */
const arbPolicy: Arbitrary<PolicyDocument> = oneof(
  arbDocument,
  record({
    sid: hostile,
    actions: array(hostile),
    resources: array(hostile),
    key: hostile,
    values: array(hostile),
  }).map(({ sid, actions, resources, key, values }): PolicyDocument => ({
    version: '2012-10-17',
    statements: [
      {
        sid,
        effect: 'Allow',
        actions: { kind: 'only', patterns: actions },
        resources: { kind: 'except', patterns: resources },
        conditions: [{ operator: 'StringLike', key, values }],
      },
    ],
  })),
);

/** The last of three is kept unseen; one boundary has one file. */
const fileNames = new Map([
  ['policies', ['policy.json', 'policy-2.json', 'policy-unseen.json']],
  ['boundary', ['boundary.json', 'boundary-2.json', 'boundary-3.json']],
]);

const arbProposed: Arbitrary<ProposedDocuments> = record({
  kind: constantFrom('role', 'user', 'permission-set'),
  form: constantFrom('policies', 'boundary'),
  name: oneof(constantFrom('app', 'app_2', 'App+x=1,y.z@q-r'), hostile),
  documents: array(arbPolicy, { minLength: 1, maxLength: 3 }),
}).map(({ kind, form, name, documents }) => ({
  identity: { ...identity, kind, name },
  form: kind === 'permission-set' ? 'policies' : form,
  documents: kind === 'permission-set' ? documents.slice(0, 1) : documents,
  files: fileNames.get(kind === 'permission-set' ? 'policies' : form) ?? [],
}));

/** A member of a member of ... a parsed template. */
function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((found, name) => {
    const object: unknown = Array.isArray(found) ? found[0] : found;
    return isObject(object) && Object.hasOwn(object, name) ? object[name] : undefined;
  }, value);
}
const textAt = (value: unknown, ...path: readonly string[]): string => String(at(value, ...path));

/** The parser writes Terraform's JSON, in which a template mark is doubled again. */
const literal = (text: string): string => text.replace(/([$%])\1\{/g, '$1{');

describe('what a template says is what the policy says', () => {
  test('in Terraform', async () => {
    await assert(
      asyncProperty(arbProposed, async (p) => {
        const parsed: unknown = await parse('policy.tf', templateText(p, 'terraform') ?? '');
        const { kind, name } = p.identity;
        for (const [i, document] of p.documents.entries()) {
          const label = terraformName(p.identity, p.files[i] ?? '');
          const isSet = kind === 'permission-set';
          const policy = isSet
            ? textAt(parsed, 'resource', 'aws_ssoadmin_permission_set_inline_policy', label, 'inline_policy')
            : textAt(parsed, 'resource', 'aws_iam_policy', label, 'policy');
          expect(JSON.parse(literal(policy))).toEqual(documentJson(document));
          const attached = isSet
            ? at(parsed, 'data', 'aws_ssoadmin_permission_set', label, 'name')
            : at(parsed, 'resource', `aws_iam_${kind}_policy_attachment`, label, kind);
          const holder = p.form === 'boundary' ? undefined : name.normalize('NFC');
          expect(typeof attached === 'string' ? literal(attached) : attached).toBe(holder);
        }
      }),
    );
  });

  test('in CloudFormation', () => {
    assert(
      property(arbProposed, (p) => {
        const text = templateText(p, 'cloudformation');
        const { kind, name } = p.identity;
        if (text === undefined) return kind === 'permission-set';
        const template: unknown = load(text);
        const names = ['Policy', 'Policy2', p.form === 'boundary' ? 'Policy3' : 'PolicyUnseen'];
        for (const [i, document] of p.documents.entries()) {
          const properties = at(template, 'Resources', names[i] ?? '', 'Properties');
          expect(at(properties, 'PolicyDocument')).toEqual(documentJson(document));
          const holders = p.form === 'boundary' ? undefined : [name];
          expect(at(properties, kind === 'user' ? 'Users' : 'Roles')).toEqual(holders);
          expect(textAt(properties, 'ManagedPolicyName')).toMatch(/^[\w+=,.@-]{1,128}$/);
        }
        return true;
      }),
    );
  });
});

describe('names', () => {
  test('of different documents are different, and valid', () => {
    assert(
      property(hostile, hostile, (a, b) => {
        const [x, y] = [a, b].map((name) => ({ ...identity, name }));
        if (!x || !y) return false;
        const files = ['policy.json', 'policy-2.json', 'policy-unseen.json', 'boundary.json'];
        const names = [x, y].flatMap((one) => files.map((file) => terraformName(one, file)));
        expect(names.every((name) => /^[A-Za-z][A-Za-z0-9_-]*$/.test(name))).toBe(true);
        return new Set(names).size === (a === b ? 4 : 8);
      }),
    );
  });

  test('of common principals are plain', () => {
    expect(terraformName(identity, 'policy.json')).toBe('role_111122223333_app');
    expect(terraformName({ ...identity, kind: 'permission-set', account: '*' }, 'policy.json')).toBe(
      'permission_set_app',
    );
    expect(terraformName({ ...identity, name: 'app_1.2' }, 'policy-2.json')).toBe(
      'role_111122223333_app__1_2e2_p2',
    );
    expect(terraformName(identity, 'policy-unseen-2.json')).toBe('role_111122223333_app_unseen_p2');
  });
});

describe('policies alone', () => {
  const [one, two] = [1, 2].map((n) => ({
    identity: { ...identity, name: `app-${n}` },
    form: 'policies' as const,
    documents: Array.from({ length: n }, (): PolicyDocument => ({ version: '2012-10-17', statements: [] })),
    files: ['policy.json', 'policy-2.json'].slice(0, n),
  }));
  if (!one || !two) throw new Error('two');

  test('are one JSON value', () => {
    expect(JSON.parse(policiesText([one], 'json'))).toEqual({ Version: '2012-10-17', Statement: [] });
    expect(JSON.parse(policiesText([one, two], 'json'))).toHaveLength(3);
    expect(JSON.parse(policiesText([], 'json'))).toEqual([]);
  });

  test('join what is kept unseen where one document has room for both', () => {
    const apart = { ...two, files: ['policy.json', 'policy-unseen.json'] };
    expect(JSON.parse(policiesText([apart], 'json'))).toEqual({ Version: '2012-10-17', Statement: [] });
  });

  test('are templates in a row', async () => {
    const module: unknown = await parse('policy.tf', policiesText([one, two], 'terraform'));
    const labels = [
      terraformName(one.identity, 'policy.json'),
      terraformName(two.identity, 'policy.json'),
      terraformName(two.identity, 'policy-2.json'),
    ];
    expect(at(module, 'resource', 'aws_iam_policy')).toEqual(
      Object.fromEntries(labels.map((label) => [label, expect.anything()])),
    );
    expect(loadAll(policiesText([one, two], 'cloudformation'))).toHaveLength(2);
  });
});
