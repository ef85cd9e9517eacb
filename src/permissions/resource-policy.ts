import { dataRows, serviceOf } from '../iam/catalogue.ts';
import { groupBy } from '../iam/order.ts';
import { actionPattern, matches, type Pattern } from '../iam/pattern/pattern.ts';

type Exception = readonly [action: Pattern, can: boolean];

interface Tables {
  /** IAM prefixes without resource-based policies. */
  readonly without: ReadonlySet<string>;
  /** By IAM prefix: actions that are otherwise than their service, and whether something else can allow them. */
  readonly exceptions: ReadonlyMap<string, readonly Exception[]>;
}

const words = (text: unknown): string[] => (typeof text === 'string' ? text.split(' ').filter(Boolean) : []);

/** `data/overrides/resource-policies.json`: a page in each row; `can` and `cannot` are patterns of actions. */
function load(): Tables {
  const rows = dataRows('overrides/resource-policies.json');
  return {
    without: new Set(rows.flatMap((row) => words(row['without']))),
    exceptions: groupBy(
      rows.flatMap(({ can, cannot }): readonly Exception[] => [
        ...words(can).map((action) => [actionPattern(action), true] as const),
        ...words(cannot).map((action) => [actionPattern(action), false] as const),
      ]),
      ([{ text }]) => serviceOf(text),
    ),
  };
}

let tables: Tables | undefined;

/**
 * Whether something else than an identity policy (a resource policy, a key policy, a grant) can have allowed an action (any case) in
 * the account of its resource: of services without resource-based policies nothing can, of all others and of what is not listed it
 * is taken to be able to.
 */
export function otherThanIdentity(action: string): boolean {
  tables ??= load();
  const lower = action.toLowerCase();
  const service = serviceOf(lower);
  const exception = tables.exceptions.get(service)?.find(([pattern]) => matches(pattern, lower));
  return exception ? exception[1] : !tables.without.has(service);
}
