import { isDeny, type PolicyDocument, type Statement } from '../../iam/policy/policy.ts';
import { intersectPolicies } from '../../iam/compare/policy-intersection.ts';
import { managedPolicyQuota, policySize } from '../../iam/policy/quota.ts';
import { filesOf, pack, type Contents, type Written } from './documents.ts';
import type { Held } from '../held/current-grants.ts';

/**
 * The boundary through which today's policies grant `allows` and no more. It takes the place of today's boundary, so it
 * is cut to that and carries its Denies; the Denies of today's policies stay where they are. An implicit deny in a boundary
 * also stops what a resource policy grants to the role, so it lets `elsewhere` through too; that grants nothing by itself
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-eval-logic).
 */
export function boundaryOver(
  { used, unseen = [], whole = [] }: Contents,
  elsewhere: readonly Statement[],
  held: Held,
): Written {
  const needed = [...used, ...whole];
  const through = withinToday([...needed, ...elsewhere], held);
  const kept = withinToday(unseen, held);
  const documents = pack(
    {
      used: through.statements,
      unseen: kept.statements,
      denies: held.boundary?.statements.filter(isDeny) ?? [],
    },
    Infinity,
  );
  const granted = pack(
    { used: withinToday(needed, held).statements, unseen: kept.statements, denies: held.denies },
    Infinity,
  );
  return {
    documents,
    files: filesOf(documents, 'boundary'),
    proven: documents,
    uncut: [...needed, ...elsewhere, ...unseen],
    granted,
    overflow: [...through.lost, ...kept.lost, ...overflowOf(documents)],
  };
}

/** Allow statements cut to what today's boundary allows, and a line for each pair that no statement can say. */
function withinToday(
  allows: readonly Statement[],
  { boundary }: Held,
): { readonly statements: readonly Statement[]; readonly lost: readonly string[] } {
  if (!boundary) return { statements: allows, lost: [] };
  const limits = { ...boundary, statements: boundary.statements.filter((s) => !isDeny(s)) };
  const { document, inexpressible } = intersectPolicies(
    [{ version: '2012-10-17', statements: allows }],
    [limits],
  );
  const lost = inexpressible.map(
    ({ a, b }) =>
      `what ${nameOf(a)} and ${nameOf(b)} of today's boundary have in common cannot be said in one statement: leave out --as boundary`,
  );
  return { statements: document.statements, lost };
}

const nameOf = ({ sid, actions }: Statement): string =>
  `the statement ${sid ?? `on ${actions.patterns.join(', ')}`}`;

const thousands = (n: number): string => n.toLocaleString('en-US');

function overflowOf([document]: readonly PolicyDocument[]): readonly string[] {
  if (!document) return ['nothing was used, and no boundary can say that: leave out --as boundary'];
  const size = policySize(document);
  return size <= managedPolicyQuota
    ? []
    : [
        `a boundary is one policy of ${thousands(managedPolicyQuota)} characters, this one has ${thousands(size)}: leave out --as boundary, or split the work between principals`,
      ];
}
