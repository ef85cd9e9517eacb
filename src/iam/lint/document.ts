import { found, type Finding } from './finding.ts';
import { documentJson } from '../policy/policy-json.ts';
import type { PolicyDocument } from '../policy/policy.ts';
import { inlineQuota, managedPolicyQuota, policySize, refusedCharacter } from '../policy/quota.ts';

/** What is wrong with a document as a whole: size, characters, version, statement ids. */
export function checkDocument(document: PolicyDocument): Finding[] {
  const findings: Finding[] = [];
  const size = policySize(document);
  if (size > managedPolicyQuota) {
    // AWS's own managed policies may be larger.
    const message = `${size} characters without white space: a customer managed policy holds ${managedPolicyQuota}, the inline policies of a role ${inlineQuota.role}`;
    findings.push(found('too-large', '', message, 'split the statements over several managed policies'));
  }
  const refused = refusedCharacter(JSON.stringify(documentJson(document)));
  if (refused !== undefined) {
    const code = (refused.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    const message = `holds U+${code}; IAM takes U+0020 to U+00FF only`;
    findings.push(found('refused-character', '', message, 'use ? or * in its place'));
  }
  if (document.version !== '2012-10-17') {
    const message = 'is 2008-10-17 (also when absent), which knows no policy variables';
    findings.push(found('version-old', 'Version', message, 'set "Version": "2012-10-17"'));
  }
  const seen = new Set<string>();
  for (const [index, { sid }] of document.statements.entries()) {
    if (sid === undefined || sid === '') continue;
    const path = `Statement[${index}].Sid`;
    if (seen.has(sid))
      findings.push(found('sid-repeated', path, `${JSON.stringify(sid)} occurs before`, 'rename it'));
    if (!/^[A-Za-z0-9]*$/.test(sid))
      findings.push(found('sid-grammar', path, 'may hold letters and digits only', 'rename it'));
    seen.add(sid);
  }
  return findings;
}
