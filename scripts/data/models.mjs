/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return -- plain JavaScript, run by Node as it is */
// The API models of the pinned SDKs in one form. botocore has the shapes of today; version 2 of the JavaScript SDK has services
// that are no more.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/**
 * @typedef {{ kind: 'struct', members: Member[] } | { kind: 'list' | 'map', of: () => Shape } | { kind: 'string' | 'number' | 'other' }} Shape
 * @typedef {{ name: string, wire: string, required: boolean, payload: boolean, shape: () => Shape }} Member
 * @typedef {{ name: string, method: string, uri: string, unsigned: boolean, input: () => Shape, output: () => Shape }} Operation
 * @typedef {{ id: string, signingName: string, endpointPrefix: string, name: string, operations: Map<string, Operation> }} Model
 */

/** @param {string} id @returns {string} `Elastic Load Balancing v2` -> `elastic-load-balancing-v2` */
const kebab = (id) => id.toLowerCase().replace(/[^a-z0-9]+/g, '-');

/** @type {Shape} */
const nothing = { kind: 'other' };

/** The models of `aws-sdk` 2, the newest of each API, by id. @param {string} folder @returns {Map<string, Model>} */
export const version2 = (folder) =>
  byId(
    readdirSync(join(folder, 'apis'))
      .sort()
      .filter((file) => file.endsWith('.min.json'))
      .map((file) =>
        modelOf(readFileSync(join(folder, 'apis', file)), file.replace(/-\d{4}-\d{2}-\d{2}\.min\.json$/, '')),
      ),
  );

/** The models of botocore, the newest of each API, by id. @param {string} folder @returns {Map<string, Model>} */
export const newest = (folder) =>
  byId(
    readdirSync(join(folder, 'data'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }) => {
        const versions = readdirSync(join(folder, 'data', name)).sort();
        const file = join(folder, 'data', name, versions.at(-1) ?? '', 'service-2.json.gz');
        return existsSync(file) ? [modelOf(gunzipSync(readFileSync(file)), name)] : [];
      }),
  );

/** The last of an id counts. @param {Model[]} models @returns {Map<string, Model>} */
const byId = (models) => new Map(models.map((model) => [model.id, model]));

/** @param {Buffer} text an API in AWS's JSON @param {string} name @returns {Model} */
function modelOf(text, name) {
  const raw = JSON.parse(text.toString());
  const { endpointPrefix, signingName = endpointPrefix, serviceId } = raw.metadata;
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
    if (ref.type === 'map') return { kind: 'map', of: () => shapeOf(ref.value) };
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
  return { id: kebab(serviceId ?? name), signingName, endpointPrefix, name, operations };
}
