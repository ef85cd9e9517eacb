import { catalogueVersion, expandActions, serviceInfo, servicePrefixes } from '../catalogue.ts';
import { found, type Finding } from './finding.ts';
import { editDistance, nearest } from '../nearest.ts';
import type { Statement } from '../policy/policy.ts';

/** Findings on the Action element: its names. */
export function checkActions({ effect, actions }: Statement, path: string): Finding[] {
  const own = `${path}.${actions.kind === 'only' ? 'Action' : 'NotAction'}`;
  if (actions.patterns.length === 0) return [found('empty-list.actions', own)];
  const findings = actions.patterns.flatMap((action) => checkAction(action, own));
  const isOpen = effect === 'Allow' && actions.kind === 'except';
  return isOpen ? [...findings, found('not-action-allow', own)] : findings;
}

function checkAction(action: string, path: string): Finding[] {
  if (action === '*' || action === '*:*') return [];
  const colon = action.indexOf(':');
  const [prefix, name] = [action.slice(0, colon), action.slice(colon + 1)];
  const service = serviceInfo(prefix);
  if (service === undefined)
    return [unknown('unknown-service', path, JSON.stringify(prefix), prefix, servicePrefixes())];
  if (expandActions(action).length > 0) return [];
  const known = [...service.actions.values()].map((info) => info.name.slice(colon + 1));
  const message = `${service.name} has no action ${JSON.stringify(name)}`;
  return [unknown('unknown-action', path, message, name, known, `${prefix}:`)];
}

/** More letters than this are no slip of the pen: AWS retires services and actions, and adds some after the data were made. */
const SLIP = 2;

/** A name that AWS does not have: an error where it is one of AWS's with a slip. */
export function unknown(
  check: string,
  path: string,
  message: string,
  name: string,
  known: readonly string[],
  prefix = '',
): Finding {
  const meant = nearest(name, known);
  const fix = meant === undefined ? 'check the name' : `did you mean ${JSON.stringify(prefix + meant)}?`;
  if (meant !== undefined && editDistance(name.toLowerCase(), meant.toLowerCase()) <= SLIP)
    return found(check, path, [message, '', fix], 'error');
  const [, year, month, day] = /(\d{4})(\d\d)(\d\d)/.exec(catalogueVersion().version) ?? [];
  return found(check, path, [message, ` in the data of ${year}-${month}-${day}`, fix]);
}
