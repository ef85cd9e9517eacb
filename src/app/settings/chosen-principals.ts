import { canHoldPolicies, type Identity } from '../../cloudtrail/identity.ts';
import { grouped, someOf } from '../../emit/review/words.ts';
import { editDistance } from '../../iam/nearest.ts';
import { printable } from '../../iam/printable.ts';
import { InputError } from '../../iam/input-error.ts';
import { actionPattern, matches } from '../../iam/pattern/pattern.ts';

/** The principals that settings choose: all that can hold policies, or those named. @throws InputError for an unknown name */
export const chosenBy = (
  identities: readonly Identity[],
  { all, principals }: { readonly all: boolean; readonly principals: readonly string[] },
): readonly Identity[] =>
  all ? identities.filter(({ kind }) => canHoldPolicies(kind)) : chosenIdentities(identities, principals);

/** Those chosen, with one in the place of each role in several accounts. */
export const withMerged = (chosen: readonly Identity[], merged: readonly Identity[]): readonly Identity[] => {
  const parts = new Set(merged.flatMap((one) => one.parts ?? []));
  return [...chosen.filter((identity) => !parts.has(identity)), ...merged];
};

/** The principals that `--principal` (ARN, bare name, or glob; repeatable) means. */
export function chosenIdentities(all: readonly Identity[], wanted: readonly string[]): readonly Identity[] {
  const chosen = new Set<Identity>();
  for (const text of wanted) {
    const found = all.filter((identity) => isMeant(identity, text));
    const usable = found.filter((identity) => canHoldPolicies(identity.kind));
    if (found.length === 0) throw unknownName('--principal', text, all);
    if (usable.length === 0) {
      const kinds = [...new Set(found.map((identity) => identity.kind))].join(', ');
      throw new InputError(
        `--principal ${printable(text)}: nobody of kind ${kinds} can be given a policy; choose a role, user or permission set`,
      );
    }
    for (const identity of usable) chosen.add(identity);
  }
  return all.filter((identity) => chosen.has(identity));
}

/** Whether a text may mean several: a name of that very spelling is none to look for. */
export const isGlob = (text: string): boolean => /[*?]/.test(text);

/** Whether an ARN, a bare name, `kind/name` or a glob of one of them means this principal. */
export function isMeant({ name, arn, arns, kind }: Identity, text: string): boolean {
  const names = [name, arn, ...arns, `${kind}/${name}`];
  if (names.includes(text)) return true;
  if (!isGlob(text)) return false;
  const pattern = actionPattern(text);
  return names.some((n) => matches(pattern, n.toLowerCase()));
}

/** The mistake of a name that the index does not know, with the nearest that it does. */
export function unknownName(flag: string, text: string, all: readonly Identity[]): InputError {
  const names = [...new Set(all.filter((i) => canHoldPolicies(i.kind)).map((i) => i.name))];
  const wanted = text.split('/').at(-1)?.toLowerCase() ?? '';
  const near = names
    .map((name) => ({ name, far: editDistance(wanted, name.toLowerCase()) }))
    .sort((a, b) => a.far - b.far || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => printable(name));
  const hint = near.length > 0 ? `nearest: ${near.join(', ')}` : 'none can be given a policy';
  return new InputError(
    `${flag} ${printable(text)}: not in the index; ${hint} (iam-minimize principals lists all)`,
  );
}

/** Whose policies to give: some of the principals, and how many more there are. */
export function namesOf(strangers: readonly Identity[]): string {
  const accounts = new Set(strangers.map((one) => one.accounts.join(', ')));
  const [only = ''] = accounts;
  const isOne = accounts.size === 1;
  const names = strangers.map(
    ({ kind, name, accounts: own }) => `${kind}/${printable(name)}${isOne ? '' : ` of ${someOf(own, 3)}`}`,
  );
  const whose = isOne
    ? `${someOf(names, 3)} of ${only}; give the policies of this account`
    : `${someOf(names, 3)}; give the policies of these ${grouped(accounts.size)} accounts`;
  return `${whose} (a file, or aws with the --profile of each)`;
}
