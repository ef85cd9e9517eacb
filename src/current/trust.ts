import { isObject } from '../iam/json.ts';
import { sortedUnique } from '../iam/order.ts';
import type { Trust } from '../permissions/unusable.ts';
import { documentText } from './authorization-details.ts';

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/**
 * Reads a trust policy, an object or JSON text as AWS gives it; undefined when it cannot be read, and then nothing is known.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function trustOf(document: unknown): Trust | undefined {
  const read = documentText(document, 'trust policy');
  if ('fault' in read) return undefined;
  let policy: unknown;
  try {
    policy = JSON.parse(read.text);
  } catch {
    return undefined;
  }
  if (!isObject(policy)) return undefined;
  const services: string[] = [];
  let others = false;
  for (const statement of list(policy['Statement'])) {
    if (!isObject(statement)) return undefined;
    if (statement['Effect'] !== 'Allow') continue;
    const principal = statement['Principal'];
    if (!isObject(principal)) {
      others = true;
      continue;
    }
    for (const [kind, names] of Object.entries(principal)) {
      if (kind !== 'Service') others = true;
      else for (const name of list(names)) services.push(String(name).toLowerCase().replace(/\.cn$/, ''));
    }
  }
  return { services: sortedUnique(services), others };
}
