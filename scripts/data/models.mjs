/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return -- plain JavaScript, run by Node as it is */
// The API models of the pinned SDK packages in one form. Version 3 has the shapes of today; version 2 has what version 3
// dropped: the names that members have on the wire where those differ, and services that are no more.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {{ kind: 'struct', members: Member[] } | { kind: 'list', of: () => Shape } | { kind: 'map' | 'string' | 'number' | 'other' }} Shape
 * @typedef {{ name: string, wire: string, required: boolean, payload: boolean, shape: () => Shape }} Member
 * @typedef {{ name: string, method: string, uri: string, unsigned: boolean, input: () => Shape, output: () => Shape }} Operation
 * @typedef {{ id: string, signingName: string, endpointPrefix: string, name: string, operations: Map<string, Operation> }} Model
 */

/** @param {string} id @returns {string} `Elastic Load Balancing v2` -> `elastic-load-balancing-v2` */
const kebab = (id) => id.toLowerCase().replace(/[^a-z0-9]+/g, '-');

/** @type {Shape} */
const nothing = { kind: 'other' };

/** The models of `aws-sdk` 2, the newest of each API, by id. @param {string} folder @returns {Map<string, Model>} */
export function version2(folder) {
  const models = new Map();
  for (const file of readdirSync(join(folder, 'apis')).sort()) {
    if (!file.endsWith('.min.json')) continue;
    const raw = JSON.parse(readFileSync(join(folder, 'apis', file), 'utf8'));
    const { endpointPrefix, signingName = endpointPrefix, serviceId } = raw.metadata;
    const name = file.replace(/-\d{4}-\d{2}-\d{2}\.min\.json$/, '');
    const shapes = new Map();
    /** @returns {Shape} */
    const shapeOf = (ref) => {
      if (ref === undefined) return nothing;
      if (ref.shape !== undefined && ref.type === undefined) {
        const known = shapes.get(ref.shape);
        if (known !== undefined) return known;
        const made = shapeOf(raw.shapes[ref.shape]);
        shapes.set(ref.shape, made);
        return made;
      }
      if (ref.type === 'structure') {
        const required = new Set(ref.required ?? []);
        return {
          kind: 'struct',
          members: Object.entries(ref.members ?? {}).map(([member, inner]) => ({
            name: member,
            wire: inner.locationName ?? member,
            required: required.has(member),
            payload: ref.payload === member,
            shape: () => shapeOf(inner),
          })),
        };
      }
      if (ref.type === 'list') return { kind: 'list', of: () => shapeOf(ref.member) };
      if (ref.type === 'map') return { kind: 'map' };
      if (ref.type === undefined || ref.type === 'string' || ref.type === 'character')
        return { kind: 'string' };
      return { kind: ['integer', 'long'].includes(ref.type) ? 'number' : 'other' };
    };
    const operations = new Map(
      Object.entries(raw.operations).map(([operation, facts]) => [
        operation,
        {
          name: operation,
          method: facts.http?.method ?? 'POST',
          uri: facts.http?.requestUri ?? '/',
          unsigned: facts.authtype === 'none' || facts.auth?.includes('smithy.api#noAuth') === true,
          input: () => shapeOf(facts.input),
          output: () => shapeOf(facts.output),
        },
      ]),
    );
    const id = kebab(serviceId ?? name);
    models.set(id, { id, signingName, endpointPrefix, name, operations });
  }
  return models;
}

/** The schemas of a version 3 client: its module without imports and registries. @param {string} text */
function schemasOf(text) {
  const plain = text
    .replace(/^import [\s\S]*?;$/gm, '')
    .replace(/^.*\b(TypeRegistry|registerError)\b.*$/gm, '')
    .replace(/^export const errorTypeRegistries[\s\S]*?^\];?$/m, '')
    .replace(/^export (var|const) /gm, '$1 ');
  const operations = [...plain.matchAll(/^var (\w+\$) = \[\s*9,/gm)].map(([, name]) => name);
  return new Function(`${plain}\nreturn [${operations.join(',')}];`)();
}

/** One client package of version 3; undefined where it holds no schemas. @param {string} folder @returns {Model | undefined} */
export function version3(folder) {
  const read = (path) => {
    const file = join(folder, 'dist-es', path);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  };
  if (!existsSync(join(folder, 'dist-es/schemas'))) return undefined;
  const text = readdirSync(join(folder, 'dist-es/schemas'))
    .sort()
    .map((file) => read(`schemas/${file}`))
    .join('\n');
  const auth = read('auth/httpAuthSchemeProvider.js');
  const id = kebab(
    /serviceId: config\?\.serviceId \?\? "([^"]+)"/.exec(read('runtimeConfig.shared.js'))?.[1] ?? '',
  );
  const signingName = /defaultSigningName: "([^"]+)"/.exec(read('endpoint/EndpointParameters.js'))?.[1] ?? id;
  const host = /https:\/\/([a-z0-9.-]+?)(?:-fips)?\.\{/.exec(
    read('endpoint/bdd.js') + read('endpoint/ruleset.js'),
  );
  const unsigned = new Set();
  for (const [, cases = ''] of auth.matchAll(
    /((?:case "\w+":\s*)+)\{\s*options\.push\(createSmithyApiNoAuth/g,
  )) {
    for (const [, name] of cases.matchAll(/case "(\w+)"/g)) unsigned.add(name);
  }
  const shapes = new Map();
  /** @returns {Shape} */
  const shapeOf = (raw) => {
    const ref = typeof raw === 'function' ? raw() : raw;
    if (typeof ref === 'number') {
      if (ref & 128) return { kind: 'map' };
      if (ref & 64) return { kind: 'list', of: () => shapeOf(ref & 63) };
      return { kind: ref === 0 ? 'string' : ref === 1 ? 'number' : 'other' };
    }
    if (typeof ref === 'string') return nothing;
    const known = shapes.get(ref);
    if (known !== undefined) return known;
    const made = madeOf(ref);
    shapes.set(ref, made);
    return made;
  };
  /** @returns {Shape} */
  const madeOf = (ref) => {
    const [kind] = ref;
    if (kind === 0) return shapeOf(ref[4]);
    if (kind === 1) return { kind: 'list', of: () => shapeOf(memberRef(ref[4])[0]) };
    if (kind === 2) return { kind: 'map' };
    if (kind !== 3 && kind !== 4) return nothing;
    const [, , , , names, refs, requiredCount = 0] = ref;
    return {
      kind: 'struct',
      members: names.map((name, index) => {
        const [target, traits] = memberRef(refs[index]);
        const has = typeof traits === 'object' ? traits : {};
        return {
          name,
          wire: has.httpHeader ?? has.httpQuery ?? has.jsonName ?? has.xmlName ?? name,
          required: kind === 3 && index < requiredCount,
          payload: (typeof traits === 'number' && (traits & 16) !== 0) || has.httpPayload === 1,
          shape: () => shapeOf(target),
        };
      }),
    };
  };
  // A member is a schema, or a schema with traits of the member's own.
  const memberRef = (raw) =>
    Array.isArray(raw) && (raw.length === 2 || typeof raw[1] !== 'number' || raw.length < 4)
      ? [raw[0], raw[1]]
      : [raw, 0];
  const operations = new Map();
  for (const [, , name, traits, input, output] of schemasOf(text)) {
    const [method = 'POST', uri = '/'] = (typeof traits === 'object' && traits.http) || [];
    operations.set(name, {
      name,
      method,
      uri,
      unsigned: unsigned.has(name),
      input: () => shapeOf(input),
      output: () => shapeOf(output),
    });
  }
  return {
    id,
    signingName,
    endpointPrefix: (host?.[1] ?? signingName).replace(/-fips|\.us-gov/g, ''),
    name: id,
    operations,
  };
}
