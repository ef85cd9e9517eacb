import type { PolicyDocument } from './policy.ts';

/** In a policy of version 2008-10-17 `${` is plain text; in one of 2012-10-17 it must be escaped. */
const escaped = (text: string): string => text.replaceAll('${', '${$}{');

/** The same policy in the language of version 2012-10-17. */
export function latest(document: PolicyDocument): PolicyDocument {
  if (document.version === '2012-10-17') return document;
  const statements = document.statements.map((s) => ({
    ...s,
    resources: { ...s.resources, patterns: s.resources.patterns.map(escaped) },
    conditions: s.conditions.map((c) => ({ ...c, values: c.values.map(escaped) })),
  }));
  return { version: '2012-10-17', statements };
}
