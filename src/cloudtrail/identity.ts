import { memo } from '../iam/memo.ts';
import { byCodeUnit, groupBy, sortedUnique } from '../iam/order.ts';
import type { Principal, PrincipalKind } from './principal.ts';

/** One principal as a person knows it: all the ways records showed it, joined. */
export interface Identity {
  readonly kind: PrincipalKind;
  readonly name: string;
  /** The ARN with the longest path seen; for a permission set a pattern over its roles in every account. */
  readonly arn: string;
  /** The account, or `*` for a permission set seen in several, or one role in several. */
  readonly account: string;
  readonly accounts: readonly string[];
  /** More than one when the role or user was deleted and made again. */
  readonly uniqueIds: readonly string[];
  /** Every ARN seen, for look-ups. */
  readonly arns: readonly string[];
  /** Row ids in the index. */
  readonly ids: readonly number[];
  /** Set where another of its kind and account has the same name but for case, which not every file system tells apart; not of one without capitals. */
  readonly hasNamesake?: true;
  /** The role of each account, sorted by account, where one policy is asked for all of them. */
  readonly parts?: readonly Identity[];
}

/** Whether policies of this kind of principal can be written. */
export const canHoldPolicies = (kind: PrincipalKind): boolean =>
  kind === 'role' || kind === 'user' || kind === 'permission-set';

type IdentityRow = Principal & { readonly id: number };

/** IAM names are unique within an account whatever their path, so account and name tell who is meant. */
const isSame = (a: Principal, b: Principal): boolean =>
  a.name === b.name &&
  a.account === b.account &&
  a.kind === b.kind &&
  (canHoldPolicies(a.kind) || a.arn === b.arn);

const isSet = ({ kind }: Principal): boolean => kind === 'permission-set';

/** The rows of each principal; those of a permission set lie in several accounts, all others follow one another. */
function* grouped(rows: Iterable<IdentityRow>): Generator<readonly [IdentityRow, ...IdentityRow[]]> {
  const sets: IdentityRow[] = [];
  let group: [IdentityRow, ...IdentityRow[]] | undefined;
  for (const row of rows) {
    if (isSet(row)) sets.push(row);
    else if (group && isSame(group[0], row)) group.push(row);
    else {
      if (group) yield group;
      group = [row];
    }
  }
  if (group) yield group;
  yield* groupBy(sets, ({ name }) => name).values();
}

/** Joins the rows of the index, sorted by kind, account and name, that are one principal; in the same order. */
export function identities(rows: Iterable<IdentityRow>): readonly Identity[] {
  const found = Array.from(grouped(rows), identityOf).sort(
    (a, b) =>
      byCodeUnit(a.kind, b.kind) ||
      byCodeUnit(a.account, b.account) ||
      byCodeUnit(a.name, b.name) ||
      byCodeUnit(a.arn, b.arn),
  );
  const hasCapitals = ({ kind, name }: Identity): boolean =>
    canHoldPolicies(kind) && name !== name.toLowerCase();
  if (!found.some(hasCapitals)) return found;
  const plain = ({ kind, account, name }: Identity): string =>
    [kind, account, name.toLowerCase()].join('\u0000');
  const alike = new Map<string, number>();
  for (const identity of found) alike.set(plain(identity), (alike.get(plain(identity)) ?? 0) + 1);
  return found.map((identity) =>
    hasCapitals(identity) && alike.get(plain(identity)) !== 1 ? { ...identity, hasNamesake: true } : identity,
  );
}

/** The accounts of very many are the same list. */
const accountsIn = memo((joined: string): readonly string[] => joined.split(' ').filter(Boolean));

function identityOf(group: readonly [IdentityRow, ...IdentityRow[]]): Identity {
  const [first] = group;
  const accounts = accountsIn(sortedUnique(group.map((row) => row.account)).join(' '));
  const arns = sortedUnique(group.map((row) => row.arn).filter(Boolean));
  const [account = ''] = accounts;
  return {
    kind: first.kind,
    name: first.name,
    arn:
      first.kind === 'permission-set'
        ? permissionSetArn(first.name, account, accounts.length)
        : longest(arns),
    account: accounts.length > 1 ? '*' : account,
    accounts,
    uniqueIds: sortedUnique(group.map((row) => row.uniqueId).filter(Boolean)),
    arns,
    ids: group.map((row) => row.id).sort((a, b) => a - b),
  };
}

/** Roles of a permission set lie under /aws-reserved/sso.amazonaws.com/ (Identity Center User Guide, "Referencing permission sets in resource policies"). */
const permissionSetArn = (name: string, account: string, accounts: number): string =>
  `arn:aws:iam::${accounts === 1 ? account : '*'}:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_${name}_*`;

/** Roles of one name in several accounts as one. */
export function acrossAccounts(name: string, roles: readonly Identity[]): Identity {
  const parts = [...roles].sort((a, b) => byCodeUnit(a.account, b.account));
  const places = sortedUnique(
    parts.map(({ arn }) => arn.replace(/^(arn:[^:]*:iam::)\d*/, '$1*')).filter(Boolean),
  );
  const [place = ''] = places;
  return {
    kind: 'role',
    name,
    // Their paths may differ.
    arn: places.length === 1 ? place : `${place.split('/', 1).join('')}/*${name}`,
    account: '*',
    accounts: sortedUnique(parts.flatMap(({ accounts }) => accounts)),
    uniqueIds: parts.flatMap(({ uniqueIds }) => uniqueIds),
    arns: sortedUnique(parts.flatMap(({ arns }) => arns)),
    ids: parts.flatMap(({ ids }) => ids),
    parts,
  };
}

const longest = (arns: readonly string[]): string =>
  arns.reduce((best, arn) => (arn.length > best.length ? arn : best), '');
