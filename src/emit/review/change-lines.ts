import type { DiffItem } from '../../iam/compare/diff.ts';
import type { Condition } from '../../iam/policy/policy.ts';
import { printable } from '../../iam/printable.ts';
import type { Colors } from './colors.ts';

/** Lines of one kind shown in a section before "and N more", where a person reads at a terminal. */
export const terminalLines = 25;
const widest = 28;

/** A name in the first column of a section. */
export const pad = (text: string): string => printable(text).padEnd(widest);

/** The lines of a section, cut after `most`; all of them without. */
export function limited(lines: readonly string[], most: number | undefined): string {
  const over = most === undefined ? 0 : lines.length - most;
  const more = over > 0 ? [`    and ${over} more (--json shows all)`] : [];
  return [...lines.slice(0, most), ...more].map((line) => `${line}\n`).join('');
}

/**
 * One change as a line: its mark, the action, the resource, and why.
 * @param name what stands for the action, where the line speaks of several
 * @param remarks what else is known of the change
 */
export function changeLine(
  item: DiffItem,
  remarks: readonly string[],
  c: Colors,
  name = item.action,
): string {
  const why = whyText(item, remarks);
  switch (item.kind) {
    case 'narrowed': {
      const resource = item.isDeny
        ? printable(item.resource)
        : `${printable(item.from ?? '')}  ->  ${printable(item.to ?? '')}`;
      return c.narrowed(`  ~ ${pad(name)}  ${resource}${why}`);
    }
    case 'kept':
      return `  = ${pad(name)}  ${printable(item.resource)}${why}`;
    case 'added':
      return c.added(`  + ${pad(name)}  ${printable(item.resource)}${why}`);
    case 'removed':
      return c.removed(`  - ${pad(name)}  ${printable(item.resource)}${why}`);
  }
}

function whyText(item: DiffItem, remarks: readonly string[]): string {
  const parts = whyParts(item, remarks);
  return parts.length > 0 ? `   ${parts.join(', ')}` : '';
}

/** What there is to say of a change beside its action and resource. */
export function whyParts(item: DiffItem, remarks: readonly string[]): readonly string[] {
  const parts: string[] = [];
  if (item.isDeny) parts.push(item.kind === 'added' ? 'a Deny lifted' : 'a Deny put');
  const conditions = item.condition ?? [];
  if (conditions.length > 0) parts.push(conditionText(conditions));
  parts.push(...remarks);
  if (item.privilegeEscalation) parts.push('privilege escalation');
  return parts;
}

/** `if aws:SourceVpce StringEquals vpce-1`, as short as it can be said. */
export const conditionText = (conditions: readonly Condition[]): string =>
  conditions
    .map(({ operator, key, values }) =>
      key.toLowerCase() === 'iam:passedtoservice'
        ? `to ${printable(values.join(' or '))}`
        : `if ${printable(`${key} ${operator} ${values.join(' or ')}`)}`,
    )
    .join(' and ');

/** How many distinct actions were allowed and are allowed, out of those a filter lets through. */
export function actionCounts(
  items: readonly DiffItem[],
  isCounted: (item: DiffItem) => boolean,
): { readonly before: number; readonly after: number } {
  const before = new Set<string>();
  const after = new Set<string>();
  for (const item of items) {
    if (item.isDeny || !isCounted(item)) continue;
    if (item.kind !== 'added') before.add(item.action);
    if (item.kind !== 'removed') after.add(item.action);
  }
  return { before: before.size, after: after.size };
}

/** Actions that change who may do what (access level "Permissions management"). */
export const isManagement = (item: DiffItem): boolean => item.accessLevel === 'Permissions management';
