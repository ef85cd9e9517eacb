/** Room `lint`: what is wrong with policies by themselves. */
import { checkActions } from './actions.ts';
import { checkConditions } from './conditions.ts';
import { StatementIndex } from '../decide/compiled.ts';
import { openPaths } from '../decide/escalation.ts';
import { found, SEVERITIES, type Finding } from './finding.ts';
import { parseJsonText, positionOf, type JsonNode } from '../policy/json-text.ts';
import { documentJson } from '../policy/policy-json.ts';
import { byCodeUnit, groupBy } from '../order.ts';
import type { PolicyDocument } from '../policy/policy.ts';
import { inlineQuota, managedPolicyQuota, policySize, refusedCharacter } from '../policy/quota.ts';
import { redundantEntries, redundantStatements } from './redundancy.ts';
import { checkResources } from './resources.ts';
import { checkRisks } from './risks.ts';

/** Findings on one document, by path, then code. @param beside other documents of the same principal */
export const lintPolicy = (document: PolicyDocument, beside: readonly PolicyDocument[] = []): Finding[] =>
  lintPolicies([document, ...beside])[0] ?? [];

/** Findings on each document of a principal: what one lacks another may allow, and they open ways to more rights together. */
function lintPolicies(documents: readonly PolicyDocument[]): Finding[][] {
  const index = new StatementIndex(documents);
  const paths = openPaths(index);
  const statements = groupBy(index.statements, ({ ref }) => ref.policy);
  return documents.map((document, policy) => {
    const own = statements.get(policy) ?? [];
    const findings = [
      ...checkDocument(document),
      ...redundantStatements(document, own),
      ...checkRisks(own, paths),
      ...own.flatMap((statement) => {
        const path = `Statement[${statement.ref.statement}]`;
        return [
          ...checkActions(statement.source, path),
          ...checkConditions(statement.source, path, document.version),
          ...redundantEntries(statement, path),
          ...checkResources(statement, path, { version: document.version, index }),
        ];
      }),
    ];
    return findings.sort((a, b) => byCodeUnit(a.path, b.path) || byCodeUnit(a.code, b.code));
  });
}

/** What is wrong with a document as a whole: size (AWS's own may be larger), characters, version, statement ids. */
function checkDocument(document: PolicyDocument): Finding[] {
  const findings: Finding[] = [];
  const size = policySize(document);
  if (size > managedPolicyQuota)
    findings.push(found('too-large', '', [size, managedPolicyQuota, inlineQuota.role]));
  const refused = refusedCharacter(JSON.stringify(documentJson(document)));
  if (refused !== undefined) {
    const code = (refused.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    findings.push(found('refused-character', '', [code]));
  }
  if (document.version !== '2012-10-17') findings.push(found('version-old', 'Version'));
  const seen = new Set<string>();
  for (const [index, { sid }] of document.statements.entries()) {
    if (sid === undefined) continue;
    const path = `Statement[${index}].Sid`;
    if (sid === '') findings.push(found('sid-grammar.empty', path));
    else if (seen.has(sid)) findings.push(found('sid-repeated', path, [JSON.stringify(sid)]));
    if (!/^[A-Za-z0-9]*$/.test(sid)) findings.push(found('sid-grammar', path));
    seen.add(sid);
  }
  return findings;
}

/** A finding, and where its element starts in the text: line and column from 1. */
export interface PlacedFinding extends Finding {
  readonly line: number;
  readonly column: number;
  /** Of the statement, if it has one. */
  readonly sid: string | undefined;
}

/** Findings on the texts of a principal's policies, of each the gravest first, then in the order they stand in it. */
export function lintTexts(
  policies: readonly { readonly text: string; readonly document: PolicyDocument }[],
): readonly (readonly PlacedFinding[])[] {
  const findings = lintPolicies(policies.map(({ document }) => document));
  return policies.map((policy, index) => placed(policy, findings[index] ?? []));
}

/** Findings on one policy with their places in its text, in that order. */
export function placed(
  { text, document }: { readonly text: string; readonly document: PolicyDocument },
  findings: readonly Finding[],
): readonly PlacedFinding[] {
  const root = parseJsonText(text);
  return findings
    .map((finding) => ({
      ...finding,
      ...positionOf(text, placeOf(root, finding.path)),
      sid: document.statements[Number(/^Statement\[(\d+)\]/.exec(finding.path)?.[1])]?.sid,
    }))
    .sort(
      (a, b) =>
        SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
        a.line - b.line ||
        a.column - b.column,
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
