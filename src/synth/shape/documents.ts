import { serviceOf } from '../../iam/catalogue.ts';
import { byCodeUnit, groupBy, sortedUnique } from '../../iam/order.ts';
import type { PolicyDocument, Statement } from '../../iam/policy/policy.ts';
import { freeSid, longestSid, sidWords } from './sids.ts';
import { inOrder, statementSize } from './statements.ts';

/** Characters of `{"Version":"2012-10-17","Statement":[]}`. */
const frame = 39;

/** Statements to be put into documents. */
export interface Contents {
  /** What was used or is kept for a reason, written here: they get a Sid. */
  readonly used: readonly Statement[];
  /** What is kept though nobody was seen using it: their Sids begin with `Unseen`. */
  readonly unseen?: readonly Statement[];
  /** Statements of today's policies that stay as they are written. */
  readonly whole?: readonly Statement[];
  /** Each stands once, last in the first document that has room, in the order of their content. */
  readonly denies?: readonly Statement[];
}

/** Policies as they are written. */
export interface Written {
  readonly documents: readonly PolicyDocument[];
  /**
   * The names of their files. What is kept though unseen stands last, in `policy-unseen.json`, `policy-unseen-2.json`, ..., so that a
   * person can decide on it by itself; where one document is all that can be, it stands in that.
   */
  readonly files: readonly string[];
  /** Those that the proof is of: without what is kept unseen, where that stands apart. */
  readonly proven: readonly PolicyDocument[];
  /** What is granted with them: the same, or what today's policies grant through a boundary. */
  readonly granted: readonly PolicyDocument[];
  /** Of a boundary: what it allows before it is cut to today's boundary. */
  readonly uncut?: readonly Statement[];
  /** Why they do not fit, a line each; empty when they do. */
  readonly overflow: readonly string[];
}

/**
 * Statements as documents of at most `quota` characters, white space not counted. A service is divided over several only where
 * it alone exceeds one. A Sid stands once in a document: the first statement that was written with it keeps it.
 */
export function pack(
  { used, unseen = [], whole = [], denies = [] }: Contents,
  quota: number,
): readonly PolicyDocument[] {
  const room = quota - frame;
  const bins: Bin[] = [];
  const put = (unit: Bin): void => {
    for (const [at, bin] of bins.entries()) {
      if (leastOf(bin, unit) > room) continue;
      const both = joined(bin, unit);
      if (sizeOf(both) > room) continue;
      bins[at] = both;
      return;
    }
    bins.push(unit);
  };
  // In the first document, so that it takes away from whatever stands beside it.
  for (const statement of [...whole, ...eachOnce(denies)])
    for (const part of split(statement, room)) put({ ...nothing, carried: [part] });
  const everything = { ...nothing, used, unseen };
  const units = sizeOf(everything) <= room ? [everything] : byService(everything);
  for (const unit of units) {
    if (sizeOf(unit) <= room) put(unit);
    else
      for (const [name, list] of [
        ['used', unit.used],
        ['unseen', unit.unseen],
      ] as const)
        for (const statement of list.flatMap((one) => split(one, room)))
          put({ ...nothing, [name]: [statement] });
  }
  return named(bins.filter((bin) => sizeOf(bin) > 0));
}

/** What comes into one document. */
interface Bin {
  readonly used: readonly Statement[];
  readonly unseen: readonly Statement[];
  readonly carried: readonly Statement[];
}

const nothing: Bin = { used: [], unseen: [], carried: [] };

/** Statements of each service by themselves, in the order of their names. */
function byService({ used, unseen }: Bin): readonly Bin[] {
  const bins = new Map<string, { used: Statement[]; unseen: Statement[]; carried: [] }>();
  for (const [name, list] of [
    ['used', used],
    ['unseen', unseen],
  ] as const)
    for (const statement of list)
      for (const [service, patterns] of groupBy(statement.actions.patterns, serviceOf)) {
        const bin = bins.get(service) ?? { used: [], unseen: [], carried: [] };
        bin[name].push({ ...statement, actions: { ...statement.actions, patterns } });
        bins.set(service, bin);
      }
  return [...bins].sort(([a], [b]) => byCodeUnit(a, b)).map(([, bin]) => bin);
}

const joined = (a: Bin, b: Bin): Bin => ({
  used: merged([...a.used, ...b.used]),
  unseen: merged([...a.unseen, ...b.unseen]),
  carried: [...a.carried, ...b.carried],
});

/** The least that two bins can take together: statements of one that are like none of the other stay as they are. */
function leastOf(a: Bin, b: Bin): number {
  const likes = (bin: Bin): ReadonlySet<string> => new Set([...bin.used, ...bin.unseen].map(likeness));
  const others = likes(a);
  const isNew = (statement: Statement): boolean => !others.has(likeness(statement));
  return sizeOf(a) + sizeOf({ ...b, used: b.used.filter(isNew), unseen: b.unseen.filter(isNew) });
}

const likenesses = new WeakMap<Statement, string>();

/** The same for statements that differ in their actions alone. */
function likeness(statement: Statement): string {
  const { actions, resources, conditions } = statement;
  const known = likenesses.get(statement) ?? JSON.stringify([actions.kind, resources, conditions]);
  likenesses.set(statement, known);
  return known;
}

/** Statements that differ in their actions alone as one. */
const merged = (statements: readonly Statement[]): readonly Statement[] =>
  inOrder(
    [...groupBy(statements, likeness).values()].flatMap((alike) => {
      const [first] = alike;
      // Of two NotActions only what both except is excepted.
      if (!first || alike.length === 1 || first.actions.kind === 'except') return alike;
      const patterns = sortedUnique(alike.flatMap(({ actions }) => actions.patterns));
      return [{ ...first, actions: { ...first.actions, patterns } }];
    }),
  );

/** Characters of a comma, quotes, `Sid` and a long one. */
const sidRoom = `"Sid":"",`.length + longestSid;

const sizeOf = ({ used, unseen, carried }: Bin): number =>
  [...used, ...unseen].reduce((sum, s) => sum + 1 + statementSize(s) + sidRoom, 0) +
  carried.reduce((sum, s) => sum + 1 + statementSize(s), 0);

/** The documents of bins, their statements with Sids: those written here take none that was written by others. */
function named(bins: readonly Bin[]): readonly PolicyDocument[] {
  const taken = new Set(bins.flatMap(({ carried }) => carried.flatMap(({ sid }) => sid ?? [])));
  const withSid = (statement: Statement, isUnseen: boolean): Statement => {
    const sid = freeSid(sidWords(statement, isUnseen), (one) => taken.has(one));
    taken.add(sid);
    return { ...statement, sid };
  };
  return bins.map(({ used, unseen, carried }) => {
    const own = [...used.map((s) => withSid(s, false)), ...unseen.map((s) => withSid(s, true))];
    const known = new Set<string>();
    const others = carried.map((statement) => {
      const { sid } = statement;
      if (sid === undefined || !known.has(sid)) {
        if (sid !== undefined) known.add(sid);
        return statement;
      }
      return { ...statement, sid: undefined };
    });
    return { version: '2012-10-17', statements: [...own, ...others] };
  });
}

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

/** A statement too large for a document by itself, as several that together say the same; one that has a Sid numbers them. */
function split(statement: Statement, room: number): readonly Statement[] {
  const { sid } = statement;
  const parts = halved({ ...statement, sid: undefined }, room - sidRoom - (sid?.length ?? 0));
  if (parts.length === 1) return [statement];
  return parts.map((part, i) => ({ ...part, sid: sid && (i === 0 ? sid : `${sid}${i + 1}`) }));
}

function halved(statement: Statement, room: number): readonly Statement[] {
  if (statementSize(statement) <= room) return [statement];
  const { actions, resources } = statement;
  // A NotAction or NotResource list means something only as a whole.
  const byResource = actions.kind === 'except' || resources.patterns.length >= actions.patterns.length;
  if (resources.kind === 'only' && resources.patterns.length > 1 && byResource) {
    const [a, b] = halves(resources.patterns);
    return [
      ...halved({ ...statement, resources: { ...resources, patterns: a } }, room),
      ...halved({ ...statement, resources: { ...resources, patterns: b } }, room),
    ];
  }
  if (actions.kind === 'only' && actions.patterns.length > 1) {
    const [a, b] = halves(actions.patterns);
    return [
      ...halved({ ...statement, actions: { ...actions, patterns: a } }, room),
      ...halved({ ...statement, actions: { ...actions, patterns: b } }, room),
    ];
  }
  return [statement];
}

const halves = <T>(list: readonly T[]): [T[], T[]] => [
  list.slice(0, list.length >> 1),
  list.slice(list.length >> 1),
];

/** The file names of some documents, by how they start: `policy`, `policy-unseen`, `boundary`. */
export const filesOf = (documents: readonly PolicyDocument[], stem: string): readonly string[] =>
  documents.map((_, i) => `${stem}${i === 0 ? '' : `-${i + 1}`}.json`);
