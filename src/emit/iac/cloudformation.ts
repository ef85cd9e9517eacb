import { stringify } from 'yaml';
import { escaped } from '../../iam/printable.ts';
import { documentJson } from '../../iam/policy/policy-json.ts';
import { filePart, policyName } from '../review/principal-folder.ts';
import type { ProposedDocuments } from './terraform.ts';

/**
 * A proposal as a CloudFormation template: a managed policy for each document, attached. Undefined for a permission set:
 * `AWS::SSO::PermissionSet` is the whole set, so a template can make one but not set the inline policy of one that exists
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sso-permissionset.html).
 */
export function cloudFormationText({
  identity,
  form,
  documents,
  files,
}: ProposedDocuments): string | undefined {
  const { kind, name } = identity;
  if (kind === 'permission-set') return undefined;
  const resources = documents.map((document, i): [string, object] => [
    resourceName(files[i] ?? ''),
    {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: {
        ManagedPolicyName: policyName(identity, files[i] ?? ''),
        ...(form === 'boundary' ? {} : kind === 'user' ? { Users: [name] } : { Roles: [name] }),
        PolicyDocument: documentJson(document),
      },
    },
  ]);
  const template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Resources: Object.fromEntries(resources),
    // The PermissionsBoundary property of the role or user, in its own template, takes this ARN.
    ...(form === 'boundary' ? { Outputs: { PermissionsBoundary: { Value: { Ref: 'Policy' } } } } : {}),
  };
  // Quoted, no text is a number, a date or a yes, whatever version of YAML reads it; CloudFormation knows no aliases.
  const text = stringify(template, {
    version: '1.1',
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: escaped(JSON.stringify(template)) === JSON.stringify(template) ? 'PLAIN' : 'QUOTE_DOUBLE',
    aliasDuplicateObjects: false,
    lineWidth: 0,
  });
  return escaped(text);
}

/** `Policy`, `Policy2`, ..., `PolicyUnseen`, ... */
function resourceName(file: string): string {
  const { part, number } = filePart(file);
  return `Policy${part === 'unseen' ? 'Unseen' : ''}${number === 1 ? '' : number}`;
}
