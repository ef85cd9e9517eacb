/** Room `iac`: policies as Terraform and CloudFormation. */
import { documentJson, toJson } from '../../iam/policy/policy-json.ts';
import type { PolicyDocument } from '../../iam/policy/policy.ts';
import { managedPolicyQuota, policySize } from '../../iam/policy/quota.ts';
import { filePart } from '../review/principal-folder.ts';
import { cloudFormationText } from './cloudformation.ts';
import { terraformText, type ProposedDocuments } from './terraform.ts';
import { printableJson } from '../../iam/printable.ts';

/** What policies are written as. */
export const formats = ['json', 'terraform', 'cloudformation'] as const;
export type Format = (typeof formats)[number];

/** How the file of a template ends: `policy.tf`, beside `policy.json`. */
export const templateEndings = { terraform: '.tf', cloudformation: '.yaml' } as const;

const templates = { terraform: terraformText, cloudformation: cloudFormationText } as const;

/** A proposal as a template; undefined where the format has no words for it, or there is nothing to say. */
export const templateText = (p: ProposedDocuments, format: keyof typeof templates): string | undefined =>
  p.documents.length === 0 ? undefined : templates[format](p);

/**
 * All documents of some proposals and nothing else: one JSON document as it is, several as an array; templates in a row. Of one
 * proposal what is kept unseen joins the rest where one document has room for both.
 */
export function policiesText(proposals: readonly ProposedDocuments[], format: Format): string {
  if (format === 'json') {
    const documents = proposals.flatMap((p) => joined(p));
    const [only] = documents;
    return only && documents.length === 1 ? toJson(only) : printableJson(documents.map(documentJson), 2);
  }
  const texts = proposals.flatMap((p) => templateText(p, format) ?? []);
  return texts.join(format === 'cloudformation' ? '---\n' : '\n');
}

/** Documents as one where that is possible and something of them is kept unseen. */
function joined({ documents, files }: ProposedDocuments): readonly PolicyDocument[] {
  if (!files.some((file) => filePart(file).part === 'unseen')) return documents;
  const statements = documents.flatMap((document) => document.statements);
  const sids = statements.flatMap(({ sid }) => sid ?? []);
  const one: PolicyDocument = { version: '2012-10-17', statements };
  const isOne =
    new Set(sids).size === sids.length && documents.every(({ version }) => version === one.version);
  return isOne && policySize(one) <= managedPolicyQuota ? [one] : documents;
}
