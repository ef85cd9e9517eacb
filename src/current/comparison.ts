import { diffPolicies, type PolicyDiff } from '../iam/compare/diff.ts';
import { includesPolicy } from '../iam/compare/inclusion.ts';
import { InputError } from '../iam/input-error.ts';
import { groupBy, inKeyOrder, sortedUnique } from '../iam/order.ts';
import { intersectPolicies } from '../iam/compare/policy-intersection.ts';
import type { PolicyDocument } from '../iam/policy/policy.ts';
import type { Current } from './current.ts';
import type { HeldPolicy, Holder } from './holder.ts';

/** What one principal, or one policy of nobody in particular, may do on two sides. */
export interface Comparison {
  /** Undefined: policies that are given to nobody by name. */
  readonly principal: Pick<Holder, 'kind' | 'arn' | 'account' | 'name'> | undefined;
  /** Of policies given to nobody by name: the file. */
  readonly file: string;
  readonly heldBy: 'both' | 'old' | 'new';
  readonly diff: PolicyDiff;
  /** Whether one side allows what the other does not, or may. */
  readonly differs: boolean;
  readonly notes: readonly string[];
  /** The policies of both sides, boundaries apart. */
  readonly sides: readonly [before: readonly PolicyDocument[], after: readonly PolicyDocument[]];
}

/** A principal whose policies cannot all be read: nothing is said of it. */
type Unreadable = { readonly holder: Holder; readonly faults: readonly string[] };

/** Compares principal by principal (by account, kind and name), then file by file where policies belong to nobody by name. */
export function* compare(old: Current, next: Current): Generator<Comparison | Unreadable> {
  requireSameLayout(old, next);
  for (const [before, after] of holderPairs(old, next)) yield compareHolders(before, after);
  for (const [file, before, after] of unnamedPairs(old, next)) {
    const sides = [documentsOf(before), documentsOf(after)] as const;
    yield {
      principal: undefined,
      file,
      ...heldBy(before, after),
      ...compareDocuments(...sides),
      sides,
      notes: [],
    };
  }
}

function requireSameLayout(...sides: readonly [Current, Current]): void {
  const [named, nameless] = [
    sides.some(({ holders, unnamed }) => holders.length > 0 && unnamed.length === 0),
    sides.some(({ holders, unnamed }) => holders.length === 0 && unnamed.length > 0),
  ];
  if (named && nameless) {
    throw new InputError(
      'one side names principals and the other holds policies of nobody in particular; give two policies, or two trees <account>/<role|user>/<name>/',
    );
  }
}

type Pair<T> = readonly [before: T | undefined, after: T | undefined];

/** A folder without accounts speaks of every account, so several holders of one side may meet one of the other. */
function holderPairs(old: Current, next: Current): Pair<Holder>[] {
  const all = [
    ...next.holders.map((after): Pair<Holder> => [old.forPrincipal(after), after]),
    ...old.holders.map((before): Pair<Holder> => [before, next.forPrincipal(before)]),
  ];
  const met = all.filter(([before, after]) => before !== undefined && after !== undefined);
  const partners = new Set(met.flat());
  const alone = all.filter(
    ([before, after]) => (before === undefined || after === undefined) && !partners.has(before ?? after),
  );
  const key = ([before, after]: Pair<Holder>): string => {
    const [a, b] = [before ?? after, after ?? before];
    return JSON.stringify([a?.account === '' ? b?.account : a?.account, a?.kind, a?.name]);
  };
  return inKeyOrder(new Map([...met, ...alone].map((pair) => [key(pair), pair])));
}

function compareHolders(before: Holder | undefined, after: Holder | undefined): Comparison | Unreadable {
  const holder = after ?? before;
  if (holder === undefined) throw new Error('a pair of nobody');
  const faults = sortedUnique([...(before?.faults ?? []), ...(after?.faults ?? [])]);
  if (faults.length > 0) return { holder, faults };
  const { kind, name } = holder;
  const arn = holder.arn === '' ? (before?.arn ?? '') : holder.arn;
  const account = holder.account === '' ? (before?.account ?? '') : holder.account;
  const principal = { kind, arn, account, name };
  return { principal, file: '', ...heldBy(before, after), ...withBoundaries(before, after) };
}

/**
 * Policy files say nothing of boundaries, so only two sides that come from authorization details are compared with
 * theirs: what identity policy and boundary both allow
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html).
 */
function withBoundaries(
  before: Holder | undefined,
  after: Holder | undefined,
): Pick<Comparison, 'diff' | 'differs' | 'notes' | 'sides'> {
  const sides = [documentsOf(before?.policies), documentsOf(after?.policies)] as const;
  const [old, next] = [before?.boundary, after?.boundary];
  const isKnown = before !== undefined && after !== undefined && before.arn !== '' && after.arn !== '';
  if (!isKnown || JSON.stringify(old?.document) === JSON.stringify(next?.document)) {
    return { ...compareDocuments(...sides), sides, notes: [] };
  }
  const [a, b] = [effective(sides[0], old), effective(sides[1], next)];
  const { diff, differs } = compareDocuments(a.documents, b.documents);
  const note = `the permissions boundary changes from ${old?.name ?? 'none'} to ${next?.name ?? 'none'}; compared is what policies and boundary both allow`;
  if (a.isExact && b.isExact) return { diff, differs, sides, notes: [note] };
  return {
    // What is compared is less than what is allowed: a request that shows it is wider proves it only where the old side is whole.
    diff: { ...diff, broadened: a.isExact && diff.broadened === true ? true : null },
    differs: true,
    sides,
    notes: [note, 'not all of it can be compared'],
  };
}

function effective(
  documents: readonly PolicyDocument[],
  boundary: HeldPolicy | undefined,
): { readonly documents: readonly PolicyDocument[]; readonly isExact: boolean } {
  if (boundary === undefined) return { documents, isExact: true };
  const { document, inexpressible } = intersectPolicies(documents, [boundary.document]);
  return { documents: [document], isExact: inexpressible.length === 0 };
}

/** Files of the same name below both paths; two single policies whatever their names. `policy-2.json` and `policy-unseen.json` continue `policy.json`. */
function unnamedPairs(
  old: Current,
  next: Current,
): (readonly [string, readonly HeldPolicy[] | undefined, readonly HeldPolicy[] | undefined])[] {
  const [before, after] = [old, next].map(({ unnamed }) =>
    groupBy(unnamed, ({ name }) =>
      name.replace(/(^|\/)policy(?:-unseen)?(?:-[1-9]\d*)?\.json$/, '$1policy.json'),
    ),
  );
  if (before === undefined || after === undefined) return [];
  const [[a, ...moreOld], [b, ...moreNew]] = [[...before], [...after]];
  if (a !== undefined && b !== undefined && moreOld.length + moreNew.length === 0)
    return [[b[0], a[1], b[1]]];
  const files = sortedUnique([...before.keys(), ...after.keys()]);
  return files.map((file) => [file, before.get(file), after.get(file)]);
}

const documentsOf = (policies: readonly HeldPolicy[] | undefined): readonly PolicyDocument[] =>
  (policies ?? []).map(({ document }) => document);

const heldBy = (before: unknown, after: unknown): Pick<Comparison, 'heldBy'> => ({
  heldBy: before === undefined ? 'new' : after === undefined ? 'old' : 'both',
});

function compareDocuments(
  before: readonly PolicyDocument[],
  after: readonly PolicyDocument[],
): Pick<Comparison, 'diff' | 'differs'> {
  const diff = diffPolicies(before, after);
  const isChanged = diff.broadened !== false || diff.items.some(({ kind }) => kind !== 'kept');
  return { diff, differs: isChanged || includesPolicy(after, before).included !== 'yes' };
}
