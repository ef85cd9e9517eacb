import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate';

const DECISIONS = {
  Allowed: 'allowed',
  ExplicitlyDenied: 'explicit-deny',
  ImplicitlyDenied: 'implicit-deny',
};

const named = (documents) => documents.map((policy, k) => ({ name: `p${k}`, policy }));

/** What the independent evaluator decides of a request. */
export function judged({ documents, boundary, action, resource, context }) {
  const result = runUnsafeSimulation(
    {
      request: {
        principal: 'arn:aws:iam::111122223333:user/bob',
        action,
        resource: { resource, accountId: '111122223333' },
        contextVariables: context,
      },
      identityPolicies: named(documents),
      ...(boundary === undefined ? {} : { permissionBoundaryPolicies: named(boundary) }),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  return DECISIONS[result] ?? result;
}
