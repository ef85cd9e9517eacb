import { includesPolicy } from '../compare/inclusion.ts';
import type { Finding } from './finding.ts';
import type { PolicyDocument, Statement } from '../policy/policy.ts';

/** Statements that say nothing another statement of the document does not say. */
export function redundantStatements(document: PolicyDocument): Finding[] {
  const findings: Finding[] = [];
  const isGone = new Set<number>();
  for (const [index, statement] of document.statements.entries()) {
    for (const [other, candidate] of document.statements.entries()) {
      if (other === index || isGone.has(other) || candidate.effect !== statement.effect) continue;
      if (!includesStatement(document, candidate, statement)) continue;
      const isSame = includesStatement(document, statement, candidate);
      // Of two equal statements the later one goes.
      if (isSame && other > index) continue;
      isGone.add(index);
      findings.push({
        code: isSame ? 'duplicate-statement' : 'shadowed-statement',
        severity: 'suggestion',
        path: `Statement[${index}]`,
        message: isSame ? `says the same as Statement[${other}]` : `is contained in Statement[${other}]`,
        fix: 'delete it',
      });
      break;
    }
  }
  return findings;
}

/** Both as Allows: what an Allow and a Deny apply to is compared alike. */
function includesStatement({ version }: PolicyDocument, outer: Statement, inner: Statement): boolean {
  const alone = (statement: Statement): PolicyDocument => ({
    version,
    statements: [{ ...statement, effect: 'Allow' }],
  });
  return includesPolicy([alone(outer)], [alone(inner)]).included === 'yes';
}
