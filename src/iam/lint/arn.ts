import { found, type Finding, type LintCode } from './finding.ts';
import type { PolicyDocument } from '../policy/policy.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html, and the partitions of the AWS SDKs. */
const PARTITIONS = new Set([
  'aws',
  'aws-cn',
  'aws-us-gov',
  'aws-iso',
  'aws-iso-b',
  'aws-iso-e',
  'aws-iso-f',
  'aws-eusc',
]);
const REGION =
  /^(?:(?:us(?:-gov|-isob?|-isof)?|eu(?:-isoe|sc)?|a[fp]|ca|cn|il|me|mx|sa)-[a-z]+-\d|global|aws-global)$/;
/** `aws` and such stand for the owner of what AWS or a partner offers to all. */
const ACCOUNT = /^(?:\d{12}|[a-z][a-z-]*)$/;
/** The last part of IAM's ARNs begins with a type, as IAM checks when a policy is stored. */
const IAM_RESOURCE = /^(?:[^/]+\/|root$|[*?$])/;

const isUnknown = (field: string, known: (field: string) => boolean): boolean =>
  field !== '' && !/[*?]|\$\{/.test(field) && !known(field);

/** Findings on the text of one resource: what IAM refuses to store, and fields that hold what cannot be. */
export function checkArn(text: string, path: string, version: PolicyDocument['version']): Finding[] {
  if (text === '*') return [];
  const quoted = JSON.stringify(text);
  const error = (message: string, fix: string): Finding[] => [
    found('resource-grammar', path, `${quoted} ${message}`, fix),
  ];
  if (!/^arn[:*]/.test(text)) return error('is neither an ARN nor "*"', 'write the ARN in full');
  // Variables hold colons of their own.
  const fields = text.replace(/\$\{[^}]*\}/g, '${}').split(':');
  const [, partition = '', service = '', region = '', account = ''] = fields;
  const rest = fields.slice(5).join(':');
  // No wildcard in the service segment (IAM User Guide, "Using wildcards in resource ARNs").
  if (fields.length > 3 && /[*?]/.test(service))
    return error('has a wildcard in its service', 'name the service, or use "*"');
  if (fields.length > 3 && service === '') return error('names no service', 'write the ARN in full');
  if (isUnknown(partition, (field) => PARTITIONS.has(field)))
    return error('is of a partition that does not exist', 'write aws, aws-cn or aws-us-gov, or * for any');
  if (fields.length > 5 && service === 'iam' && region !== '' && region !== '*')
    return error('names a Region, and IAM has none', 'leave the field empty');
  if (fields.length > 5 && service === 'iam' && !IAM_RESOURCE.test(rest))
    return error('names nothing of IAM', 'write role/, user/, policy/ or another type before the name');
  const findings: Finding[] = [];
  const odd = (code: LintCode, message: string, fix: string): void => {
    findings.push(found(code, path, `${quoted} ${message}`, fix));
  };
  if (fields.length < 6 && !fields.at(-1)?.endsWith('*'))
    odd('arn-short', `has ${fields.length} of 6 fields; IAM reads * for the others`, 'write the ARN in full');
  if (isUnknown(region, (field) => REGION.test(field)))
    odd('arn-field', `names the Region ${JSON.stringify(region)}, which cannot be`, 'write a Region, or *');
  if (isUnknown(account, (field) => ACCOUNT.test(field)))
    odd(
      'arn-field',
      `names the account ${JSON.stringify(account)}, which cannot be`,
      'write its 12 digits, or *',
    );
  if (version !== '2012-10-17' && text.includes('${'))
    odd(
      'variable-in-old-version',
      'holds a variable, which is plain text in version 2008-10-17',
      'set "Version": "2012-10-17"',
    );
  else if (fields.slice(0, 5).some((field) => field.includes('${')))
    // AWS says it does not work, and has a policy of its own that does it.
    odd(
      'arn-field',
      'has a policy variable before its fifth colon',
      'use variables in the last part of the ARN only',
    );
  return findings;
}
