import type { Finding, Severity } from './finding.ts';
import { parseJsonText, positionOf, type JsonNode } from '../policy/json-text.ts';
import { lintPolicy } from './lint.ts';
import type { PolicyDocument } from '../policy/policy.ts';

/** A finding, and where its element starts in the text: line and column from 1. */
export interface PlacedFinding extends Finding {
  readonly line: number;
  readonly column: number;
  /** Of the statement, if it has one. */
  readonly sid: string | undefined;
}

const GRAVITY: readonly Severity[] = ['error', 'warning', 'suggestion'];

/**
 * Findings on one policy, the gravest first, then in the order they stand in its text.
 * @param document what the text says
 * @param beside other documents of the same principal
 */
export function lintText(
  text: string,
  document: PolicyDocument,
  beside: readonly PolicyDocument[],
): readonly PlacedFinding[] {
  const findings = lintPolicy(document, beside);
  const root = parseJsonText(text);
  return findings
    .map((finding) => ({
      ...finding,
      ...positionOf(text, placeOf(root, finding.path)),
      sid: document.statements[Number(/^Statement\[(\d+)\]/.exec(finding.path)?.[1])]?.sid,
    }))
    .sort(
      (a, b) =>
        GRAVITY.indexOf(a.severity) - GRAVITY.indexOf(b.severity) || a.line - b.line || a.column - b.column,
    );
}

/** The index where the element of a path starts; for an element that is not there, that of what should hold it. */
function placeOf(root: JsonNode, path: string): number {
  let node = root;
  for (const [, index, quoted, name] of path.matchAll(/\[(\d+)\]|("(?:[^"\\]|\\.)*")|([^.[\]"]+)/g)) {
    const next = index === undefined ? member(node, quoted, name) : item(node, Number(index));
    if (next === undefined) break;
    node = next;
  }
  return node.at;
}

/** A single statement may stand without a list around it. */
function item(node: JsonNode, index: number): JsonNode | undefined {
  if (node.kind === 'array') return node.items[index];
  return index === 0 ? node : undefined;
}

/** Operators are matched whatever their case, as IAM reads them; paths name them in canonical case. */
function member(node: JsonNode, quoted: string | undefined, name: string | undefined): JsonNode | undefined {
  if (node.kind !== 'object') return undefined;
  const wanted = quoted === undefined ? name : String(JSON.parse(quoted));
  const exact = node.members.get(wanted ?? '');
  if (exact !== undefined) return exact.value;
  return [...node.members].find(([key]) => key.toLowerCase() === wanted?.toLowerCase())?.[1].value;
}
