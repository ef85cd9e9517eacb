import type { Identity } from '../../cloudtrail/identity.ts';
import type { DiffItem, PolicyDiff } from '../../iam/compare/diff.ts';

/** Whom machine output is about. */
export const principalJson = ({ kind, arn, account, name }: Named): Named => ({ kind, arn, account, name });

type Named = Pick<Identity, 'arn' | 'account' | 'name'> & { readonly kind: string };

const kinds = ['removed', 'narrowed', 'kept', 'added'] as const;

/** `diff` of machine output: whether more is allowed, and the items by kind. */
export const diffObject = (
  diff: PolicyDiff | undefined,
  json: (item: DiffItem) => object,
): Record<string, unknown> => ({
  ...(diff ? broadenedJson(diff) : { broadened: false }),
  ...Object.fromEntries(
    kinds.map((kind) => [kind, (diff?.items ?? []).filter((item) => item.kind === kind).map(json)]),
  ),
});

/** An item of `diff.removed`, `.narrowed`, `.kept` or `.added` in machine output. */
export function changeJson(item: DiffItem, reason: string): object {
  return {
    action: item.action,
    resource: item.resource,
    ...(item.condition ? { condition: item.condition } : {}),
    ...(item.from === undefined ? {} : { from: item.from }),
    ...(item.to === undefined ? {} : { to: item.to }),
    accessLevel: item.accessLevel ?? null,
    reason: item.isDeny ? 'deny' : reason,
    ...(item.privilegeEscalation ? { privilegeEscalation: true } : {}),
  };
}

/** Whether more is allowed; with null the statements, by their places from 0, for which it cannot be told. */
const broadenedJson = ({ broadened, undecided }: PolicyDiff): object =>
  broadened === null ? { broadened, undecided } : { broadened };
