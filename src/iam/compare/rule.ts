import { claimOf, type Claim } from './claim.ts';
import type { Extent } from './containment.ts';
import { compileStatements, type CompiledStatement } from '../decide/compiled.ts';
import type { CompiledSet } from '../decide/compiled-set.ts';
import type { PolicyDocument } from '../policy/policy.ts';

/** A statement with its conditions as claims. */
export interface Rule extends Extent<Claim> {
  readonly actions: CompiledSet;
  readonly statement: CompiledStatement;
  readonly number: number;
}

/** The rules that meet an inner Allow. */
export interface Rules {
  readonly outerAllow: readonly Rule[];
  readonly outerDeny: readonly Rule[];
  readonly innerDeny: readonly Rule[];
}

/** The same kinds of rules, each list made anew. */
export const mapped = (rules: Rules, make: (list: readonly Rule[]) => readonly Rule[]): Rules => ({
  outerAllow: make(rules.outerAllow),
  outerDeny: make(rules.outerDeny),
  innerDeny: make(rules.innerDeny),
});

export const isDeny = ({ statement }: Rule): boolean => statement.effect === 'Deny';

/** The rules of all kinds. */
export const allOf = ({ outerAllow, outerDeny, innerDeny }: Rules): readonly Rule[] => [
  ...outerAllow,
  ...outerDeny,
  ...innerDeny,
];

/** The statements of some documents as rules, numbered in order. */
export const rulesOf = (documents: readonly PolicyDocument[]): Rule[] =>
  compileStatements(documents).map((statement, number): Rule => {
    const hasVariables = documents[statement.ref.policy]?.version === '2012-10-17';
    const conditions = statement.source.conditions.map((condition) => claimOf(condition, hasVariables));
    return { statement, number, conditions, actions: statement.actions, resources: statement.resources };
  });
