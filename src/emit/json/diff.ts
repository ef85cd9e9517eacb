import type { Comparison } from '../../current/comparison.ts';
import type { DiffItem } from '../../iam/compare/diff.ts';
import { broadenedJson, changeJson } from './changes.ts';

const reasons = {
  removed: 'no longer allowed',
  narrowed: 'allowed on less',
  kept: 'allowed as before',
  added: 'newly allowed',
} as const;

/** One line of `diff --json`; see docs/schema/diff.json. */
export function diffJson({ principal, file, heldBy, diff, differs, notes }: Comparison): object {
  const items = (kind: DiffItem['kind']): object[] =>
    diff.items.filter((item) => item.kind === kind).map((item) => changeJson(item, reasons[kind]));
  return {
    ...(principal === undefined ? { principal: null, file } : { principal }),
    heldBy,
    differs,
    diff: {
      ...broadenedJson(diff),
      removed: items('removed'),
      narrowed: items('narrowed'),
      kept: items('kept'),
      added: items('added'),
    },
    notes,
  };
}
