import { compileCondition, type CompiledCondition } from './condition.ts';
import { actionPattern, matches, resourcePattern, type Pattern } from '../pattern/pattern.ts';
import { isAllow, isDeny, type PatternSet, type PolicyDocument, type Statement } from '../policy/policy.ts';

/** Which statement: indexes from 0. */
export interface StatementRef {
  readonly policy: number;
  readonly statement: number;
  readonly sid: string | undefined;
}

export interface CompiledSet {
  readonly kind: PatternSet['kind'];
  readonly patterns: readonly Pattern[];
}

export interface CompiledStatement {
  readonly ref: StatementRef;
  readonly source: Statement;
  readonly effect: Statement['effect'];
  readonly actions: CompiledSet;
  readonly resources: CompiledSet;
  readonly conditions: readonly CompiledCondition[];
  /** Whether it applies to every resource under every circumstance. */
  readonly isUnconditional: boolean;
}

/** The statements that apply to one action, each list in the order of the documents, the unconditional ones first. */
export interface Candidates {
  readonly allow: readonly CompiledStatement[];
  readonly deny: readonly CompiledStatement[];
}

/** The statements of some documents, each with its patterns parsed. */
export function compileStatements(documents: readonly PolicyDocument[]): CompiledStatement[] {
  return documents.flatMap((document, policy) => {
    const hasVariables = document.version === '2012-10-17';
    return document.statements.map((source, statement): CompiledStatement => {
      const { sid, effect, actions, resources, conditions } = source;
      return {
        ref: { policy, statement, sid },
        source,
        effect,
        actions: { kind: actions.kind, patterns: actions.patterns.map(actionPattern) },
        resources: {
          kind: resources.kind,
          patterns: resources.patterns.map((text) => resourcePattern(text, hasVariables)),
        },
        conditions: conditions.map((condition) => compileCondition(condition, hasVariables)),
        isUnconditional:
          conditions.length === 0 && resources.kind === 'only' && resources.patterns.includes('*'),
      };
    });
  });
}

/** Whether an action, lower-cased, is one a statement is about. */
export const appliesTo = ({ actions }: CompiledStatement, action: string): boolean =>
  actions.patterns.some((pattern) => matches(pattern, action)) === (actions.kind === 'only');

const rank = (statement: CompiledStatement): number => (statement.isUnconditional ? 0 : 1);

const MOST_REMEMBERED = 50_000;

/** Statements found by action: first by service prefix, then remembered per action asked for. */
export class StatementIndex {
  readonly #byService = new Map<string, CompiledStatement[]>();
  /** Statements with `NotAction`, or a wildcard before the colon. */
  readonly #everywhere: CompiledStatement[] = [];
  readonly #remembered = new Map<string, Candidates>();
  readonly #order = new Map<CompiledStatement, number>();

  constructor(documents: readonly PolicyDocument[]) {
    for (const [index, statement] of compileStatements(documents).entries()) {
      this.#order.set(statement, index);
      const services = servicesOf(statement);
      if (services === undefined) this.#everywhere.push(statement);
      for (const service of services ?? []) {
        const list = this.#byService.get(service);
        if (list === undefined) this.#byService.set(service, [statement]);
        else list.push(statement);
      }
    }
  }

  candidates(action: string): Candidates {
    const known = this.#remembered.get(action);
    if (known !== undefined) return known;
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear();
    const lower = action.toLowerCase();
    const service = lower.slice(0, lower.indexOf(':') + 1);
    const found = [...(this.#byService.get(service) ?? []), ...this.#everywhere]
      .filter((statement) => appliesTo(statement, lower))
      .sort((a, b) => rank(a) - rank(b) || (this.#order.get(a) ?? 0) - (this.#order.get(b) ?? 0));
    const candidates = {
      allow: found.filter(isAllow),
      deny: found.filter(isDeny),
    };
    this.#remembered.set(action, candidates);
    return candidates;
  }
}

/** `s3:`, `iam:`, ...; undefined when a statement may be about any service. */
function servicesOf(statement: CompiledStatement): Set<string> | undefined {
  if (statement.actions.kind === 'except') return undefined;
  const services = new Set<string>();
  for (const { prefix } of statement.actions.patterns) {
    const colon = prefix.indexOf(':');
    if (colon < 0) return undefined;
    services.add(prefix.slice(0, colon + 1));
  }
  return services;
}
