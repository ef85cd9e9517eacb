import type { Identity } from '../cloudtrail/identity.ts';
import type { LeftEntry } from '../emit/json/retightened.ts';
import { folderOf } from '../emit/review/principal-folder.ts';
import { blocksOf } from '../synth/keep/blocks.ts';
import type { LeftReason } from '../synth/renewal.ts';
import { isMeant } from './settings/chosen-principals.ts';
import type { Holder } from '../current/holder.ts';
import { foldersOf } from './tree/last-proposal.ts';
import type { Proposer } from './proposer.ts';

/** Principals of the tree and of today's policies that the configuration means and the index does not know. */
export function othersLeft(
  proposer: Proposer,
  { principals, out }: { readonly principals: readonly string[]; readonly out: string },
  chosen: readonly Identity[],
): readonly LeftEntry[] {
  const { current } = proposer;
  if (!current) return [];
  const holderOf = ({ kind, account, name }: Who): Holder | undefined =>
    current.forPrincipal({ kind, account, name, arn: '', uniqueId: '' });
  const isOurs = ({ kind, account, name }: Who): boolean => {
    const identity = identityOf({ kind, account, name });
    return principals.some((text) => isMeant(identity, text));
  };
  const done = new Set(chosen.map((identity) => folderOf(identity).join('/')));
  const seen = new Set(chosen.map(holderOf));
  const silent = current.holders
    .filter((holder) => isOurs(holder) && !seen.has(holder))
    .map((holder) => [folderOf(holder).join('/'), holder] as const)
    .filter(([folder]) => !done.has(folder));
  const absent = foldersOf(out)
    .map(({ folder, ...who }) => ({ ...who, folder: folder.join('/') }))
    .filter((one) => isOurs(one) && !done.has(one.folder) && !holderOf(one));
  return [
    ...[...new Map(silent)].map(([folder, holder]): LeftEntry => {
      const { kind, account, name } = holder;
      const unused = { holder, facts: proposer.factsOf(holder) };
      return { kind, account, name, folder, reason: 'never-seen', unused };
    }),
    ...absent.map((one): LeftEntry => ({
      ...one,
      reason: goneOrNot(proposer, { ...one, accounts: [one.account] }),
    })),
  ];
}

export type Who = Pick<Identity, 'kind' | 'account' | 'name'>;

/** A principal that the index may not know, as far as names tell. */
export function identityOf({ kind, account, name }: Who): Identity {
  const arn = kind === 'permission-set' ? '' : `arn:aws:iam::${account}:${kind}/${name}`;
  return { kind, account, name, arn, arns: [], accounts: [], uniqueIds: [], ids: [] };
}

/**
 * Whether a principal that is in no log of the window and not in today's policies is gone for sure: today's policies list all of
 * its account, or enough days are covered and they know others of its account.
 */
export function goneOrNot(
  proposer: Proposer,
  { kind, account, accounts }: Pick<Identity, 'kind' | 'account' | 'accounts'>,
): LeftReason {
  const isAccountKnown = proposer.current?.holders.some((holder) =>
    kind === 'permission-set' ? holder.kind === kind : holder.account === account,
  );
  const isCovered = blocksOf(proposer.coverage({ accounts })).length === 0;
  const isListed = kind !== 'permission-set' && proposer.current?.lists(kind, account) === true;
  return isListed || (isAccountKnown === true && isCovered) ? 'gone' : 'perhaps-gone';
}
