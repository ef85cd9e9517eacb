import { claimOf } from '../../iam/decide/claim.ts';
import { conditionHolds } from '../../iam/decide/condition.ts';
import { InputError } from '../../iam/input-error.ts';
import { byCodeUnit, groupBy, sortedUnique } from '../../iam/order.ts';
import {
  allowingOnAll,
  latest,
  type Condition,
  type PolicyDocument,
  type Statement,
  byOperatorAndKey,
} from '../../iam/policy/policy.ts';
import { type OfAccount, principalAccount, principalAccountKey } from '../usage/merged-evidence.ts';
import type { Today } from './today.ts';
import type { OriginatedGrant } from './grant.ts';

const operator = 'StringEquals';

/**
 * Today's policies of roles of one name, as one: what all accounts have stands as it is, all else is limited to the accounts
 * that have it. In each account this says exactly what the role there holds.
 * @throws InputError for a statement that cannot be limited
 */
export function todayAcross(parts: readonly OfAccount<Today>[]): Today {
  const accounts = sortedUnique(parts.map(({ account }) => account));
  const dated = parts.flatMap(({ account, of: { identity, made } }) =>
    identity.map((document, i) => ({ account, document, made: made?.[i] })),
  );
  const documents = [...groupBy(dated, ({ made }) => made)]
    .sort(([a = Infinity], [b = Infinity]) => a - b)
    .map(([made, list]) => ({ made, document: joined(list, accounts) }))
    .filter(({ document }) => document.statements.length > 0);
  const limits = parts.map(({ account, of: { boundary } }) => ({
    account,
    // What a role without a boundary may be given.
    document: boundary ?? allowingOnAll(['*']),
  }));
  return {
    identity: documents.map(({ document }) => document),
    made: documents.map(({ made }) => made),
    boundary: parts.some(({ of }) => of.boundary) ? joined(limits, accounts) : undefined,
  };
}

function joined(
  documents: readonly { readonly account: string; readonly document: PolicyDocument }[],
  accounts: readonly string[],
): PolicyDocument {
  const statements = documents.flatMap(({ account, document }) =>
    latest(document)
      .statements.flatMap((statement) => within(account, statement))
      .map((statement) => ({ account, statement })),
  );
  const same = groupBy(statements, ({ statement: { effect, actions, resources, conditions } }) =>
    JSON.stringify([effect, actions, resources, conditions]),
  );
  return {
    version: '2012-10-17',
    statements: [...same.values()].map((list) => {
      const [{ statement }] = list;
      const own = sortedUnique(list.map(({ account }) => account));
      return own.length === accounts.length ? statement : limited(statement, own);
    }),
  };
}

const isAboutAccount = (condition: Condition): boolean => condition.key.toLowerCase() === principalAccountKey;

/** Of a statement of `todayAcross`: which accounts it is limited to. */
const isLimit = (condition: Condition): boolean =>
  isAboutAccount(condition) &&
  condition.operator === operator &&
  !condition.values.some((v) => v.includes('$'));

/** A statement as it reads in one account: without what its conditions say of the account, or not at all. */
function within(account: string, statement: Statement): readonly Statement[] {
  const context = { values: new Map([[principalAccountKey, [account]]]), isComplete: false };
  const conditions: Condition[] = [];
  for (const condition of statement.conditions) {
    const holds = isAboutAccount(condition) ? conditionHolds(claimOf(condition, true), context) : undefined;
    if (holds === false) return [];
    if (holds !== true) conditions.push(condition);
  }
  return [{ ...statement, conditions }];
}

function limited(statement: Statement, accounts: readonly string[]): Statement {
  // One operator and key stand once in a statement.
  if (statement.conditions.some((one) => isAboutAccount(one) && one.operator === operator))
    throw new InputError(
      `a statement on ${statement.actions.patterns.join(', ')} compares ${principalAccount} with a variable and is not held in every account, so it cannot be merged; leave out --merge-accounts`,
    );
  const condition = { operator, key: principalAccount, values: accounts };
  return { ...statement, conditions: [...statement.conditions, condition].sort(byOperatorAndKey) };
}

const contentOf = ({ action, resources, conditions }: OriginatedGrant): string =>
  JSON.stringify([action, resources, conditions.filter((one) => !isLimit(one))]);

/** Grants with one in the place of those that together give the same in every account that the policies are for. */
export function inAll(
  grants: readonly OriginatedGrant[],
  accounts: readonly string[],
): readonly OriginatedGrant[] {
  return [...groupBy(grants, contentOf).values()].flatMap((alike) => {
    const [first] = alike;
    const own = new Set(alike.flatMap(({ conditions }) => conditions.find(isLimit)?.values ?? []));
    if (!accounts.every((account) => own.has(account))) return alike;
    const origin = alike.some((grant) => grant.origin === 'used') ? 'used' : 'kept';
    return [{ ...first, origin, conditions: first.conditions.filter((one) => !isLimit(one)) }];
  });
}

/** What policies grant or deny in some accounts only, a line for each such set of accounts. */
export function exceptions(documents: readonly PolicyDocument[]): readonly string[] {
  const limits = documents
    .flatMap(({ statements }) => statements)
    .flatMap(({ effect, actions, conditions }) => {
      const values = conditions.find(isLimit)?.values;
      return values ? [{ effect, actions, own: values }] : [];
    });
  return [
    ...groupBy(limits, ({ effect, own }) => `${effect === 'Deny' ? 'denied ' : ''}only in ${own.join(', ')}`),
  ]
    .sort(([a], [b]) => byCodeUnit(a, b))
    .map(([where, list]) => {
      const named = list.flatMap(({ actions: { kind, patterns } }) =>
        kind === 'only' ? patterns : [`all but ${patterns.join(', ')}`],
      );
      return `${where}, because today's policies of the other accounts do not say the same: ${sortedUnique(named).join(', ')}`;
    });
}
