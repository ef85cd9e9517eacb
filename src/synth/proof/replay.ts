/** Room `proof`: what becomes of uses and requests under policies. */
import { type CompiledPolicies, compile, decide } from '../../iam/decide/evaluate.ts';
import { ExtentIndex } from '../../iam/compare/containment.ts';
import type { CompiledStatement } from '../../iam/decide/compiled.ts';
import { Budget } from '../../iam/pattern/language.ts';
import { sortedUnique } from '../../iam/order.ts';
import {
  latest,
  type PatternSet,
  type PolicyDocument,
  type Statement,
  isAllow,
  isDeny,
} from '../../iam/policy/policy.ts';
import { type Held, allowedBy, grantedBy, ready, requestOf } from '../held/current-grants.ts';
import { type Grant, extentOf } from '../held/grant.ts';
import { whyNotHeld } from '../keep/doubts.ts';
import { contextsOf } from '../usage/narrowing.ts';
import type { Observed, Use } from '../usage/use.ts';

/** What became of one observed use under a policy. */
export type Verdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'denied' }
  /** Today's policies do not grant it: something else did, or what was held before they changed. */
  | { readonly kind: 'granted-elsewhere'; readonly changedSince: boolean }
  /** Today's policies do not grant it, and nothing else can have: its reading is wrong, or these are not all it holds. */
  | { readonly kind: 'contradicted' }
  /** It hangs on context keys that the log does not show. */
  | { readonly kind: 'undetermined'; readonly keys: readonly string[] };

const allowed: Verdict = { kind: 'allowed' };

/** A policy made ready to replay uses against. */
export class Replay {
  private readonly compiled: CompiledPolicies;
  private readonly allows: readonly CompiledStatement[];
  private extents: ExtentIndex<CompiledStatement> | undefined;
  private readonly denies: readonly Statement[];
  private readonly held: Held | undefined;
  private readonly isBoundary: boolean;

  /**
   * @param held what the principal holds today, when known: then a use must only stay as allowed as it was
   * @param uncut of a boundary over today's policies, which stops what other policies grant too: what it allows before
   * it is cut to today's boundary, which limits a use today as well
   */
  constructor(documents: readonly PolicyDocument[], held?: Held, uncut?: readonly Statement[]) {
    const policies = documents.map(latest);
    const statements = policies.flatMap((d) => d.statements);
    this.compiled = compile({ identity: policies });
    this.allows = (uncut ?? statements.filter(isAllow)).map(ready);
    this.isBoundary = uncut !== undefined;
    this.denies = statements.filter(isDeny);
    this.held = held;
  }

  /**
   * INVARIANT: each use gets exactly one verdict, so the terms of the proof add up to all uses.
   * Held by test/synth/laws.test.ts, "no use is denied, and the proof adds up".
   */
  verdict(use: Use): Verdict {
    const today = this.held && grantedBy(use, this.held);
    if (this.held && today?.length === 0) {
      if (this.isStopped(use)) return { kind: 'denied' };
      const kind = whyNotHeld(use, this.held);
      return kind === 'contradicted'
        ? { kind }
        : { kind: 'granted-elsewhere', changedSince: kind === 'changed-since' };
    }
    const request = requestOf(use);
    const decisions = contextsOf(use).map((context) => decide(this.compiled, { ...request, context }));
    const open = decisions.filter(({ decision }) => decision !== 'allowed');
    if (open.length === 0) return allowed;
    // Whatever the unknown keys hold: if today's policies allow the use, so does the policy, because each of today's
    // grants is in it under the same conditions, and it denies nothing that is not denied today.
    if (this.held && today?.every((grant) => this.carries(grant)) && this.deniesNothingNew(this.held))
      return allowed;
    return open.every(({ decision }) => decision === 'undetermined')
      ? { kind: 'undetermined', keys: sortedUnique(open.flatMap(({ unknownKeys }) => unknownKeys)) }
      : { kind: 'denied' };
  }

  /** Whether a boundary stops for sure what something else granted. */
  private isStopped(use: Use): boolean {
    if (!this.isBoundary || allowedBy(use, this.allows).length > 0) return false;
    const request = requestOf(use);
    return contextsOf(use).some(
      (context) => decide(this.compiled, { ...request, context }).decision === 'implicit-deny',
    );
  }

  /** Whether the policy has all of a grant, under no other conditions. */
  private carries(grant: Grant): boolean {
    this.extents ??= new ExtentIndex(this.allows);
    return this.extents.left(extentOf(grant), new Budget()).length === 0;
  }

  private deniesNothingNew(today: Held): boolean {
    return this.denies.every((deny) => today.refusals.some(({ source: whole }) => isPartOf(deny, whole)));
  }
}

const isWithin = (a: PatternSet, b: PatternSet): boolean =>
  a.kind === 'only' && b.kind === 'only'
    ? a.patterns.every((text) => b.patterns.includes(text))
    : JSON.stringify(a) === JSON.stringify(b);

/** Whether a Deny is one of today's, or a piece that one was cut into to fit the quota. */
function isPartOf(piece: Statement, whole: Statement): boolean {
  return (
    isWithin(piece.actions, whole.actions) &&
    isWithin(piece.resources, whole.resources) &&
    JSON.stringify(piece.conditions) === JSON.stringify(whole.conditions)
  );
}

/** Every observed use is in exactly one of the seven after `uses`. */
export interface Proof {
  readonly uses: number;
  readonly allowed: number;
  readonly denied: number;
  readonly grantedElsewhere: number;
  readonly contradicted: number;
  readonly undetermined: number;
  readonly unmapped: number;
  readonly noPermission: number;
  readonly callsAsDelivered: number;
  /** See `Observed`. */
  readonly callsAtMost?: boolean | undefined;
}

/** A use, and what becomes of it under some policies. */
export interface Judged<K = Verdict['kind']> {
  readonly use: Use;
  readonly verdict: Verdict & { readonly kind: K };
}

const isOf = <K extends Verdict['kind']>(verdict: Verdict, kind: K): verdict is Judged<K>['verdict'] =>
  verdict.kind === kind;

/** What becomes of some uses, each by its place: very many share a verdict. */
export class Verdicts implements Iterable<Judged> {
  readonly uses: readonly Use[];
  private readonly verdicts: readonly Verdict[];

  constructor(uses: readonly Use[], replay: Replay) {
    this.uses = uses;
    this.verdicts = uses.map((use) => replay.verdict(use));
  }

  *[Symbol.iterator](): Generator<Judged> {
    for (const [at, verdict] of this.verdicts.entries()) {
      const use = this.uses[at];
      if (use) yield { use, verdict };
    }
  }

  /** Those with such a verdict. */
  of<K extends Verdict['kind']>(kind: K): readonly Judged<K>[] {
    const found: Judged<K>[] = [];
    this.verdicts.forEach((verdict, at) => {
      const use = this.uses[at];
      if (use && isOf(verdict, kind)) found.push({ use, verdict });
    });
    return found;
  }

  /** The uses with one of some verdicts. */
  usesOf(...kinds: readonly (Verdict['kind'] | undefined)[]): readonly Use[] {
    return this.uses.filter((_, at) => kinds.includes(this.verdicts[at]?.kind));
  }

  /** All uses but those that today's policies do not grant. */
  inside(): readonly Use[] {
    return this.usesOf('allowed', 'denied', 'undetermined');
  }

  count(kind: Verdict['kind']): number {
    return this.verdicts.reduce((sum, verdict) => sum + (verdict.kind === kind ? 1 : 0), 0);
  }
}

/** What becomes of all that was seen. @param uses those to judge: of the readings of one need each that may be the true one */
export function judge(
  observed: Observed,
  uses: readonly Use[],
  replay: Replay,
): { readonly verdicts: Verdicts; readonly proof: Proof } {
  const verdicts = new Verdicts(uses, replay);
  const { unmapped, noPermission, callsAsDelivered, callsAtMost } = observed;
  return {
    verdicts,
    proof: {
      uses: uses.length + unmapped.length + noPermission,
      allowed: verdicts.count('allowed'),
      denied: verdicts.count('denied'),
      grantedElsewhere: verdicts.count('granted-elsewhere'),
      contradicted: verdicts.count('contradicted'),
      undetermined: verdicts.count('undetermined'),
      unmapped: unmapped.length,
      noPermission,
      callsAsDelivered,
      ...(callsAtMost ? { callsAtMost } : {}),
    },
  };
}
