import type { Comparison } from '../../current/comparison.ts';
import { changeJson, diffObject } from './changes.ts';

const reasons = {
  removed: 'no longer allowed',
  narrowed: 'allowed on less',
  kept: 'allowed as before',
  added: 'newly allowed',
} as const;

/** One line of `diff --json`; see docs/schema/diff.json. */
export function diffJson({ principal, file, heldBy, diff, differs, notes }: Comparison): object {
  return {
    ...(principal === undefined ? { principal: null, file } : { principal }),
    heldBy,
    differs,
    diff: diffObject(diff, (item) => changeJson(item, reasons[item.kind])),
    notes,
  };
}
