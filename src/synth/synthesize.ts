import type { PrincipalKind } from '../cloudtrail/principal.ts';
import { groupBy } from '../iam/order.ts';
import type { PolicyDocument, Statement } from '../iam/policy.ts';
import { attachedPoliciesQuota, inlineQuota, managedPolicyQuota, policySize } from '../iam/quota.ts';
import { pack } from './documents.ts';
import { generalize, widening, type Fold } from './generalize.ts';
import { grantedBy, type Grant, type Held, type ReadyStatement } from './held.ts';
import { withoutNeedless } from './needed.ts';
import { statementsOf, statementSize, type OriginatedGrant } from './statements.ts';
import type { Use } from './use.ts';
import { isGivenBy } from './young.ts';

/** `exact`: only what was seen. `balanced`: names that machines make, and crowds of names, become patterns. */
export type Strategy = 'exact' | 'balanced';

export interface SynthesisInput {
  readonly kind: PrincipalKind;
  readonly uses: readonly Use[];
  /** What stays although no use speaks for it. */
  readonly kept: readonly Grant[];
  /** What of today's statements stays as it is written; nothing unless said. */
  readonly whole?: readonly ReadyStatement[];
  /** Undefined: not known; then the whole of what was used is granted. */
  readonly held: Held | undefined;
  readonly strategy: Strategy;
}

/** Policies for some uses, within what IAM takes where that can be done. */
export interface Synthesis {
  readonly documents: readonly PolicyDocument[];
  /** What was widened beyond the names seen, and why. */
  readonly folds: readonly Fold[];
  /** The steps it took to fit, a line each. */
  readonly steps: readonly string[];
  /** Why it does not fit, a line each; empty when it does. */
  readonly overflow: readonly string[];
}

/** The smallest policies for these uses; when they do not fit, names are folded further step by step. */
export function synthesize(input: SynthesisInput): Synthesis {
  const { kind, uses, kept, whole = [], held, strategy } = input;
  const quota = quotaOf(kind);
  const most = mostDocuments(kind);
  const steps: string[] = [];
  const levels = strategy === 'exact' ? [undefined] : widening;
  for (const [i, level] of levels.entries()) {
    const wide = level ? generalize(uses, held, level) : { uses, folds: [] };
    // A use that today's policies do not grant is not added, whatever it would be widened to.
    const used = wide.uses.flatMap((use, at) => {
      const seen = uses[at] ?? use;
      return held && grantedBy(seen, held).length === 0 ? [] : grantsFor(use, held);
    });
    const needed = withoutNeedless([
      ...used,
      ...kept.map((grant): OriginatedGrant => ({ ...grant, origin: 'kept' })),
    ]).filter((grant) => !isGivenBy(whole, grant));
    const statements = [...statementsOf(needed), ...whole.map(({ statement }) => statement)];
    const documents = pack(statements, held?.denies ?? [], quota);
    const fits = documents.length <= most && documents.every((document) => policySize(document) <= quota);
    if (!fits && i < levels.length - 1) {
      steps.push(
        `${documents.length} policies do not fit (${most} of ${quota} characters): names fold further`,
      );
      continue;
    }
    return {
      documents,
      folds: wide.folds,
      steps,
      overflow: fits ? [] : overflowOf(documents, statements, kind),
    };
  }
  return { documents: [], folds: [], steps, overflow: [] };
}

/** Today's policies, nothing given up; those of a permission set as its one inline policy. */
export function asToday(kind: PrincipalKind, held: Held): Synthesis {
  if (kind !== 'permission-set') return { documents: held.documents, folds: [], steps: [], overflow: [] };
  const statements = held.allows.map(({ statement }) => statement);
  const documents = pack(statements, held.denies, quotaOf(kind));
  const overflow = documents.length > 1 ? overflowOf(documents, statements, kind) : [];
  return { documents, folds: [], steps: [], overflow };
}

/** Characters one policy of a principal may have, white space not counted. */
export const quotaOf = (kind: PrincipalKind): number =>
  kind === 'permission-set' ? inlineQuota.permissionSet : managedPolicyQuota;

/** Policies a principal takes: a permission set one inline policy, others managed ones. */
const mostDocuments = (kind: PrincipalKind): number =>
  kind === 'permission-set' ? 1 : attachedPoliciesQuota;

function grantsFor(use: Use, held: Held | undefined): readonly OriginatedGrant[] {
  const whole: Grant = {
    action: use.action,
    resources: { kind: 'only', patterns: [use.resource] },
    conditions: use.condition,
  };
  return (held ? grantedBy(use, held) : [whole]).map((grant) => ({ ...grant, origin: 'used' }));
}

/** What a person can do about it: the services that take the most room, to be moved to a principal of their own. */
function overflowOf(
  documents: readonly PolicyDocument[],
  statements: readonly Statement[],
  kind: PrincipalKind,
): readonly string[] {
  const bySize = [...groupBy(statements, (s) => s.actions.patterns[0]?.split(':')[0] ?? '')]
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
