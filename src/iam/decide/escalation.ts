import type { PolicyDocument, Statement } from '../policy/policy.ts';
import { ESCALATION_PATHS, type EscalationPath } from '../privilege-escalation.ts';
import { StatementIndex, type CompiledStatement } from './compiled.ts';
import { conditionHolds } from './condition.ts';

/** A way to more rights that policies leave open as a whole. */
export interface OpenPath extends EscalationPath {
  /** The statements that allow each of its actions, in their order; whatever the resources. */
  readonly statements: readonly (readonly CompiledStatement[])[];
}

/** The published combinations of which policies allow every action, and roles be passed to the service in question. */
export function openPaths(documents: readonly PolicyDocument[]): readonly OpenPath[] {
  const index = new StatementIndex(documents);
  const granting = (action: string): readonly CompiledStatement[] => {
    const { allow, deny } = index.candidates(action);
    return deny.some(({ isUnconditional }) => isUnconditional) ? [] : allow;
  };
  return ESCALATION_PATHS.flatMap((path) => {
    const statements = path.actions.map((action) =>
      granting(action).filter(
        (statement) => action !== 'iam:passrole' || canReceive(statement, path.receivers),
      ),
    );
    return statements.some((list) => list.length === 0) ? [] : [{ ...path, statements }];
  });
}

/** Whether a statement lets roles be passed to one of some services, as far as `iam:PassedToService` says. */
const canReceive = ({ conditions }: CompiledStatement, receivers: readonly string[]): boolean =>
  receivers.some((receiver) =>
    conditions
      .filter(({ key }) => key === 'iam:passedtoservice')
      .every(
        (condition) =>
          conditionHolds(condition, {
            values: new Map([['iam:passedtoservice', [receiver]]]),
            isComplete: false,
          }) !== false,
      ),
  );

/** Whether a statement allows everything on everything. */
export const allowsAll = ({ effect, actions, resources, conditions }: Statement): boolean =>
  effect === 'Allow' &&
  conditions.length === 0 &&
  resources.kind === 'only' &&
  resources.patterns.includes('*') &&
  actions.kind === 'only' &&
  actions.patterns.some((text) => text === '*' || text === '*:*');

/** Whether policies allow everything on everything, whatever else they deny. */
export const isAdministrator = (documents: readonly PolicyDocument[]): boolean =>
  documents.some(({ statements }) => statements.some(allowsAll));
