import { found, type Finding } from './finding.ts';
import { documentJson } from '../policy/policy-json.ts';
import type { PolicyDocument } from '../policy/policy.ts';
import { inlineQuota, managedPolicyQuota, policySize, refusedCharacter } from '../policy/quota.ts';

/** What is wrong with a document as a whole: size (AWS's own may be larger), characters, version, statement ids. */
export function checkDocument(document: PolicyDocument): Finding[] {
  const findings: Finding[] = [];
  const size = policySize(document);
  if (size > managedPolicyQuota)
    findings.push(found('too-large', '', [size, managedPolicyQuota, inlineQuota.role]));
  const refused = refusedCharacter(JSON.stringify(documentJson(document)));
  if (refused !== undefined) {
    const code = (refused.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    findings.push(found('refused-character', '', [code]));
  }
  if (document.version !== '2012-10-17') findings.push(found('version-old', 'Version'));
  const seen = new Set<string>();
  for (const [index, { sid = '' }] of document.statements.entries()) {
    const path = `Statement[${index}].Sid`;
    if (sid !== '' && seen.has(sid)) findings.push(found('sid-repeated', path, [JSON.stringify(sid)]));
    if (!/^[A-Za-z0-9]*$/.test(sid)) findings.push(found('sid-grammar', path));
    seen.add(sid);
  }
  return findings;
}
