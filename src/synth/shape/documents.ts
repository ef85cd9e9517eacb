import { byCodeUnit } from '../../iam/order.ts';
import type { PolicyDocument, Statement } from '../../iam/policy/policy.ts';
import { statementSize } from './statements.ts';

/** Characters of `{"Version":"2012-10-17","Statement":[]}`. */
const frame = 39;

/**
 * Statements packed into documents of at most `quota` characters, white space not counted; the Denies come last, each
 * once, in the order of their content. A Sid stands once in a document: the first statement that has it keeps it.
 */
export function pack(
  allows: readonly Statement[],
  denies: readonly Statement[],
  quota: number,
): readonly PolicyDocument[] {
  const parts = (statements: readonly Statement[]): readonly Statement[] =>
    statements.flatMap((s) => split(s, quota - frame));
  const bins: { size: number; readonly statements: Statement[] }[] = [];
  for (const statement of [...parts(allows), ...eachOnce(parts(denies))]) {
    const fitting = bins.find(
      (bin) => bin.size + 1 + statementSize(namedIn(bin.statements, statement)) <= quota,
    );
    const bin = fitting ?? { size: frame - 1, statements: [] };
    if (!fitting) bins.push(bin);
    const named = namedIn(bin.statements, statement);
    bin.statements.push(named);
    bin.size += statementSize(named) + 1;
  }
  return bins.map(({ statements }) => ({ version: '2012-10-17', statements }));
}

const namedIn = (others: readonly Statement[], statement: Statement): Statement =>
  statement.sid !== undefined && others.some(({ sid }) => sid === statement.sid)
    ? { ...statement, sid: undefined }
    : statement;

/** Statements by content; of several Sids of one content the first in order stays. */
function eachOnce(statements: readonly Statement[]): readonly Statement[] {
  const byContent = new Map<string, Statement>();
  for (const statement of statements) {
    const { actions, resources, conditions, sid } = statement;
    const content = JSON.stringify([actions, resources, conditions]);
    const known = byContent.get(content);
    const isFirst = sid !== undefined && (known?.sid === undefined || byCodeUnit(sid, known.sid) < 0);
    if (!known || isFirst) byContent.set(content, statement);
  }
  return [...byContent].sort(([a], [b]) => byCodeUnit(a, b)).map(([, statement]) => statement);
}

/** A statement too large for a document by itself, as several that together say the same. */
function split(statement: Statement, quota: number, part = ''): readonly Statement[] {
  const named =
    part === '' ? statement : { ...statement, sid: `${statement.sid ?? statement.effect}${part}` };
  if (statementSize(named) <= quota) return [named];
  const { actions, resources } = statement;
  // A NotAction or NotResource list means something only as a whole.
  const byResource = actions.kind === 'except' || resources.patterns.length >= actions.patterns.length;
  if (resources.kind === 'only' && resources.patterns.length > 1 && byResource) {
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

const halves = <T>(list: readonly T[]): [T[], T[]] => [
  list.slice(0, list.length >> 1),
  list.slice(list.length >> 1),
];
