import { createHash } from 'node:crypto';
import { actionInfo, serviceOf } from '../../iam/catalogue.ts';
import { sortedUnique } from '../../iam/order.ts';
import type { Statement } from '../../iam/policy/policy.ts';

type Named = Omit<Statement, 'sid'> & { readonly origin: 'used' | 'kept' };

/**
 * Statement ids that say what a statement is about: service, kind of access, and the resource where there is one.
 * A function of the statement itself, so that no other statement's change renames it; statements that would share
 * a name get a digest of their content behind it. Letters and digits only, as IAM wants them.
 */
export function withSids(statements: readonly Named[]): readonly Statement[] {
  const names = statements.map(nameOf);
  const count = new Map<string, number>();
  for (const name of names) count.set(name, (count.get(name) ?? 0) + 1);
  return statements.map(({ effect, actions, resources, conditions }, i) => {
    const name = names[i] ?? '';
    const sid = (count.get(name) ?? 0) > 1 ? name + digest({ actions, resources, conditions }) : name;
    return { sid, effect, actions, resources, conditions };
  });
}

/** Longest part taken of a name in a resource. */
const maxPart = 24;

function nameOf({ actions, resources, origin, conditions }: Named): string {
  const services = sortedUnique(actions.patterns.map(serviceOf));
  const service = services.length <= 2 ? services.map(pascal).join('') : 'Services';
  const first = resources.patterns[0] ?? '*';
  const where = resources.kind === 'except' ? 'Except' : first === '*' ? 'All' : pascal(tail(first));
  const many = resources.patterns.length > 1 ? 'Etc' : '';
  return `${origin === 'kept' ? 'Unseen' : ''}${service}${levels(actions.patterns)}${where}${many}${conditions.length > 0 ? 'If' : ''}`;
}

function levels(actions: readonly string[]): string {
  const found = new Set(actions.map((action) => actionInfo(action)?.accessLevel ?? 'Write'));
  if (found.has('Permissions management')) return 'Permissions';
  if (found.has('Write')) return found.size === 1 ? 'Write' : 'Use';
  if (found.has('Tagging')) return 'Tag';
  return found.has('Read') ? 'Read' : 'List';
}

/** The name at the end of an ARN, without wildcards: `arn:aws:s3:::app-data/in/*` -> `app-data/in`. */
function tail(arn: string): string {
  const resource = arn.split(':').slice(5).join('/') || arn;
  const parts = resource.split('/').filter((part) => /[A-Za-z0-9]/.test(part));
  return parts.slice(-2).join('/');
}

const pascal = (text: string): string =>
  text
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('')
    .slice(0, maxPart);

const digest = ({
  actions,
  resources,
  conditions,
}: Pick<Statement, 'actions' | 'resources' | 'conditions'>): string =>
  createHash('sha256')
    .update(JSON.stringify([actions, resources, conditions]))
    .digest('hex')
    .slice(0, 6);
