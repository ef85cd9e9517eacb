/** Room `pattern`: action and resource patterns, which of them includes another, and what two share. */
import { memo } from '../memo.ts';

/** Any run of characters. In an ARN's sixth field and at the end of a field it crosses `:`. */
export const ANY = -1;
/** Any run of characters but `:`. */
export const FIELD = -2;
/** One character. */
export const ONE = -3;
/** One character but `:`. */
export const ONE_IN_FIELD = -4;
/** Any run of the characters of an IAM user name. */
export const NAME = -5;
/** One character of an IAM user name. */
const ONE_OF_NAME = -6;
/** Atoms at or below this are policy variables: see `variableOf`. */
const FIRST_VARIABLE = -10;
export const COLON = 58;

/** A policy variable: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`. */
export interface Variable {
  /** Lower-cased: condition keys compare case-insensitively. */
  readonly key: string;
  readonly fallback: string | undefined;
  readonly text: string;
}

/**
 * A parsed IAM pattern. An atom is a UTF-16 code unit (0 or more), a wildcard, or a variable; runs of wildcards
 * stand in one order (`?` before `*`), so that equal languages mostly have equal atoms.
 */
export interface Pattern {
  readonly text: string;
  readonly atoms: readonly number[];
  /** The atoms with every variable as `ANY`: what the pattern could match, whatever the variables hold. */
  readonly loose: readonly number[];
  /** The atoms with every variable as the values that AWS gives it: never more than `loose`. */
  readonly range: readonly number[];
  /** The characters before the first wildcard or variable. */
  readonly prefix: string;
  /** Those after the last one; of a literal all of it. */
  readonly suffix: string;
  readonly shape: 'literal' | 'prefix' | 'glob';
  readonly hasVariables: boolean;
}

export interface PatternOptions {
  /** Whether `${...}` means a variable or an escape (policies of version 2012-10-17), or is plain text. */
  readonly variables: boolean;
  /**
   * How `*` and `?` treat the colons of a text that starts with `arn:`. `resource`: inside one of the first five fields
   * they do not match `:`, but a `*` that ends its field does; missing fields are completed with `*`
   * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html).
   * `condition`: each field on its own, as the ARN operators compare
   * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN).
   */
  readonly arn?: 'resource' | 'condition';
  /** Default true. `StringEquals` has variables and escapes but no wildcards. */
  readonly wildcards?: boolean;
}

// Variables are interned so that atoms of different patterns compare as numbers; a run reads few policies.
const variableIds = new Map<string, number>();
const variables: Variable[] = [];

/** The variable an atom stands for, or undefined when it is a character or a wildcard. */
export const variableOf = (atom: number): Variable | undefined =>
  atom <= FIRST_VARIABLE ? variables[FIRST_VARIABLE - atom] : undefined;
export const isVariable = (atom: number): boolean => atom <= FIRST_VARIABLE;
export const isRun = (atom: number): boolean => atom === ANY || atom === FIELD || atom === NAME;

/** Whether a wildcard takes a character. */
export function takesCode(wildcard: number, code: number): boolean {
  if (wildcard === ANY || wildcard === ONE) return true;
  if (wildcard === FIELD || wildcard === ONE_IN_FIELD) return code !== COLON;
  return (wildcard === NAME || wildcard === ONE_OF_NAME) && isNameCode(code);
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names */
export const isNameCode = (code: number): boolean => /^[\w+=,.@-]$/.test(String.fromCharCode(code));

/** Whether a variable of a key can hold a value. A key that is not here can hold any string: empty, and with every character. */
export const canHold = (key: string, value: string): boolean =>
  key !== 'aws:username' || /^[\w+=,.@-]+$/.test(value);
const rangeOf = ({ key, fallback }: Variable): readonly number[] =>
  key === 'aws:username' && fallback === undefined ? [ONE_OF_NAME, NAME] : [ANY];

function variableAtom(key: string, fallback: string | undefined): number {
  const text = fallback === undefined ? `\${${key}}` : `\${${key}, '${fallback}'}`;
  const identity = `${key.toLowerCase()}\0${fallback ?? '\0'}`;
  const known = variableIds.get(identity);
  if (known !== undefined) return FIRST_VARIABLE - known;
  variableIds.set(identity, variables.length);
  variables.push({ key: key.toLowerCase(), fallback, text });
  return FIRST_VARIABLE - (variables.length - 1);
}

/** The `${...}` at an index: its atom and its length; undefined when it is no well-formed variable. */
function variableAt(text: string, start: number): { atom: number; length: number } | undefined {
  let close = text.indexOf('}', start);
  const quote = text.indexOf("'", start);
  if (quote >= 0 && quote < close) close = text.indexOf('}', text.indexOf("'", quote + 1));
  if (close < 0) return undefined;
  const inside = text.slice(start + 2, close);
  const length = close + 1 - start;
  if (inside === '*' || inside === '?' || inside === '$') return { atom: inside.charCodeAt(0), length };
  const comma = inside.indexOf(',');
  const key = (comma < 0 ? inside : inside.slice(0, comma)).trim();
  if (!/^[\w:./+=@-]+$/.test(key)) return undefined;
  if (comma < 0) return { atom: variableAtom(key, undefined), length };
  const fallback = inside.slice(comma + 1).trim();
  if (fallback.length < 2 || fallback.indexOf("'", 1) !== fallback.length - 1 || !fallback.startsWith("'")) {
    return undefined;
  }
  return { atom: variableAtom(key, fallback.slice(1, -1)), length };
}

/** Collapses runs of `*` and puts `?` before `*` within a run of wildcards that treat colons alike. */
function pushWildcard(atoms: number[], atom: number): void {
  const last = atoms.at(-1);
  if (isRun(atom)) {
    if (last === ANY) return;
    if (last === FIELD) atoms.pop();
    atoms.push(last === FIELD && atom === FIELD ? FIELD : atom);
  } else if ((atom === ONE && last === ANY) || (atom === ONE_IN_FIELD && last === FIELD)) {
    atoms.splice(-1, 1, atom, last);
  } else atoms.push(atom);
}

/** Whether a text of a Resource element names one thing: it has neither wildcards nor variables, and an ARN has all of its fields. */
export const isPlain = (text: string): boolean => /^(?!arn:(?:[^:]*:){0,3}[^:]*$)[^*?$]*$/.test(text);

/** Parses the text of a policy. Never fails: what is no variable is literal text. */
export function parsePattern(text: string, options: PatternOptions): Pattern {
  const atoms: number[] = [];
  if (isPlain(text)) {
    for (let i = 0; i < text.length; i++) atoms.push(text.charCodeAt(i));
    const [loose, range, prefix, suffix] = [atoms, atoms, text, text];
    return { text, atoms, loose, range, prefix, suffix, shape: 'literal', hasVariables: false };
  }
  const isArn = options.arn !== undefined && text.startsWith('arn:');
  const wildcards = options.wildcards ?? true;
  let colons = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const inField = isArn && colons < 5;
    if (wildcards && code === 42) {
      const endsField = i + 1 === text.length || text.charCodeAt(i + 1) === COLON;
      pushWildcard(atoms, inField && !(endsField && options.arn === 'resource') ? FIELD : ANY);
      continue;
    }
    if (wildcards && code === 63) {
      pushWildcard(atoms, inField ? ONE_IN_FIELD : ONE);
      continue;
    }
    const variable =
      options.variables && code === 36 && text.charCodeAt(i + 1) === 123 ? variableAt(text, i) : undefined;
    if (variable === undefined) {
      if (code === COLON) colons++;
      atoms.push(code);
    } else {
      atoms.push(variable.atom);
      i += variable.length - 1;
    }
  }
  if (isArn && options.arn === 'resource') for (; colons < 5; colons++) atoms.push(COLON, ANY);
  return patternOf(text, atoms);
}

/** A pattern of given atoms; `text` defaults to what `parsePattern` would read them from. */
export function patternOf(text: string | undefined, atoms: readonly number[]): Pattern {
  const firstWild = atoms.findIndex((atom) => atom < 0);
  const hasVariables = atoms.some(isVariable);
  const literalLength = firstWild < 0 ? atoms.length : firstWild;
  let prefix = '';
  for (const atom of atoms.slice(0, literalLength)) prefix += String.fromCharCode(atom);
  const shape =
    firstWild < 0
      ? 'literal'
      : firstWild === atoms.length - 1 && atoms[firstWild] === ANY
        ? 'prefix'
        : 'glob';
  const loose = hasVariables ? withVariablesAs(atoms, () => [ANY]) : atoms;
  const range = hasVariables ? withVariablesAs(atoms, rangeOf) : atoms;
  let suffix = shape === 'literal' ? prefix : '';
  if (shape === 'glob')
    for (const atom of atoms.slice(atoms.findLastIndex((each) => each < 0) + 1))
      suffix += String.fromCharCode(atom);
  return { text: text ?? renderAtoms(atoms), atoms, loose, range, prefix, suffix, shape, hasVariables };
}

function withVariablesAs(
  atoms: readonly number[],
  range: (variable: Variable) => readonly number[],
): number[] {
  const result: number[] = [];
  for (const atom of atoms) {
    const variable = variableOf(atom);
    if (atom >= 0) result.push(atom);
    else for (const wild of variable ? range(variable) : [atom]) pushWildcard(result, wild);
  }
  return result;
}

/** A pattern's text that matches exactly a literal, in a policy of version 2012-10-17. */
export const escapeLiteral = (text: string): string => text.replace(/[*?$]/g, (c) => `\${${c}}`);

function renderAtoms(atoms: readonly number[]): string {
  let text = '';
  for (const atom of atoms) {
    const variable = variableOf(atom);
    if (variable !== undefined) text += variable.text;
    else if (atom >= 0) text += escapeLiteral(String.fromCharCode(atom));
    else text += isRun(atom) ? '*' : '?';
  }
  return text;
}

/** The pattern of an action: wildcards, case-insensitive (lower-cased here; lower-case what it is matched with). */
export const actionPattern = memo((text: string): Pattern =>
  parsePattern(text.toLowerCase(), { variables: false }),
);
const ofPolicy = memo((text: string) => parsePattern(text, { variables: true, arn: 'resource' }));
/** The pattern of a Resource element; remembered, for one is asked for many times. */
export const resourcePattern = (text: string, hasVariables: boolean): Pattern =>
  hasVariables ? ofPolicy(text) : parsePattern(text, { variables: false, arn: 'resource' });

/** Whether a variable of the pattern is replaced by its value, taken literally; undefined when one has no value. */
export function resolved(
  pattern: Pattern,
  valueOf: (variable: Variable) => string | undefined,
): Pattern | undefined {
  if (!pattern.hasVariables) return pattern;
  const atoms: number[] = [];
  for (const atom of pattern.atoms) {
    const variable = variableOf(atom);
    if (variable === undefined) atoms.push(atom);
    else {
      const value = valueOf(variable);
      if (value === undefined) return undefined;
      for (let i = 0; i < value.length; i++) atoms.push(value.charCodeAt(i));
    }
  }
  return patternOf(pattern.text, atoms);
}

/** Whether a literal is in the pattern's language. A variable stands for an unknown string: it may match anything. */
export function matches(pattern: Pattern, literal: string): boolean {
  if (pattern.shape === 'literal') return pattern.prefix === literal;
  if (!literal.startsWith(pattern.prefix)) return false;
  return pattern.shape === 'prefix' || absorbs(pattern.loose, codesOf(literal));
}

function codesOf(text: string): Uint16Array {
  const codes = new Uint16Array(text.length);
  for (let i = 0; i < text.length; i++) codes[i] = text.charCodeAt(i);
  return codes;
}

/**
 * Whether every outer atom takes its share of the inner ones, in order; literal text is a list of its codes. Greedy with
 * two points of return: the last `ANY`, and within it the last `FIELD` (what it took can always be taken by a later one,
 * so earlier points are never needed). Time is at most the product of the lengths.
 */
export function absorbs(outer: readonly number[], inner: ArrayLike<number>): boolean {
  let [o, i, anyOuter, anyInner, fieldOuter, fieldInner] = [0, 0, -1, 0, -1, 0];
  while (i < inner.length) {
    const atom = outer[o];
    if (atom === ANY) {
      anyOuter = ++o;
      anyInner = i;
      fieldOuter = -1;
    } else if (atom === FIELD) {
      fieldOuter = ++o;
      fieldInner = i;
    } else if (atom !== undefined && takes(atom, inner[i] ?? ANY)) {
      o++;
      i++;
    } else if (fieldOuter >= 0 && isWithinField(inner[fieldInner] ?? ANY)) {
      i = ++fieldInner;
      o = fieldOuter;
    } else if (anyOuter >= 0) {
      i = ++anyInner;
      o = anyOuter;
      fieldOuter = -1;
    } else return false;
  }
  while (isRun(outer[o] ?? 0)) o++;
  return o === outer.length;
}

const takes = (outer: number, inner: number): boolean =>
  outer === inner ||
  (outer === ONE && (inner >= 0 || inner === ONE_IN_FIELD)) ||
  (outer === ONE_IN_FIELD && inner >= 0 && inner !== COLON);

const isWithinField = (atom: number): boolean =>
  (atom >= 0 && atom !== COLON) || atom === FIELD || atom === ONE_IN_FIELD;
