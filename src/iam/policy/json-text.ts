/** A JSON value with the index in the text where it starts. */
export type JsonNode =
  | { readonly kind: 'object'; readonly at: number; readonly members: ReadonlyMap<string, JsonMember> }
  | { readonly kind: 'array'; readonly at: number; readonly items: readonly JsonNode[] }
  /** A number keeps its source text; `true` and `false` are booleans. */
  | { readonly kind: 'string' | 'number' | 'boolean'; readonly at: number; readonly text: string }
  | { readonly kind: 'null'; readonly at: number };

export interface JsonMember {
  readonly keyAt: number;
  readonly value: JsonNode;
}

/** A mistake in JSON text: what, and at which index. */
export class JsonTextError extends Error {
  override readonly name = 'JsonTextError';
  readonly at: number;
  constructor(message: string, at: number, options?: ErrorOptions) {
    super(message, options);
    this.at = at;
  }
}

/** Line and column, both from 1, of an index in a text. */
export function positionOf(text: string, at: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at);
  const lineStart = before.lastIndexOf('\n') + 1;
  let line = 1;
  for (let i = before.indexOf('\n'); i >= 0; i = before.indexOf('\n', i + 1)) line++;
  return { line, column: at - lineStart + 1 };
}

/** The same as `line:column`. */
export function lineAndColumn(text: string, at: number): string {
  const { line, column } = positionOf(text, at);
  return `${line}:${column}`;
}

function stringOf(literal: string, at: number): string {
  try {
    const decoded: unknown = JSON.parse(literal);
    return String(decoded);
  } catch (cause) {
    throw new JsonTextError('a string with a line break, another control character or a bad escape', at, {
      cause,
    });
  }
}

interface Token {
  /** `{`, `string`, `number`, `boolean`, `null`, `end`, ... */
  readonly mark: string;
  readonly text: string;
}

/** Deeper nesting than any policy has; bounds recursion on hostile input. */
const DEEPEST = 64;

/** Parses JSON (RFC 8259), keeping positions; a key twice in one object is an error. Throws `JsonTextError`. */
export function parseJsonText(text: string): JsonNode {
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  const token =
    /[ \t\r\n]*(?:([{}[\],:])|("[^"\\]*(?:\\[^][^"\\]*)*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)|$)/y;
  let start = at;

  function next(): Token {
    token.lastIndex = at;
    const found = token.exec(text);
    if (found === null) {
      while (/[ \t\r\n]/.test(text.charAt(at))) at++;
      const character = text.charAt(at);
      const what =
        character === '"' ? 'a string without an end' : `unexpected character ${JSON.stringify(character)}`;
      throw new JsonTextError(what, at);
    }
    const [whole, mark, string, number, word] = found;
    at = token.lastIndex;
    start = at - (mark ?? whole.trimStart()).length;
    if (string !== undefined) return { mark: 'string', text: stringOf(string, start) };
    if (number !== undefined) return { mark: 'number', text: number };
    if (word !== undefined) return { mark: word === 'null' ? 'null' : 'boolean', text: word };
    return { mark: mark ?? 'end', text: mark ?? '' };
  }

  function expected(what: string, found: Token): never {
    const names = found.mark === 'end' ? 'the end of the text' : `'${found.mark}'`;
    throw new JsonTextError(`expected ${what}, found ${names}`, start);
  }

  function value(token: Token, depth: number): JsonNode {
    const here = start;
    if (depth > DEEPEST) throw new JsonTextError(`nested deeper than ${DEEPEST} levels`, here);
    switch (token.mark) {
      case 'string':
      case 'number':
      case 'boolean':
        return { kind: token.mark, at: here, text: token.text };
      case 'null':
        return { kind: 'null', at: here };
      case '[':
        return { kind: 'array', at: here, items: items(depth) };
      case '{':
        return { kind: 'object', at: here, members: members(depth) };
      default:
        return expected('a value', token);
    }
  }

  /** What stands between commas, up to the closing mark. */
  function each(close: ']' | '}', read: (token: Token) => void): void {
    let token = next();
    if (token.mark === close) return;
    for (;;) {
      read(token);
      const separator = next();
      if (separator.mark === close) return;
      if (separator.mark !== ',') expected(`',' or '${close}'`, separator);
      token = next();
    }
  }

  function items(depth: number): JsonNode[] {
    const list: JsonNode[] = [];
    each(']', (token) => list.push(value(token, depth + 1)));
    return list;
  }

  function members(depth: number): Map<string, JsonMember> {
    const map = new Map<string, JsonMember>();
    each('}', (token) => {
      if (token.mark !== 'string') expected('a key in double quotes', token);
      const keyAt = start;
      if (map.has(token.text))
        throw new JsonTextError(`the key ${JSON.stringify(token.text)} occurs twice`, keyAt);
      const colon = next();
      if (colon.mark !== ':') expected("':'", colon);
      map.set(token.text, { keyAt, value: value(next(), depth + 1) });
    });
    return map;
  }

  const root = value(next(), 0);
  const rest = next();
  if (rest.mark !== 'end') expected('the end of the text', rest);
  return root;
}
