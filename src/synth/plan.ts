import type { Holding } from './held/today.ts';
import type { Form } from './shape/synthesis.ts';

/**
 * One step from today's policies to the proposal. A policy or group that others hold is replaced for this principal
 * and never edited: `detach` takes it off this principal alone, `leave-group` takes this principal out of a group.
 */
export interface PlanStep {
  readonly step:
    | 'attach'
    | 'detach'
    | 'delete-inline'
    | 'leave-group'
    | 'replace-file'
    | 'put-boundary'
    | 'replace-boundary';
  /** File name of a document, ARN or name of a policy, name of a group. */
  readonly what: string;
  /** ARNs of those who keep it. */
  readonly sharedWith: readonly string[];
}

/** How today's policies and boundary are held, and what takes their place. */
export interface PlanInput {
  readonly holdings?: readonly Holding[];
  readonly boundaryArn?: string;
  readonly form: Form;
}

/** Attach what is proposed, then take off what it replaces: of a boundary, today's boundary. Nothing when nothing changes. */
export function planOf(
  files: readonly string[],
  { holdings = [], boundaryArn, form }: PlanInput,
  isChanged: boolean,
): readonly PlanStep[] {
  if (!isChanged) return [];
  if (form === 'boundary') {
    const put = { step: 'put-boundary', what: 'boundary.json', sharedWith: [] } as const;
    const off = boundaryArn && ({ step: 'replace-boundary', what: boundaryArn, sharedWith: [] } as const);
    return off ? [put, off] : [put];
  }
  const attach = files.map((what): PlanStep => ({ step: 'attach', what, sharedWith: [] }));
  const groups = new Map<string, Set<string>>();
  const off: PlanStep[] = [];
  for (const { source, name, arn, group, sharedWith } of holdings) {
    switch (source) {
      case 'managed':
        off.push({ step: 'detach', what: arn ?? name, sharedWith });
        break;
      case 'inline':
        off.push({ step: 'delete-inline', what: name, sharedWith: [] });
        break;
      case 'file':
        off.push({ step: 'replace-file', what: name, sharedWith });
        break;
      case 'group-managed':
      case 'group-inline': {
        const others = groups.get(group ?? name) ?? new Set<string>();
        for (const other of sharedWith) others.add(other);
        groups.set(group ?? name, others);
        break;
      }
    }
  }
  const leave = [...groups].map(([what, others]): PlanStep => ({
    step: 'leave-group',
    what,
    sharedWith: [...others].sort(),
  }));
  return [...attach, ...off, ...leave];
}
