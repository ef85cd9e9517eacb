import { Folded } from '../cloudtrail/members.ts';

/** A name as observed: a literal, or (folded) the literal start of many. */
export interface Text {
  readonly text: string;
  readonly folded: boolean;
}

export const literal = (text: string): Text => ({ text, folded: false });

/** What is written in place of a hidden value; it names nothing. A name of stars alone is a name, and so is `*log*`. */
const placeholder =
  /^(HIDDEN_DUE_TO_SECURITY_REASONS|<sensitiveDataRemoved>|\*{2,}[A-Z_ ]{3,}\*{2,}|[*[]?REDACTED[*\]]?)$/i;

/** Whether CloudTrail or the service wrote a placeholder where the name stood. */
export const isHidden = (value: string): boolean => placeholder.test(value);

/** The text of a member's value; undefined for a hidden value, an empty one or one that is no text. */
export function textOf(value: unknown): Text | undefined {
  if (typeof value === 'string') return value === '' || isHidden(value) ? undefined : literal(value);
  if (value instanceof Folded) return { text: value.prefix, folded: true };
  return undefined;
}

/** Most names hold none. */
const hasSpecial = /[*?$]|[^\t\n\r\u0020-\u00ff]/;
const special = /[*?$]|[\ud800-\udfff]+|[^\t\n\r\u0020-\u00ff]/g;

/**
 * Observed text as an IAM pattern: its own `*`, `?` and `$` become `${*}`, `${?}`, `${$}` (IAM User Guide,
 * reference_policies_variables.html#policy-vars-specialchars). Policies hold only tab, LF, CR and U+0020 to U+00FF
 * (IAM API Reference, CreatePolicy, PolicyDocument): another character becomes `?`, a run of those beyond U+FFFF `*`: no page says how many they are.
 */
export function escapeText(text: string): string {
  if (!hasSpecial.test(text)) return text;
  return text.replace(special, (run) =>
    /^[*?$]$/.test(run) ? `\${${run}}` : /^[\ud800-\udfff]/.test(run) ? '*' : '?',
  );
}

/** The pattern for an observed name; a folded one ends in `*`. */
export const patternOf = (name: Text): string => escapeText(name.text) + (name.folded ? '*' : '');
