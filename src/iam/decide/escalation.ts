import { dataRows, stringsOf } from '../catalogue.ts';
import { once } from '../memo.ts';
import { isAllow, type PolicyDocument, type Statement } from '../policy/policy.ts';
import { isUnconditional, StatementIndex, type CompiledStatement } from './compiled.ts';
import { conditionHolds } from './condition.ts';

/** A published way to more rights: a row of `data/overrides/escalation.json`. */
interface EscalationPath {
  /** Every one of these is needed; lower-cased. */
  readonly actions: readonly string[];
  readonly effect: string;
  /** The service principal that a role is passed to; undefined where none is passed. */
  readonly receiver: string | undefined;
}

/** All published ways. */
export const publishedPaths = once((): readonly EscalationPath[] =>
  dataRows('overrides/escalation.json').map(({ actions, effect, receiver }) => ({
    actions: stringsOf(actions).map((action) => action.toLowerCase()),
    effect: String(effect),
    receiver: typeof receiver === 'string' ? receiver : undefined,
  })),
);

const escalating = once(() => new Set(publishedPaths().flatMap(({ actions }) => actions)));

/** Whether an action alone, or as part of a published combination, lets a principal widen its permissions. Any case. */
export const isPrivilegeEscalation = (action: string): boolean => escalating().has(action.toLowerCase());

/** A way to more rights that policies and boundary leave open as a whole. */
export interface OpenPath extends EscalationPath {
  /** The statements that allow each of its actions, in their order; whatever the resources. */
  readonly statements: readonly (readonly CompiledStatement[])[];
}

/** The published combinations of which policies and boundary allow every action, and roles be passed to the service in question. */
export function openPaths(
  policies: readonly PolicyDocument[] | StatementIndex,
  boundary?: PolicyDocument,
): readonly OpenPath[] {
  const index = policies instanceof StatementIndex ? policies : new StatementIndex(policies);
  const limits = boundary && new StatementIndex([boundary]);
  return publishedPaths().flatMap((path) => {
    const granting = (of: StatementIndex, action: string): readonly CompiledStatement[] => {
      const { allow, deny } = of.candidates(action);
      if (deny.some(({ isUnconditional }) => isUnconditional)) return [];
      return allow.filter((statement) => action !== 'iam:passrole' || canReceive(statement, path.receiver));
    };
    const statements = path.actions.map((action) =>
      limits && granting(limits, action).length === 0 ? [] : granting(index, action),
    );
    return statements.some((list) => list.length === 0) ? [] : [{ ...path, statements }];
  });
}

/** Whether a statement lets roles be passed to a service, as far as `iam:PassedToService` says. */
const canReceive = ({ conditions }: CompiledStatement, receiver = ''): boolean =>
  conditions
    .filter(({ key }) => key === 'iam:passedtoservice')
    .every((condition) => {
      const values = new Map([['iam:passedtoservice', [receiver]]]);
      return conditionHolds(condition, { values, isComplete: false }) !== false;
    });

/** Whether a statement allows everything on everything. */
export const allowsAll = (statement: Statement): boolean =>
  isAllow(statement) &&
  isUnconditional(statement) &&
  statement.actions.kind === 'only' &&
  statement.actions.patterns.some((text) => text === '*' || text === '*:*');

/** Whether policies allow everything on everything, whatever else they deny, and no boundary holds them back. */
export const isAdministrator = (documents: readonly PolicyDocument[], boundary?: PolicyDocument): boolean =>
  documents.some(({ statements }) => statements.some(allowsAll)) && !isBounded(boundary);

/** Whether a boundary holds policies back. */
const isBounded = (boundary: PolicyDocument | undefined): boolean =>
  boundary !== undefined && !isAdministrator([boundary]);
