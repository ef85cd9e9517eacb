import { includes, overlaps } from '../../iam/pattern/language.ts';
import { actionPattern, matches, resourcePattern } from '../../iam/pattern/pattern.ts';
import { isAllow, type Statement } from '../../iam/policy/policy.ts';
import type { Proposal } from '../../synth/proposal.ts';
import type { Evidence } from '../../synth/usage/gathering.ts';
import type { Use } from '../../synth/usage/use.ts';
import { joinEvidence } from '../review/evidence.ts';

/** A statement of a proposal, and what was seen that it allows; undefined for what was never seen. */
interface StatementEvidence {
  readonly statement: Statement;
  readonly evidence: Evidence | undefined;
}

/** The Allow statements of a proposal, each with the uses it allows, in full or in part. */
export function statementEvidence({ documents, verdicts }: Proposal): readonly StatementEvidence[] {
  const uses = verdicts.flatMap(({ use, verdict }) =>
    verdict.kind === 'denied' ? [] : [{ use, resource: resourcePattern(use.resource, true) }],
  );
  const statements = documents.flatMap((document) => document.statements);
  return statements.filter(isAllow).map((statement) => {
    const actions = statement.actions.patterns.map(actionPattern);
    const resources = statement.resources.patterns.map((text) => resourcePattern(text, true));
    const isMeant = ({ action }: Use): boolean =>
      actions.some((pattern) => matches(pattern, action.toLowerCase())) ===
      (statement.actions.kind === 'only');
    const found = uses.filter(
      ({ use, resource }) =>
        isMeant(use) &&
        (statement.resources.kind === 'only'
          ? resources.some((pattern) => overlaps(pattern, resource))
          : !includes(resources, resource)),
    );
    return { statement, evidence: joinEvidence(found.map(({ use }) => use)) };
  });
}
