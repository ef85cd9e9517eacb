import { spelled } from '../iam/catalogue.ts';
import { dayText } from '../iam/days.ts';
import { isAdministrator, openPaths } from '../iam/decide/escalation.ts';
import { groupBy, sortedUnique } from '../iam/order.ts';
import { dayIn } from '../permissions/last-accessed.ts';
import type { Account } from './account.ts';
import {
  accountIn,
  accountOfArn,
  allowed,
  dataTypesOf,
  documentsOf,
  entities,
  holders,
  isOfAws,
  isUnused,
  isWatched,
  keysOf,
  listed,
  ownRoles,
  people,
  roots,
  rows,
  seenOf,
  signing,
  since,
  spot,
  spotArn,
  trusts,
  wasSeen,
  wholeAccount,
  type Spotted,
} from './subjects.ts';

/** Security Hub's IAM.3: access keys should be rotated every 90 days or less. */
const keyDays = 90;
const passwordDays = 365;
/** A key in use on so many days is in steady use. */
const steadyDays = 5;
const fewNetworks = 2;
/** CIS AWS Foundations Benchmark, as in Security Hub's IAM.15 and IAM.16. */
const passwordLength = 14;
const passwordsRemembered = 24;

const roleAccount = /^arn:[^:]+:iam::(\d{12}):role\//;

type Rule = (account: Account) => readonly Spotted[];

/** When each check of `data/overrides/audit.json` fires. */
export const checks = {
  'root-access-key': (a) =>
    keysOf(a, true).map(({ row, name, lastUsed }) =>
      spot(row, `${name} is active, ${since(lastUsed, 'never used')}`),
    ),
  'root-without-mfa': (a) =>
    rows(a, true)
      .filter(({ mfa }) => !mfa)
      .map((row) => spot(row, 'no MFA device')),
  'root-key-used': (a) =>
    roots(a)
      .filter(({ keys }) => keys.length > 0)
      .map((seen) =>
        spot(
          seen.identity,
          `with ${listed(seen.keys)}; root was last seen ${dayText(seen.lastDay)}`,
          seen.events,
        ),
      ),
  'role-trusts-anybody': (a) =>
    trusts(a)
      .filter(({ trusted: { kind, name, hasCondition } }) => kind === 'AWS' && name === '*' && !hasCondition)
      .map(({ role }) => spot(role, 'its trust policy lets in every AWS account')),
  'sign-in-without-mfa': (a) =>
    [...roots(a), ...people(a)]
      .filter(({ mfaAtSignIn }) => mfaAtSignIn.includes('No'))
      .map(({ identity, mfaAtSignIn, signIns }) =>
        mfaAtSignIn.length === 1
          ? spot(identity, 'signed in to the console, never with MFA', signIns)
          : spot(identity, 'signed in to the console with MFA, and without'),
      ),
  'password-without-mfa': (a) =>
    signing(a)
      .filter(({ mfa }) => !mfa)
      .map((row) => spot(row, `password, ${since(row.password.lastUsed, 'never used')}, no MFA`)),
  'trail-absent': ({ trails }) =>
    trails?.length === 0
      ? [spot(wholeAccount, 'no trail')]
      : [...groupBy(trails ?? [], ({ arn }) => accountOfArn(arn))]
          .filter(([, own]) => own.every(({ allRegions }) => allRegions === false))
          .map(([account, own]) =>
            spot({ account, arn: listed(own.map(({ arn }) => arn)) }, 'records one Region'),
          ),
  'trail-stopped': ({ trails = [] }) =>
    trails.filter(({ logging }) => logging === false).map(({ arn }) => spotArn(arn, 'stopped')),
  'root-used': (a) =>
    roots(a).map((seen) => spot(seen.identity, `last ${dayText(seen.lastDay)}`, seen.events)),
  administrator: (a) =>
    holders(a)
      .filter((holder) => isAdministrator(documentsOf(holder), holder.boundary?.document))
      .map((holder) => {
        const all = holder.policies.filter(({ document }) => isAdministrator([document]));
        return spot(holder, `all actions on all resources, by ${listed(all.map(({ name }) => name))}`);
      }),
  escalation: (a) =>
    holders(a)
      .filter((holder) => !isAdministrator(documentsOf(holder), holder.boundary?.document))
      .flatMap((holder) => {
        const ways = openPaths(documentsOf(holder), holder.boundary?.document).map(({ actions }) =>
          actions.map(spelled).join(' with '),
        );
        return ways.length === 0 ? [] : [spot(holder, `may call ${listed(sortedUnique(ways))}`)];
      }),
  'role-trusts-account': (a) =>
    trusts(a)
      .filter(({ role, trusted }) => {
        const account = accountIn(trusted);
        return account !== undefined && account !== role.account && !trusted.hasCondition;
      })
      .map(({ role, trusted }) => spot(role, `trusts ${trusted.name}`)),
  'user-is-application': (a) =>
    people(a)
      .filter((seen) => !seen.usesConsole && seen.keyDays >= steadyDays)
      .map((seen) =>
        spot(
          seen.identity,
          `key ${seen.keys.join(', ')} on ${seen.keyDays} days, no console sign-in`,
          seen.events,
        ),
      ),
  'key-shared': (a) =>
    people(a)
      .filter(
        ({ keys, networks, usesConsole }) =>
          keys.length === 1 && !usesConsole && networks.length > fewNetworks,
      )
      .map((seen) =>
        spot(seen.identity, `key ${seen.keys.join(', ')} from ${listed(seen.networks)}`, seen.events),
      ),
  'key-old': (a) =>
    keysOf(a)
      .filter(({ changed = a.today }) => a.today - changed > keyDays)
      .map(({ row, name, changed = 0 }) => spot(row, `${name} is of ${dayText(changed)}`)),
  'key-unused': (a) =>
    keysOf(a)
      .filter(({ row, changed, lastUsed }) => isUnused(a, changed ?? row.created, lastUsed))
      .map(({ row, name, lastUsed }) => spot(row, `${name}, ${since(lastUsed, 'never used')}`)),
  'password-unused': (a) =>
    signing(a)
      .filter(({ password: { changed, lastUsed }, created }) => isUnused(a, changed ?? created, lastUsed))
      .map((row) => spot(row, `password, ${since(row.password.lastUsed, 'never used')}`)),
  'password-old': (a) =>
    signing(a)
      .filter(({ password: { changed = a.today } }) => a.today - changed > passwordDays)
      .map((row) => spot(row, `password of ${dayText(row.password.changed ?? 0)}`)),
  'password-policy-absent': ({ passwords }) =>
    passwords === 'none' ? [spot(wholeAccount, "AWS's default: 8 characters of 3 kinds")] : [],
  'password-policy-weak': ({ passwords }) => {
    if (passwords === undefined || passwords === 'none') return [];
    const { minimumLength, notRequired, remembered } = passwords;
    const weak = [
      ...(minimumLength < passwordLength ? [`${minimumLength} characters`] : []),
      ...(notRequired.length > 0 ? [`no ${notRequired.join(', ')} required`] : []),
      ...(remembered < passwordsRemembered ? [`${remembered} former passwords remembered`] : []),
    ];
    return weak.length === 0 ? [] : [spot(wholeAccount, weak.join('; '))];
  },
  'policy-on-user': (a) =>
    entities(a, 'users')
      .filter(({ inline, attached }) => inline.length + attached.length > 0)
      .map((user) => spot(user, listed([...user.attached, ...user.inline].map(({ name }) => name)))),
  'role-unused': (a) =>
    ownRoles(a)
      .filter((role) => {
        const days = [dayIn(role.lastUsed), seenOf(a.activity, 'role', role)?.lastDay];
        const isTold = role.lastUsed !== undefined || isWatched(a, role.account);
        const made = dayIn(role.createDate);
        return isTold && made !== undefined && isUnused(a, made, ...days);
      })
      .map((role) => {
        const never = role.lastUsed === '' ? 'never used' : `not seen in ${a.unusedDays} days`;
        return spot(role, since(dayIn(role.lastUsed), never));
      }),
  'log-validation-off': ({ trails = [] }) =>
    trails.filter(({ digests }) => digests === false).map(({ arn }) => spotArn(arn, 'no digest files')),
  'managed-policy-broad': (a) =>
    holders(a).flatMap((holder) => {
      const seen = seenOf(a.activity, holder.kind, holder);
      if (seen === undefined || !isWatched(a, holder.account)) return [];
      return holder.policies.filter(isOfAws).flatMap((policy) => {
        const actions = allowed(policy.document);
        const used = seen.actions.filter((action) => actions.has(action));
        return used.length * 2 < actions.size
          ? [spot(holder, `${policy.name} allows ${actions.size} actions, ${used.length} were used`)]
          : [];
      });
    }),
  'trusted-not-seen': (a) =>
    trusts(a)
      .filter(({ role, trusted }) => isWatched(a, role.account) && wasSeen(a, role, trusted) === false)
      .map(({ role, trusted }) => spot(role, `trusts ${trusted.name}, not seen in ${a.unusedDays} days`)),
  'assumed-across-accounts': ({ activity }) =>
    (activity?.seen ?? []).flatMap(({ identity, assumed }) =>
      [...assumed].flatMap(([arn, event]) => {
        const account = roleAccount.exec(arn)?.[1];
        const { kind, name, account: own } = identity;
        const whom = name === '' ? `account ${own}` : `${kind} ${name} of ${own}`;
        const isAcross = account !== undefined && own !== '' && own !== account;
        return isAcross ? [spot({ account, arn }, `by ${whom}`, [event])] : [];
      }),
    ),
  'refused-lately': ({ activity }) =>
    (activity?.seen ?? [])
      .filter(({ refused }) => refused.length > 0)
      .map(({ identity, refused, refusals }) => spot(identity, listed(refused), refusals)),
  'data-events-off': ({ activity, trails }) => {
    const recorded = new Set(trails?.flatMap(({ dataTypes = [] }) => dataTypes));
    if (activity === undefined || !trails?.some(({ dataTypes }) => dataTypes !== undefined)) return [];
    const byAccount = groupBy(activity.seen, ({ identity }) => identity.account);
    return [...byAccount].flatMap(([account, seen]) => {
      const off = sortedUnique(seen.flatMap(({ sources }) => sources)).filter((source) => {
        const types = dataTypesOf(source);
        return types.length > 0 && !types.some((type) => recorded.has(type));
      });
      const services = off.map(
        (source) => `${source.split('.', 1).join('')} (${dataTypesOf(source)[0] ?? ''})`,
      );
      return off.length === 0 ? [] : [spot({ ...wholeAccount, account }, listed(services))];
    });
  },
  'keys-two': (a) =>
    rows(a)
      .filter(({ keys }) => keys.every(({ active }) => active))
      .map((row) => spot(row, 'keys 1 and 2 are active')),
  'inline-policy': (a) =>
    [...ownRoles(a), ...entities(a, 'users'), ...entities(a, 'groups')]
      .filter(({ inline }) => inline.length > 0)
      .map((one) => spot(one, listed(one.inline.map(({ name }) => name)))),
  'user-without-group': (a) =>
    entities(a, 'users')
      .filter(({ groups }) => groups.length === 0)
      .map((user) => spot(user, 'no group')),
  'policy-unused': ({ current }) =>
    (current?.details ?? [])
      .flatMap(({ policies }) => policies)
      .filter((policy) => policy.holders === 0 && !isOfAws(policy))
      .map(({ arn }) => spotArn(arn, 'no principal, no boundary')),
} satisfies Readonly<Record<string, Rule>>;
