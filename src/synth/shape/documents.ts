import { serviceOf } from '../../iam/catalogue.ts';
import { byCodeUnit, groupBy, inKeyOrder, sortedUnique } from '../../iam/order.ts';
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

interface Piece {
  readonly as: (typeof parts)[number];
  readonly statement: Statement;
}
const parts = ['used', 'unseen', 'carried'] as const;

const pieces = (as: Piece['as'], statements: readonly Statement[]): readonly Piece[] =>
  statements.map((statement) => ({ as, statement }));

/** What of one document is there by now: those of `used` will stand first, then `unseen`, then `carried`: today's, as they are written. */
class Bin {
  /** Characters that it takes. */
  size = 0;
  private readonly units: (readonly Piece[])[] = [];
  /** Of statements that will be one, how many actions: no two units have the same. */
  private readonly actions = new Map<string, number>();

  constructor(unit: readonly Piece[]) {
    this.add(unit);
  }

  /** Characters that it takes with more statements, none of them alike. */
  sizeWith(unit: readonly Piece[]): number {
    return unit.reduce((sum, piece) => {
      const known = this.actions.get(likeness(piece));
      if (known === undefined) return sum + sizeOf(piece);
      const { patterns } = piece.statement.actions;
      const brackets = known === 1 ? 2 : 0;
      return patterns.reduce((all, pattern) => all + 1 + JSON.stringify(pattern).length, sum + brackets);
    }, this.size);
  }

  add(unit: readonly Piece[]): void {
    this.size = this.sizeWith(unit);
    this.units.push(unit);
    for (const piece of unit) {
      if (!canJoin(piece)) continue;
      const key = likeness(piece);
      this.actions.set(key, (this.actions.get(key) ?? 0) + piece.statement.actions.patterns.length);
    }
  }

  /** Its statements, those that differ in their actions alone as one. */
  joined(): readonly Piece[] {
    const all = this.units.flat();
    if (this.units.length === 1) return all;
    return parts.flatMap((as) => {
      const own = all.filter((piece) => piece.as === as);
      return as === 'carried' ? own : pieces(as, merged(own));
    });
  }
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
  const put = (unit: readonly Piece[]): void => {
    const first = bins.find((bin) => bin.sizeWith(unit) <= room);
    if (first) first.add(unit);
    else bins.push(new Bin(unit));
  };
  const fits = (unit: readonly Piece[]): boolean =>
    unit.reduce((sum, piece) => sum + sizeOf(piece), 0) <= room;
  const apart = (unit: readonly Piece[]): void => {
    for (const { as, statement } of unit)
      for (const part of split(statement, room)) put([{ as, statement: part }]);
  };
  // In the first document, so that it takes away from whatever stands beside it.
  apart(pieces('carried', [...whole, ...eachOnce(denies)]));
  const everything = [...pieces('used', used), ...pieces('unseen', unseen)];
  for (const unit of fits(everything) ? [everything] : byService(everything))
    (fits(unit) ? put : apart)(unit);
  return named(bins.map((bin) => bin.joined()).filter((bin) => bin.length > 0));
}

/** Statements of each service by themselves, in the order of their names. */
function byService(bin: readonly Piece[]): readonly (readonly Piece[])[] {
  const ofService = bin.flatMap(({ as, statement }) =>
    [...groupBy(statement.actions.patterns, serviceOf)].map(([service, patterns]) => ({
      service,
      piece: { as, statement: { ...statement, actions: { ...statement.actions, patterns } } },
    })),
  );
  return inKeyOrder(groupBy(ofService, ({ service }) => service)).map((list) =>
    list.map(({ piece }) => piece),
  );
}

const likenesses = new WeakMap<Piece, string>();

/** The same for statements of one part that differ in their actions alone. */
function likeness(piece: Piece): string {
  const { actions, resources, conditions } = piece.statement;
  const known = likenesses.get(piece) ?? JSON.stringify([piece.as, actions.kind, resources, conditions]);
  likenesses.set(piece, known);
  return known;
}

/** Of two NotActions only what both except is excepted. */
const canJoin = ({ as, statement }: Piece): boolean => as !== 'carried' && statement.actions.kind === 'only';

const merged = (own: readonly Piece[]): readonly Statement[] =>
  inOrder(
    [...groupBy(own, likeness).values()].flatMap((alike) => {
      const statements = alike.map(({ statement }) => statement);
      const [{ statement: first }] = alike;
      if (alike.length === 1 || !canJoin(alike[0])) return statements;
      const patterns = sortedUnique(statements.flatMap(({ actions }) => actions.patterns));
      return [{ ...first, actions: { ...first.actions, patterns } }];
    }),
  );

/** Characters of a comma, quotes, `Sid` and a long one. */
const sidRoom = `"Sid":"",`.length + longestSid;

const sizeOf = ({ as, statement }: Piece): number =>
  1 + statementSize(statement) + (as === 'carried' ? 0 : sidRoom);

/** The documents of bins, their statements with Sids: those written here take none that was written by others. */
function named(bins: readonly (readonly Piece[])[]): readonly PolicyDocument[] {
  const taken = new Set(
    bins.flat().flatMap(({ as, statement }) => (as === 'carried' ? (statement.sid ?? []) : [])),
  );
  return bins.map((bin) => {
    const known = new Set<string | undefined>();
    const statements = bin.map(({ as, statement }) => {
      const written = as === 'carried' ? statement.sid : undefined;
      const isFree = written !== undefined && !known.has(written);
      const words = as === 'carried' ? undefined : sidWords(statement, as === 'unseen');
      const sid = words ? freeSid(words, (one) => taken.has(one)) : isFree ? written : undefined;
      known.add(sid);
      if (sid !== undefined) taken.add(sid);
      return { ...statement, sid };
    });
    return { version: '2012-10-17', statements };
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
  return inKeyOrder(byContent);
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
  const [side] = (byResource ? (['resources', 'actions'] as const) : (['actions'] as const)).filter(
    (one) => statement[one].kind === 'only' && statement[one].patterns.length > 1,
  );
  if (side === undefined) return [statement];
  const { patterns } = statement[side];
  return [patterns.slice(0, patterns.length >> 1), patterns.slice(patterns.length >> 1)].flatMap((half) =>
    halved({ ...statement, [side]: { ...statement[side], patterns: half } }, room),
  );
}

/** The file names of some documents, by how they start: `policy`, `policy-unseen`, `boundary`. */
export const filesOf = (documents: readonly PolicyDocument[], stem: string): readonly string[] =>
  documents.map((_, i) => `${stem}${i === 0 ? '' : `-${i + 1}`}.json`);
