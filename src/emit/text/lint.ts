import type { Colors } from '../review/layout.ts';
import { counted } from '../review/words.ts';
import { SEVERITIES } from '../../iam/lint/finding.ts';
import type { PlacedFinding } from '../../iam/lint/lint.ts';
import { printable } from '../../iam/printable.ts';

/** One finding as a line that editors can jump from: `file:line:column severity code path message; fix`. */
export function findingText(file: string, finding: PlacedFinding, c: Colors): string {
  const { severity, code, path, message, fix, line, column, sid } = finding;
  const paint = { error: c.removed, warning: c.narrowed, suggestion: c.faint }[severity];
  const named = sid ? path.replace(/^Statement\[\d+\]/, sid) : path;
  const where = named === '' ? 'document' : named;
  return `${printable(file)}:${line}:${column} ${paint(severity)} ${code} ${printable(`${where} ${message}; ${fix}`)}\n`;
}

/** How many findings of each severity, in how many files. */
export function lintSummary(findings: readonly PlacedFinding[], files: number): string {
  const counts = SEVERITIES.map((severity) =>
    counted(findings.filter((finding) => finding.severity === severity).length, severity),
  );
  return `${counts.join(', ')} in ${counted(files, 'file')}\n`;
}

/** One line of `lint --json`; see docs/schema/lint.json. */
export function findingJson(
  file: string,
  { severity, code, path, message, fix, line, column }: PlacedFinding,
): object {
  return { file, line, column, severity, code, path, message, fix };
}
