import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '../../src/iam/json.ts';
import { project } from './cli.ts';

const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
const validators = new Map<string, ReturnType<typeof ajv.compile>>();

/** What is wrong with a value by a schema of `docs/schema`; null for nothing. */
export function schemaErrors(name: string, value: unknown): unknown {
  let validate = validators.get(name);
  if (!validate) {
    const schema: unknown = JSON.parse(readFileSync(join(project, 'docs/schema', `${name}.json`), 'utf8'));
    if (!isObject(schema)) throw new Error(`${name}: not a schema`);
    validate = ajv.compile(schema);
    validators.set(name, validate);
  }
  return validate(value) ? null : validate.errors;
}
