import { actionInfo, dataRows, serviceOf } from '../iam/catalogue.ts';

interface Tables {
  /** IAM prefixes without resource-based policies. */
  readonly without: ReadonlySet<string>;
  /** Actions, lower-cased, that are otherwise than their service. */
  readonly exceptions: ReadonlyMap<string, boolean>;
}

const words = (text: unknown): string[] => (typeof text === 'string' ? text.split(' ').filter(Boolean) : []);

/** `data/overrides/resource-policies.json`: a page in each row. */
function load(): Tables {
  const without = new Set<string>();
  const exceptions = new Map<string, boolean>();
  for (const row of dataRows('overrides/resource-policies.json')) {
    for (const prefix of words(row['without'])) without.add(prefix);
    for (const action of words(row['can'])) exceptions.set(action.toLowerCase(), true);
    for (const action of words(row['cannot'])) exceptions.set(action.toLowerCase(), false);
  }
  return { without, exceptions };
}

let tables: Tables | undefined;

/**
 * Whether something else than an identity policy (a resource policy, a key policy, a grant) can have allowed an action in
 * the account of its resource: of services that AWS lists without resource-based policies nothing can, of all others and of
 * what is not listed it is taken to be able to.
 */
export function otherThanIdentity(action: string): boolean {
  tables ??= load();
  const known = actionInfo(action)?.name ?? action;
  return tables.exceptions.get(known.toLowerCase()) ?? !tables.without.has(serviceOf(known).toLowerCase());
}
