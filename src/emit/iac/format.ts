/** Room `iac`: policies as Terraform and CloudFormation. */
import { documentJson, toJson } from '../../iam/policy/policy-json.ts';
import { cloudFormationText } from './cloudformation.ts';
import { terraformText, type ProposedDocuments } from './terraform.ts';

/** What policies are written as. */
export const formats = ['json', 'terraform', 'cloudformation'] as const;
export type Format = (typeof formats)[number];

/** How the file of a template ends: `policy.tf`, beside `policy.json`. */
export const templateEndings = { terraform: '.tf', cloudformation: '.yaml' } as const;

/** A proposal as a template; undefined where the format has no words for it, or there is nothing to say. */
export function templateText(p: ProposedDocuments, format: Exclude<Format, 'json'>): string | undefined {
  if (p.documents.length === 0) return undefined;
  switch (format) {
    case 'terraform':
      return terraformText(p);
    case 'cloudformation':
      return cloudFormationText(p);
  }
}

/** All documents of some proposals and nothing else: one JSON document as it is, several as an array; templates in a row. */
export function policiesText(proposals: readonly ProposedDocuments[], format: Format): string {
  if (format === 'json') {
    const documents = proposals.flatMap((p) => p.documents);
    const [only] = documents;
    return only && documents.length === 1
      ? toJson(only)
      : `${JSON.stringify(documents.map(documentJson), null, 2)}\n`;
  }
  const texts = proposals.flatMap((p) => templateText(p, format) ?? []);
  return texts.join(format === 'cloudformation' ? '---\n' : '\n');
}
