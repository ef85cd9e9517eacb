import type { DiffItem, PolicyDiff } from '../../iam/compare/diff.ts';

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
export const broadenedJson = ({ broadened, undecided }: PolicyDiff): object =>
  broadened === null ? { broadened, undecided } : { broadened };
