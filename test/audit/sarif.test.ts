import { Ajv } from 'ajv';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { isObject } from '../../src/iam/json.ts';
import { allow, attached, managed } from '../current/details-fixture.ts';
import { run } from '../cli/cli.ts';
import { arnOf, clean, filesOf, rootIdentity, signIn } from './planted.ts';

/** The schema of SARIF 2.1.0, with what draft 4 of JSON Schema names otherwise left out: nothing in it uses those words. */
function schema(): object {
  const matchers = createRequire(import.meta.url).resolve('@microsoft/jest-sarif/package.json');
  const file = join(dirname(matchers), 'lib', 'schemas', 'sarif-2.1.0-rtm.5.json');
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const { $schema, id, ...rest } = isObject(parsed) ? parsed : {};
  expect([$schema, id]).toEqual([
    'http://json-schema.org/draft-04/schema#',
    expect.stringContaining('sarif-2.1.0'),
  ]);
  return rest;
}

async function sarifOf(account: ReturnType<typeof clean>): Promise<unknown> {
  const { db, current, credentialReport, passwordPolicy, trailConfig } = await filesOf(account);
  const inputs = ['--current', current, '--credential-report', credentialReport];
  const more = ['--password-policy', passwordPolicy, '--trail-config', trailConfig];
  return JSON.parse(run(['audit', '--sarif', '--unused', '10d', '--db', db, ...inputs, ...more]).out);
}

test('SARIF of an account with findings of every kind, and of one without any, is valid by its schema', async () => {
  const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema());
  const errorsOf = (value: unknown): unknown => (validate(value) ? null : validate.errors);
  const spoilt = clean();
  spoilt.events.push(signIn(rootIdentity(), 'No'));
  spoilt.trails = [];
  spoilt.passwords = { PasswordPolicy: null };
  spoilt.policies = [managed(arnOf('policy/app'), allow('*'))];
  Object.assign(spoilt.users[0] ?? {}, { ...attached(arnOf('policy/app')), GroupList: [] });
  const sarif = await sarifOf(spoilt);
  expect(errorsOf(sarif)).toBeNull();
  expect(errorsOf(await sarifOf(clean()))).toBeNull();
  const levels = (isObject(sarif) ? JSON.stringify(sarif['runs']) : '').match(/"level":"\w+"/g);
  expect(new Set(levels)).toEqual(new Set(['"level":"error"', '"level":"warning"', '"level":"note"']));
  // The schema can say no.
  const refused: unknown = JSON.parse(JSON.stringify(sarif).replace('"level":"error"', '"level":"grave"'));
  expect(errorsOf(refused)).not.toBeNull();
});
