import { actionInfo, expandActions, serviceInfo } from '../../dist/iam/catalogue.js';
import { compile, decide } from '../../dist/iam/decide/evaluate.js';
import { observabilityOf } from '../../dist/permissions/observability.js';
import { logsData } from '../../dist/permissions/selectors.js';

/** @typedef {import('../../dist/iam/policy/policy.js').PolicyDocument} PolicyDocument */
/** @typedef {import('../../dist/permissions/selectors.js').TrailConfig} TrailConfig */
/** @typedef {{ action: string, resource: string, observable: boolean }} Pair */

/** An ARN format (`arn:${Partition}:sqs:${Region}:${Account}:${QueueName}`) as a test, and how much of it is fixed. @param {string} format */
function formatTest(format) {
  const parts = format.split(/\$\{[^}]*\}/);
  const source = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*');
  return { test: new RegExp(`^${source}$`), fixed: parts.join('').length };
}

/** The catalogue's type of a resource: of the formats that fit, the one with most fixed text. @param {string} arn */
function typeOf(arn) {
  const service = serviceInfo(arn.split(':')[2] ?? '');
  let best = '';
  let most = -1;
  for (const { name, arns } of service?.resourceTypes.values() ?? []) {
    for (const format of arns) {
      const { test, fixed } = formatTest(format);
      if (fixed > most && test.test(arn)) [best, most] = [name, fixed];
    }
  }
  return best;
}

/**
 * Every request that could be made in an account: each action with each existing resource it accepts, and the actions
 * that accept none with `*`. `observable`: a trail so configured would show it.
 * @param {readonly string[]} universe ARNs @param {TrailConfig} trails @returns {Pair[]}
 */
export function pairsOf(universe, trails) {
  const services = new Set(universe.map((arn) => arn.split(':')[2] ?? ''));
  /** @type {Map<string, string[]>} */
  const byType = new Map();
  for (const arn of universe) {
    const type = `${arn.split(':')[2]} ${typeOf(arn)}`;
    byType.set(type, [...(byType.get(type) ?? []), arn]);
  }
  return [...services].flatMap((service) =>
    expandActions(`${service}:*`).flatMap((action) => {
      const types = actionInfo(action)?.resourceTypes ?? [];
      const observable = isObservable(action, trails);
      const resources =
        types.length === 0 ? ['*'] : types.flatMap(({ name }) => byType.get(`${service} ${name}`) ?? []);
      return resources.map((resource) => ({ action, resource, observable }));
    }),
  );
}

/** @param {string} action @param {TrailConfig} trails */
export function isObservable(action, trails) {
  const { category, resourceType } = observabilityOf(action);
  // What nothing is known of counts as shown here: the measure compares grants, not evidence.
  if (['management', 'implied', 'no-known-event'].includes(category)) return true;
  if (category !== 'data') return false;
  const level = actionInfo(action)?.accessLevel;
  return logsData(trails, resourceType, level === 'Read' || level === 'List' ? 'read' : 'write', '*');
}

/** Which of the requests policies allow; what hangs on unknown keys counts as allowed. @param {readonly PolicyDocument[]} identity @param {readonly Pair[]} pairs */
export function reached(identity, pairs) {
  const policies = compile({ identity });
  const context = new Map();
  return pairs.map(({ action, resource }) => {
    const { decision } = decide(policies, { action, resource, context, contextIsComplete: false });
    return decision === 'allowed' || decision === 'undetermined';
  });
}

/** Whether policies allow one exact request. @param {readonly PolicyDocument[]} identity */
export function asker(identity) {
  const policies = compile({ identity });
  return (
    /** @type {{ action: string, resource: string, context: Record<string, string[]> }} */ {
      action,
      resource,
      context,
    },
  ) =>
    decide(policies, { action, resource, context: new Map(Object.entries(context)), contextIsComplete: true })
      .decision === 'allowed';
}

/** The actions that Allow statements name, wildcards expanded, lower-cased. @param {readonly PolicyDocument[]} documents */
export function actionsOf(documents) {
  /** @type {Set<string>} */
  const found = new Set();
  for (const { effect, actions } of documents.flatMap(({ statements }) => statements)) {
    if (effect !== 'Allow') continue;
    const named = new Set(
      actions.patterns.flatMap((pattern) => expandActions(pattern)).map((a) => a.toLowerCase()),
    );
    const all = actions.kind === 'only' ? named : expandActions('*').map((a) => a.toLowerCase());
    for (const action of all) if (actions.kind === 'only' || !named.has(action)) found.add(action);
  }
  return found;
}
