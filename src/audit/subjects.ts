import { expandActions, serviceInfo } from '../iam/catalogue.ts';
import { dayText } from '../iam/days.ts';
import { memo } from '../iam/memo.ts';
import { sortedUnique } from '../iam/order.ts';
import type { PolicyDocument } from '../iam/policy/policy.ts';
import type { Entity } from '../current/authorization-details.ts';
import type { HeldPolicy, Holder } from '../current/holder.ts';
import { trustedBy, type Trusted } from '../current/trust.ts';
import { servicesOfSource } from '../permissions/event-source.ts';
import { observabilityOf } from '../permissions/observability.ts';
import type { Account, Seen } from './account.ts';
import type { CredentialRow } from './credential-report.ts';

/** Something to do, as a check sees it. */
export interface Spotted {
  readonly account: string;
  /** An ARN where there is one. */
  readonly subject: string;
  /** What was seen of it. */
  readonly seen: string;
  /** Event IDs. */
  readonly events: readonly string[];
}

export const since = (day: number | undefined, never: string): string =>
  day === undefined ? never : `last used ${dayText(day)}`;
export const listed = (names: readonly string[]): string =>
  names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');

export const roots = ({ activity }: Account): readonly Seen[] =>
  activity?.seen.filter(({ identity }) => identity.kind === 'root') ?? [];
export const people = ({ activity }: Account): readonly Seen[] =>
  activity?.seen.filter(({ identity }) => identity.kind === 'user') ?? [];
/** @param on whom or what it is about; the name where there is no ARN */
export const spot = (
  on: { readonly account: string; readonly arn: string; readonly name?: string },
  seen: string,
  events: readonly string[] = [],
): Spotted => ({ account: on.account, subject: on.arn || (on.name ?? ''), seen, events });
export const wholeAccount = { account: '', arn: '', name: 'the account' };

export const rows = ({ credentials = [] }: Account, isRoot = false): readonly CredentialRow[] =>
  credentials.filter((row) => row.isRoot === isRoot);
/** Users with a password. */
export const signing = (a: Account): readonly CredentialRow[] =>
  rows(a).filter(({ password }) => password.active);
/** Active keys. */
export const keysOf = (a: Account, isRoot = false) =>
  rows(a, isRoot).flatMap((row) =>
    row.keys.flatMap((key, i) => (key.active ? [{ ...key, row, name: `key ${i + 1}` }] : [])),
  );

export const holders = ({ current }: Account): readonly Holder[] => current?.holders ?? [];
export const entities = ({ current }: Account, list: 'roles' | 'users' | 'groups'): readonly Entity[] =>
  (current?.details ?? []).flatMap((page) => page[list]);
export const ownRoles = (a: Account): readonly Entity[] =>
  entities(a, 'roles').filter(({ path }) => !path.startsWith('/aws-'));
export const documentsOf = ({ policies }: Holder) => policies.map(({ document }) => document);

export const isUnused = ({ today, unusedDays }: Account, ...days: readonly (number | undefined)[]): boolean =>
  days.every((day) => day === undefined || today - day >= unusedDays);
/** Whether silence of an account's logs says that something is not used. */
export const isWatched = ({ activity, unusedDays }: Account, account: string): boolean =>
  activity?.gaps(account, unusedDays) === 0;
export const seenOf = (activity: Account['activity'], kind: string, { account, name }: Entity | Holder) =>
  activity?.seen.find(
    ({ identity }) => identity.kind === kind && identity.name === name && identity.accounts.includes(account),
  );

export function trusts(a: Account): readonly { readonly role: Entity; readonly trusted: Trusted }[] {
  return ownRoles(a).flatMap((role) => (trustedBy(role.trust) ?? []).map((trusted) => ({ role, trusted })));
}
export const accountIn = ({ kind, name }: Trusted): string | undefined =>
  kind === 'AWS'
    ? (/^\d{12}$/.exec(name)?.[0] ?? /^arn:[^:]+:(?:iam|sts)::(\d{12}):/.exec(name)?.[1])
    : undefined;

/** Whether anybody whom a trust policy names was seen assuming the role; undefined where that cannot be told. */
export function wasSeen({ activity }: Account, role: Entity, trusted: Trusted): boolean | undefined {
  const assumed = (activity?.seen ?? [])
    .filter((one) => one.assumed.has(role.arn))
    .map(({ identity }) => identity);
  if (trusted.kind === 'Service')
    return assumed.some(({ kind, name }) => kind === 'service' && name === trusted.name);
  const account = accountIn(trusted);
  // What another account does is in its own logs, and what a provider lets in has no name here.
  if (account !== role.account) return undefined;
  const name = /:(?:role|user)\/(?:.*\/)?([^/]+)$/.exec(trusted.name)?.[1];
  return assumed.some((by) => by.account === account && (name === undefined || by.name === name));
}

export const isOfAws = ({ arn = '' }: Pick<HeldPolicy, 'arn'>): boolean =>
  /^arn:[^:]+:iam::aws:policy\//.test(arn);
/** The actions that the Allow statements of a policy name. */
export const allowed = memo(
  ({ statements }: PolicyDocument): ReadonlySet<string> =>
    new Set(
      statements
        .filter(({ effect, actions }) => effect === 'Allow' && actions.kind === 'only')
        .flatMap(({ actions }) => actions.patterns.flatMap(expandActions)),
    ),
);

export const accountOfArn = (arn: string): string => arn.split(':')[4] ?? '';
export const spotArn = (arn: string, seen: string): Spotted =>
  spot({ account: accountOfArn(arn), arn }, seen);

/** Types of which a service's data events are recorded, by its event source. */
export const dataTypesOf = memo((source: string): readonly string[] =>
  sortedUnique(
    servicesOfSource(source)
      .flatMap((prefix) => [...(serviceInfo(prefix)?.actions.values() ?? [])])
      .map(({ name }) => observabilityOf(name))
      .flatMap(({ category, resourceType }) => (category === 'data' ? [resourceType] : [])),
  ),
);
