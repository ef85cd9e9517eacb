/** Room `lint`: what is wrong with a policy by itself. */
import { checkActions } from './actions.ts';
import { checkConditions } from './conditions.ts';
import { compileStatements } from '../decide/compiled.ts';
import { checkDocument } from './document.ts';
import type { Finding } from './finding.ts';
import { byCodeUnit } from '../order.ts';
import type { PolicyDocument } from '../policy/policy.ts';
import { redundantStatements } from './redundancy.ts';
import { checkResources } from './resources.ts';
import { checkRisks } from './risks.ts';

/**
 * Findings on one document, by path, then code.
 * @param beside other documents of the same principal: what one lacks another may allow
 */
export function lintPolicy(document: PolicyDocument, beside: readonly PolicyDocument[] = []): Finding[] {
  const together = compileStatements([document, ...beside]);
  const own = together.filter(({ ref }) => ref.policy === 0);
  const around = { version: document.version, allows: together.filter(({ effect }) => effect === 'Allow') };
  const findings = [
    ...checkDocument(document),
    ...redundantStatements(document),
    ...checkRisks(document, own),
    ...own.flatMap((statement) => {
      const path = `Statement[${statement.ref.statement}]`;
      return [
        ...checkActions(statement.source, path),
        ...checkConditions(statement.source, path),
        ...checkResources(statement, path, around),
      ];
    }),
  ];
  return findings.sort((a, b) => byCodeUnit(a.path, b.path) || byCodeUnit(a.code, b.code));
}
