import type { PolicyDocument, Statement } from '../iam/policy.ts';
import { statementSize } from './statements.ts';

/** Characters of `{"Version":"2012-10-17","Statement":[]}`. */
const frame = 39;

/** Statements packed into documents of at most `quota` characters, white space not counted. */
export function pack(statements: readonly Statement[], quota: number): readonly PolicyDocument[] {
  const bins: { size: number; statements: Statement[] }[] = [];
  for (const statement of statements.flatMap((s) => split(s, quota - frame))) {
    const size = statementSize(statement) + 1;
    const bin = bins.find((b) => b.size + size <= quota + 1);
    if (bin) {
      bin.statements.push(statement);
      bin.size += size;
    } else bins.push({ size: frame + size, statements: [statement] });
  }
  return bins.map((bin) => ({ version: '2012-10-17', statements: bin.statements }));
}

const halves = <T>(list: readonly T[]): [T[], T[]] => [
  list.slice(0, list.length >> 1),
  list.slice(list.length >> 1),
];

/** A statement too large for a document by itself, as several that together say the same. */
function split(statement: Statement, quota: number, part = ''): readonly Statement[] {
  const named = part === '' ? statement : { ...statement, sid: `${statement.sid ?? ''}${part}` };
  if (statementSize(named) <= quota) return [named];
  const { actions, resources } = statement;
  // A NotAction or NotResource list means something only as a whole.
  if (
    resources.kind === 'only' &&
    resources.patterns.length > 1 &&
    resources.patterns.length >= actions.patterns.length
  ) {
    const [a, b] = halves(resources.patterns);
    return [
      ...split({ ...statement, resources: { ...resources, patterns: a } }, quota, `${part}A`),
      ...split({ ...statement, resources: { ...resources, patterns: b } }, quota, `${part}B`),
    ];
  }
  if (actions.kind === 'only' && actions.patterns.length > 1) {
    const [a, b] = halves(actions.patterns);
    return [
      ...split({ ...statement, actions: { ...actions, patterns: a } }, quota, `${part}A`),
      ...split({ ...statement, actions: { ...actions, patterns: b } }, quota, `${part}B`),
    ];
  }
  return [named];
}
