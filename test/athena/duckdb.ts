import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';

/** Functions of Trino that DuckDB knows by another name. */
const macros = [
  'regexp_like(text, pattern) AS regexp_matches(text, pattern)',
  'regexp_split(text, pattern) AS string_split_regex(text, pattern)',
  "array_join(list, joint) AS coalesce(array_to_string(list, joint), '')",
  'json_format(value) AS CAST(value AS VARCHAR)',
  // Of structures, Trino gives NULL.
  "json_extract_scalar(text, path) AS CASE WHEN json_type(text, path) NOT IN ('OBJECT', 'ARRAY') THEN json_extract_string(text, path) END",
  'sequence(first, last) AS generate_series(first, last)',
  'slice(list, first, length) AS list_slice(list, first, first + length - 1)',
];

/** Functions that take lambdas, which no macro can pass on, or whose name means something else in DuckDB. */
const renamed: Readonly<Record<string, string>> = {
  transform: 'list_transform',
  filter: 'list_filter',
  cardinality: 'len',
};

/** A statement in Trino's dialect as DuckDB reads it: the same functions under its names, `reduce` with its arguments in its order. */
export function duckDialect(statement: string): string {
  const text = statement
    .replace(/\b(transform|filter|cardinality)\(/g, (_, name: string) => `${renamed[name] ?? name}(`)
    .replace('ARRAY(ARRAY(varchar))', 'varchar[][]');
  const at = text.indexOf(' reduce(');
  if (at === -1) return text;
  const [list = '', start = '', step = '', end = ''] = argumentsAt(text, at + ' reduce('.length);
  const whole = ` reduce(${[list, start, step, end].join(',')})`;
  if (!text.startsWith(whole, at)) throw new Error('reduce was not understood');
  return `${text.slice(0, at)} list_transform([list_reduce(${list},${step},${start})],${end})[1]${text.slice(at + whole.length)}`;
}

/** The arguments of a call, from its opening parenthesis on. */
function argumentsAt(text: string, from: number): string[] {
  const found: string[] = [];
  let depth = 0;
  let begin = from;
  for (let i = from; i < text.length; i++) {
    const c = text[i];
    if (c === "'") i = text.indexOf("'", i + 1);
    else if (c === '(' || c === '[') depth++;
    else if (c === ',' && depth === 0) {
      found.push(text.slice(begin, i));
      begin = i + 1;
    } else if (c === ')' || c === ']') {
      if (depth-- === 0) return [...found, text.slice(begin, i)];
    }
  }
  throw new Error('a parenthesis is not closed');
}

/** A database that understands the functions of our statements. */
export async function duckdb(): Promise<DuckDBConnection> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  for (const macro of macros) await connection.run(`CREATE MACRO ${macro}`);
  return connection;
}

/** Runs a statement in Trino's dialect; the cells of its rows as texts. */
export async function textRows(
  connection: DuckDBConnection,
  statement: string,
): Promise<Record<string, string | null>[]> {
  const result = await connection.runAndReadAll(
    `SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (${duckDialect(statement)})`,
  );
  const names = result.columnNames();
  return result
    .getRows()
    .map((row) =>
      Object.fromEntries(row.map((cell, i) => [names[i] ?? '', typeof cell === 'string' ? cell : null])),
    );
}
