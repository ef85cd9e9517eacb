/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return -- plain JavaScript, run by Node as it is */
// Requests with everything in them, made from the API models of the `aws-sdk` package, which scripts/data/fetch.mjs fetches: what
// a call needs only when its request shows it (a role, tags, an ACL, a version, a key) is graded with these, where they are.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('data/node_modules/aws-sdk/apis/', import.meta.url));
/** Whether there are models to grade with. */
export const hasModels = existsSync(folder);

/** Models by every name an event source may have; the newest version of an API last, which wins. @type {Map<string, any[]>} */
const models = new Map();
for (const file of (hasModels ? readdirSync(folder) : [])
  .filter((name) => name.endsWith('.min.json'))
  .sort()) {
  const model = JSON.parse(readFileSync(`${folder}${file}`, 'utf8'));
  const { endpointPrefix = '', signingName = '', serviceId = '' } = model.metadata;
  const name = file.replace(/-\d{4}-\d{2}-\d{2}\.min\.json$/, '');
  for (const host of new Set([
    endpointPrefix,
    signingName,
    name,
    serviceId.replaceAll(' ', '-').toLowerCase(),
  ]))
    if (host !== '') models.set(host, [model, ...(models.get(host) ?? [])]);
}

/**
 * Members that hold one of a few words by every use of them in the package's declarations, with the first such word:
 * a chat member's `Role` is no IAM role. @type {Map<string, Map<string, string>>}
 */
const words = new Map();
const declarations = fileURLToPath(new URL('data/node_modules/aws-sdk/clients/', import.meta.url));
const clients = new Set(hasModels ? readdirSync(declarations) : []);

/** @param {any} model */
function wordsOf(model) {
  const { serviceId = '', endpointPrefix } = model.metadata;
  const file = [serviceId.replace(/[^A-Za-z0-9]/g, '').toLowerCase(), endpointPrefix]
    .map((name) => `${name}.d.ts`)
    .find((name) => clients.has(name));
  if (file === undefined) return new Map();
  const known = words.get(file);
  if (known !== undefined) return known;
  const code = readFileSync(`${declarations}${file}`, 'utf8');
  const unions = new Map(
    [...code.matchAll(/export type (\w+) = "([^"]*)"\|/g)].map(([, type, word]) => [type, word]),
  );
  const found = new Map();
  const others = new Set();
  for (const [, member, type] of code.matchAll(/^ +'?(\w+)'?\??: (\w+);$/gm)) {
    if (unions.has(type)) found.set(member, unions.get(type));
    else others.add(member);
  }
  for (const member of others) found.delete(member);
  // A plain `role` whose description speaks of no IAM role is one of the service's own.
  for (const [, description = '', member] of code.matchAll(
    /\/\*\*((?:(?!\*\/)[^])*)\*\/\s+(role)\??: \w+;/gi,
  ))
    if (!/\bIAM\b|\bARN\b|Amazon Resource Name/.test(description)) found.set(member, 'member');
  words.set(file, found);
  return found;
}

const account = '123456789012';
const region = 'us-east-1';
const roleArn = `arn:aws:iam::${account}:role/passed`;
const keyArn = `arn:aws:kms:${region}:${account}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;

/** @param {string} name @param {any} model */
function text(name, model) {
  const word = wordsOf(model).get(name);
  if (word !== undefined) return word;
  if (/role(arns?|s)?$|rolearn/i.test(name) && !/session|type|policy|alias/i.test(name)) return roleArn;
  if (/rolename$/i.test(name)) return 'passed';
  if (/kms.*key|kmskeyid|kmskeyarn|masterkeyid/i.test(name)) return keyArn;
  return name === 'CopySource' ? 'app-data/key?versionId=v1' : 'app-data';
}

/** A value of a shape with every member that it may have. @param {any} model @param {any} shape @param {string} name @param {number} depth */
function full(model, shape, name, depth) {
  const type = shape?.shape === undefined ? shape : { ...model.shapes[shape.shape], ...shape };
  switch (type?.type) {
    case 'structure': {
      if (depth > 6) return undefined;
      const members = Object.entries(type.members ?? {}).map(([member, inner]) => [
        inner.location === 'header' && inner.locationName?.startsWith('x-amz')
          ? inner.locationName
          : lowerFirst(member),
        full(model, inner, member, depth + 1),
      ]);
      return Object.fromEntries(members.filter(([, value]) => value !== undefined));
    }
    case 'list': {
      const item = full(model, type.member, name, depth + 1);
      return item === undefined ? undefined : [item];
    }
    case 'map': {
      const value = full(model, type.value, name, depth + 1);
      return value === undefined ? undefined : { team: value };
    }
    case 'boolean':
      return true;
    case 'integer':
    case 'long':
    case 'float':
    case 'double':
      return 1;
    case 'blob':
    case 'timestamp':
      return undefined;
    default:
      return text(name, model);
  }
}

const lowerFirst = (name) => name.charAt(0).toLowerCase() + name.slice(1);

/** The fullest request of an operation; undefined when no model has it. @param {string} stem @param {string} eventName */
export function fullRequest(stem, eventName) {
  const plain = eventName.replace(/(19|20)\d\d_?\d\d_?\d\d(v\d+)?$/, '');
  for (const model of models.get(stem) ?? models.get(stem.split('.')[0]) ?? []) {
    const operation = model.operations[eventName] ?? model.operations[plain];
    if (operation !== undefined) return full(model, operation.input ?? { type: 'structure' }, '', 0) ?? {};
  }
  return undefined;
}

/** Kinds of permission that a call needs only on evidence, and how a request shows it. */
export const kinds = {
  'pass-role': {
    is: (action) => action === 'iam:passrole',
    shows: (json) => json.includes(':role/passed"') || /[rR]oleName":"passed/.test(json),
  },
  'tag-on-create': { is: (_, level) => level === 'Tagging', shows: (json) => /tag/i.test(json) },
  acl: {
    is: (action) => /^s3:put(object|bucket|objectversion)acl$/.test(action),
    shows: (json) => /x-amz-(acl|grant)/.test(json),
  },
  version: {
    is: (action) => /^s3:(get|delete|put)object\w*version\w*$/.test(action) && !action.endsWith('versions'),
    shows: (json) => /versionId"/.test(json),
  },
  kms: { is: (action) => action.startsWith('kms:'), shows: (json) => json.includes(keyArn) },
};
