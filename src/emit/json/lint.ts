import type { PlacedFinding } from '../../iam/lint/lint-text.ts';

/** One line of `lint --json`; see docs/schema/lint.json. */
export function findingJson(
  file: string,
  { severity, code, path, message, fix, line, column }: PlacedFinding,
): object {
  return { file, line, column, severity, code, path, message, fix };
}
