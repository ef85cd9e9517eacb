import { memo } from '../memo.ts';
import { CompiledSet } from './compiled-set.ts';
import { claimOf, type Claim } from './claim.ts';
import { actionPattern, resourcePattern, type Pattern } from '../pattern/pattern.ts';
import { PatternIndex } from '../pattern/pattern-index.ts';
import { isAllow, isDeny, type PolicyDocument, type Statement } from '../policy/policy.ts';

/** Which statement: indexes from 0. */
export interface StatementRef {
  readonly policy: number;
  readonly statement: number;
  readonly sid: string | undefined;
}

export interface CompiledStatement {
  readonly ref: StatementRef;
  readonly source: Statement;
  readonly effect: Statement['effect'];
  readonly actions: CompiledSet;
  readonly resources: CompiledSet;
  readonly conditions: readonly Claim[];
  /** Whether it applies to every resource under every circumstance. */
  readonly isUnconditional: boolean;
}

/** The statements that apply to one action, each list in the order of the documents, the unconditional ones first. */
export interface Candidates {
  readonly allow: readonly CompiledStatement[];
  readonly deny: readonly CompiledStatement[];
}

/** Whether a statement applies to every resource under every circumstance. */
export const isUnconditional = ({ conditions, resources }: Statement): boolean =>
  conditions.length === 0 && resources.kind === 'only' && resources.patterns.includes('*');

/** A statement with its patterns parsed. `hasVariables`: of version 2012-10-17. */
export function compileStatement(
  source: Statement,
  hasVariables: boolean,
  ref: StatementRef,
): CompiledStatement {
  const { effect, actions, resources, conditions } = source;
  return {
    ref,
    source,
    effect,
    actions: new CompiledSet(actions.kind, actions.patterns.map(actionPattern)),
    resources: new CompiledSet(
      resources.kind,
      resources.patterns.map((text) => resourcePattern(text, hasVariables)),
    ),
    conditions: conditions.map((condition) => claimOf(condition, hasVariables)),
    isUnconditional: isUnconditional(source),
  };
}

/** The statements of some documents, each with its patterns parsed. */
export function compileStatements(documents: readonly PolicyDocument[]): CompiledStatement[] {
  return documents.flatMap((document, policy) =>
    document.statements.map((source, statement) =>
      compileStatement(source, document.version === '2012-10-17', { policy, statement, sid: source.sid }),
    ),
  );
}

/** Whether a statement is about an action, in any case. */
export const appliesTo = ({ actions }: CompiledStatement, action: string): boolean =>
  actions.has(action.toLowerCase());

/** Whether it applies to every resource, or to all but some. */
export const isOnAll = ({ source: { resources } }: CompiledStatement): boolean =>
  resources.kind === 'except' || resources.patterns.includes('*');

/** Fewer statements than this are searched as fast as they are looked up. */
const FEW = 8;

const rank = (statement: CompiledStatement): number => (statement.isUnconditional ? 0 : 1);

/** Statements found by action, then remembered per action asked for. */
export class StatementIndex {
  /** In the order of the documents. */
  readonly statements: readonly CompiledStatement[];
  readonly #byAction = new PatternIndex<CompiledStatement>();
  /** Statements with `NotAction`. */
  readonly #except: CompiledStatement[] = [];
  readonly #order = new Map<CompiledStatement, number>();
  readonly #known = new Map<string, Candidates>();

  constructor(documents: readonly PolicyDocument[]) {
    this.statements = compileStatements(documents);
    for (const [index, statement] of this.statements.entries()) {
      this.#order.set(statement, index);
      if (statement.actions.kind === 'except') this.#except.push(statement);
      else
        for (const pattern of statement.actions.patterns) this.#byAction.add({ pattern, value: statement });
    }
  }

  /** Of an action in any case; one object for all actions that the same statements are about. */
  find(action: string): Candidates {
    const lower = action.toLowerCase();
    const found = new Set(this.#except.filter((statement) => appliesTo(statement, lower)));
    for (const { value } of this.#byAction.matching(lower)) found.add(value);
    return this.#candidatesOf(found);
  }

  /** The same, remembered. */
  readonly candidates = memo((action: string) => this.find(action), 50_000);

  /** Of an action in any case, those that may apply to a literal resource, and maybe others. */
  near(action: string, literal: string): Candidates {
    const all = this.candidates(action);
    if (all.allow.length + all.deny.length < FEW) return all;
    const { except, index } = this.#byResource(all);
    const found = new Set(except);
    for (const { value } of index.matching(literal)) found.add(value);
    return this.#candidatesOf(found);
  }

  readonly #byResource = memo(({ allow, deny }: Candidates) => {
    const [except, only] = ['except', 'only'].map((kind) =>
      [...allow, ...deny].filter(({ resources }) => resources.kind === kind),
    );
    const entries = only?.flatMap((value) => value.resources.patterns.map((pattern) => ({ pattern, value })));
    return { except, index: new PatternIndex(entries) };
  });

  /** The statements that are about all actions of a pattern. */
  about(pattern: Pattern): Candidates {
    const found = new Set(this.#except.filter(({ actions }) => actions.meeting(pattern).length === 0));
    for (const { value } of this.#byAction.holding(pattern)) found.add(value);
    return this.#candidatesOf(found);
  }

  /** The statements that are about every action of a pattern, where no other is about some of them; undefined where one is. */
  alike(pattern: Pattern): Candidates | undefined {
    const near = new Set(this.#except.filter(({ actions }) => !actions.holds(pattern)));
    for (const { value } of this.#byAction.meeting(pattern)) near.add(value);
    const whole = this.about(pattern);
    return near.size === whole.allow.length + whole.deny.length ? whole : undefined;
  }

  #candidatesOf(found: ReadonlySet<CompiledStatement>): Candidates {
    const places = Array.from(found, (statement) => this.#order.get(statement)).join();
    const known = this.#known.get(places);
    if (known) return known;
    const sorted = [...found].sort(
      (a, b) => rank(a) - rank(b) || (this.#order.get(a) ?? 0) - (this.#order.get(b) ?? 0),
    );
    const candidates = { allow: sorted.filter(isAllow), deny: sorted.filter(isDeny) };
    this.#known.set(places, candidates);
    return candidates;
  }
}
