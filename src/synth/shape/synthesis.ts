/** Room `shape`: grants become statements and documents, within what IAM takes. */
import type { PrincipalKind } from '../../cloudtrail/principal.ts';
import { groupBy } from '../../iam/order.ts';
import { isAllow, type PolicyDocument, type Statement } from '../../iam/policy/policy.ts';
import {
  attachedPoliciesQuota,
  inlineQuota,
  managedPolicyQuota,
  policySize,
} from '../../iam/policy/quota.ts';
import { serviceOf } from '../../iam/catalogue.ts';
import { inAll } from '../held/merged-policies.ts';
import { inPatterns } from './action-patterns.ts';
import { boundaryOver } from './boundary.ts';
import { filesOf, pack, type Contents, type Written } from './documents.ts';
import { widening, type Fold, type Widening } from './fold.ts';
import { generalize, typesBySize } from './generalization.ts';
import type { CompiledStatement } from '../../iam/decide/compiled.ts';
import { grantedBy, type Held, type Wanted } from '../held/current-grants.ts';
import type { Grant, OriginatedGrant } from '../held/grant.ts';
import { withoutNeedless } from './needless-grants.ts';
import { statementsOf, statementSize } from './statements.ts';
import type { Use } from '../usage/use.ts';
import { leftBy } from '../keep/policy-versions.ts';

/** `exact`: only what was seen. `balanced`: names that machines make, and crowds of names, become patterns. */
export type Strategy = 'exact' | 'balanced';

/** What a proposal is written as. */
export type Form = 'policies' | 'boundary';

export interface SynthesisInput {
  readonly kind: PrincipalKind;
  /** Of one policy for several accounts, these. */
  readonly accounts?: readonly string[] | undefined;
  readonly uses: readonly Use[];
  /** What else evidence or a person holds: doubts, pins. */
  readonly doubtful: readonly Grant[];
  /** What stays although nobody was seen using it. */
  readonly unseen: readonly Grant[];
  /** What of today's statements stays as it is written; nothing unless said. */
  readonly whole?: readonly CompiledStatement[];
  /** Undefined: not known; then the whole of what was used is granted. */
  readonly held: Held | undefined;
  readonly strategy: Strategy;
  /** Policies in the place of today's, or a boundary over them; policies unless said, or when today is not known. */
  readonly form?: Form;
}

/** Policies within what IAM takes where that can be done. */
export interface Synthesis extends Written {
  /** What was widened beyond the names seen, and why. */
  readonly folds: readonly Fold[];
  /** The steps it took to fit, a line each. */
  readonly steps: readonly string[];
}

/** The smallest policies for these uses; names fold step by step until they fit, but never to make room for what is kept unseen. */
export function synthesize(input: SynthesisInput): Synthesis {
  const { kind, accounts, uses, held, strategy, form, whole = [] } = input;
  const isBoundary = held && form === 'boundary';
  const isApart = !isBoundary && mostDocuments(kind) > 1 && input.unseen.length + whole.length > 0;
  const room = isBoundary ? managedPolicyQuota : mostDocuments(kind) * quotaOf(kind);
  // A use that today's policies do not grant is not added, whatever it would be widened to.
  const isElsewhere = uses.map((use) => held !== undefined && grantedBy(use, held).length === 0);
  const steps: string[] = [];
  const widened = strategy === 'exact' ? undefined : generalize(uses, held);
  let level = widened && widening[0];
  for (;;) {
    const wide = (level && widened?.(level)) ?? { uses, folds: [] };
    const used = distinct(wide.uses.filter((_, at) => !isElsewhere[at])).flatMap((use) =>
      grantsFor(use, held),
    );
    const neededWith = (unseen: readonly Grant[]): readonly OriginatedGrant[] =>
      withoutNeedless([
        ...used,
        ...input.doubtful.map((grant): OriginatedGrant => ({ ...grant, origin: 'used' })),
        ...unseen.map((grant): OriginatedGrant => ({ ...grant, origin: 'kept' })),
      ]).flatMap((grant) => (grant.origin === 'used' ? grant : (leftBy(whole, grant) ?? [])));
    const write = (needed: readonly OriginatedGrant[], asIs: readonly CompiledStatement[]): Written => {
      const contents = contentsOf(accounts ? inAll(needed, accounts) : needed, asIs, held);
      return isBoundary
        ? boundaryOver(contents, statementsFor(wide.uses.filter((_, at) => isElsewhere[at])), held)
        : policiesOf(kind, contents);
    };
    const whenAll = (): readonly OriginatedGrant[] => neededWith(input.unseen);
    const tried = isApart ? write(neededWith([]), []) : write(whenAll(), whole);
    const next =
      tried.overflow.length > 0 && level ? wider(level, wide.uses, tried.documents, room) : undefined;
    if (!next) {
      const needed = isApart || accounts ? whenAll() : [];
      // Compared with today is what is limited as today's policies are.
      const limited = accounts && { granted: pack(contentsOf(needed, whole, held), Infinity) };
      return { ...(isApart ? write(needed, whole) : tried), ...limited, folds: wide.folds, steps };
    }
    const fault = isBoundary
      ? 'the boundary does not fit'
      : `${tried.documents.length} policies do not fit (${mostDocuments(kind)} of ${quotaOf(kind)} characters)`;
    const types = [...(next.types ?? [])].filter((type) => level?.types?.has(type) !== true);
    steps.push(
      types.length > 0
        ? `${fault}: all ${types.join(', ')} of the account and Region are meant`
        : `${fault}: names fold further`,
    );
    level = next;
  }
}

/** The next level: less evidence, then all of further types, those whose names take the most room first; undefined when none is left. */
function wider(
  level: Widening,
  uses: readonly Wanted[],
  documents: readonly PolicyDocument[],
  room: number,
): Widening | undefined {
  const next = widening[widening.indexOf(level) + 1];
  if (next && !level.types) return next;
  const types = new Set(level.types);
  let surplus = documents.reduce((sum, document) => sum + policySize(document), -room);
  for (const { type, size } of typesBySize(uses)) {
    if (types.has(type)) continue;
    if (types.size > (level.types?.size ?? 0) && surplus <= 0) break;
    types.add(type);
    surplus -= size;
  }
  return types.size > (level.types?.size ?? 0) ? { ...level, types } : undefined;
}

/** What comes into the documents of some grants, with today's statements that stay as they are and its Denies. */
function contentsOf(
  grants: readonly OriginatedGrant[],
  whole: readonly CompiledStatement[],
  held: Held | undefined,
): Contents {
  return {
    used: statementsOf(grants.filter(({ origin }) => origin === 'used')),
    unseen: statementsOf(grants.filter(({ origin }) => origin === 'kept')).map((statement) =>
      held ? inPatterns(statement, held) : statement,
    ),
    whole: whole.map(({ source }) => source),
    denies: held?.denies ?? [],
  };
}

/**
 * Statements as policies in the place of today's.
 * @param isApart whether what is kept unseen stands in documents of its own
 *
 * INVARIANT: without the files of what is unseen, or with some of them, the others are no wider than today, for they carry its Denies.
 * Held by test/synth/shape/unseen-apart.test.ts, "any files beside policy.json are no wider than today".
 */
function policiesOf(kind: PrincipalKind, contents: Contents, isApart = mostDocuments(kind) > 1): Written {
  const quota = quotaOf(kind);
  const { used, denies = [], unseen = [], whole = [] } = contents;
  const [held, apart] = isApart
    ? [pack({ used, denies }, quota), pack({ used: [], unseen, whole }, quota)]
    : [pack(contents, quota), []];
  const documents = [...held, ...apart];
  const files = [...filesOf(held, 'policy'), ...filesOf(apart, 'policy-unseen')];
  const fits =
    documents.length <= mostDocuments(kind) && documents.every((document) => policySize(document) <= quota);
  return {
    documents,
    files,
    proven: held,
    granted: documents,
    overflow: fits ? [] : overflowOf(documents, kind),
  };
}

/** Policies as they are, with some grants beside them; those of a permission set, or of several accounts, put together. */
export function asToday(
  { kind, accounts, uses, form }: Pick<SynthesisInput, 'kind' | 'accounts' | 'uses' | 'form'>,
  held: Held,
  beside: readonly Grant[],
): Synthesis {
  const none = { folds: [], steps: [] };
  const used = statementsOf(beside);
  const contents = { used, whole: held.allows.map(({ source }) => source), denies: held.denies };
  if (form === 'boundary') {
    const elsewhere = uses.filter((use) => grantedBy(use, held).length === 0);
    return { ...boundaryOver(contents, statementsFor(elsewhere), held), ...none };
  }
  if (kind === 'permission-set' || accounts) return { ...policiesOf(kind, contents, false), ...none };
  const documents = [...held.documents, ...pack({ used }, quotaOf(kind))];
  const apart = documents.filter(isUnseen);
  const sorted = [...documents.filter((document) => !isUnseen(document)), ...apart];
  const files = [
    ...filesOf(sorted.slice(0, sorted.length - apart.length), 'policy'),
    ...filesOf(apart, 'policy-unseen'),
  ];
  return { documents: sorted, files, proven: sorted, granted: sorted, overflow: [], ...none };
}

/** Whether a document of an earlier proposal held what was kept unseen. */
const isUnseen = ({ statements }: PolicyDocument): boolean =>
  statements.length > 0 && statements.every(({ sid }) => sid?.startsWith('Unseen') === true);

/** Uses without those that ask for the same: names that became one pattern. */
function distinct(uses: readonly Wanted[]): readonly Wanted[] {
  const known = new Map<string, Wanted[]>();
  for (const use of new Set(uses)) {
    const key = `${use.action}\u0000${use.resource}\u0000${use.star ?? ''}`;
    const same = known.get(key);
    if (!same) known.set(key, [use]);
    // Uses of the same circumstances share them.
    else if (!same.some(({ condition, context }) => condition === use.condition && context === use.context))
      same.push(use);
  }
  return [...known.values()].flat();
}

/** The statements that allow the whole of some uses. */
const statementsFor = (uses: readonly Wanted[]): readonly Statement[] =>
  statementsOf(uses.flatMap((use) => grantsFor(use, undefined)));

/** Characters one policy of a principal may have, white space not counted. */
export const quotaOf = (kind: PrincipalKind): number =>
  kind === 'permission-set' ? inlineQuota.permissionSet : managedPolicyQuota;

/** Policies a principal takes: a permission set one inline policy, others managed ones. */
const mostDocuments = (kind: PrincipalKind): number =>
  kind === 'permission-set' ? 1 : attachedPoliciesQuota;

function grantsFor(use: Wanted, held: Held | undefined): readonly OriginatedGrant[] {
  const whole: Grant = {
    action: use.action,
    resources: { kind: 'only', patterns: [use.resource] },
    conditions: use.condition,
  };
  return (held ? grantedBy(use, held) : [whole]).map((grant) => ({ ...grant, origin: 'used' }));
}

/** What a person can do about it: the services that take the most room, to be moved to a principal of their own. */
function overflowOf(documents: readonly PolicyDocument[], kind: PrincipalKind): readonly string[] {
  const statements = documents.flatMap((document) => document.statements).filter(isAllow);
  const bySize = [...groupBy(statements, (s) => serviceOf(s.actions.patterns[0] ?? ''))]
    .map(([service, list]) => ({ service, size: list.reduce((sum, s) => sum + statementSize(s), 0) }))
    .sort((a, b) => b.size - a.size || (a.service < b.service ? -1 : 1))
    .slice(0, 3)
    .map(({ service, size }) => `${service} (${size} characters)`);
  const large = documents.filter((document) => policySize(document) > quotaOf(kind)).length;
  return [
    `${documents.length} policies; a ${kind} takes ${mostDocuments(kind)} of ${quotaOf(kind)} characters. Split its work between principals, largest first: ${bySize.join(', ')}`,
    ...(large > 0 ? [`${large} of them hold one statement that cannot be split`] : []),
  ];
}
