import { found, type Finding } from './finding.ts';
import type { PolicyDocument } from '../policy/policy.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html, and the partitions of the AWS SDKs. */
const PARTITION = /^aws(?:-cn|-us-gov|-iso(?:-[bef])?|-eusc)?$/;
export const REGION =
  /^(?:(?:us(?:-gov|-isob?|-isof)?|eu(?:-isoe|sc)?|a[fp]|ca|cn|il|me|mx|sa)-[a-z]+-\d|global|aws-global)$/;
/** `aws` and such stand for the owner of what AWS or a partner offers to all. */
const ACCOUNT = /^(?:\d{12}|[a-z][a-z-]*)$/;
/** The last part of IAM's ARNs begins with a type, as IAM checks when a policy is stored. */
const IAM_RESOURCE = /^(?:[^/]+\/|root$|[*?$])/;

const isOdd = (field: string, known: RegExp): boolean =>
  field !== '' && !/[*?]|\$\{/.test(field) && !known.test(field);

/** Variables that IAM does not read as such. */
const ODD = /\$\{(?!(?:[*?$]|[\w:./+=@-]+(?:,\s*'[^']*')?)\})/;
/** Whether a text of version 2012-10-17 has a variable that is none. */
export const hasOddVariable = (text: string): boolean => ODD.test(text.replaceAll(/\$\{[*?$]\}/g, ''));

/** Findings on the text of one resource: what IAM refuses to store, and fields that hold what cannot be. */
export function checkArn(text: string, path: string, version: PolicyDocument['version']): Finding[] {
  if (text === '*') return [];
  // Variables hold colons of their own.
  const fields = text.replace(/\$\{[^}]*\}/g, '${}').split(':');
  const [, partition = '', service = '', region = '', account = '', ...rest] = fields;
  const of = (names: Readonly<Record<string, boolean>>, ...words: string[]): Finding[] =>
    Object.keys(names)
      .filter((name) => names[name])
      .map((name) => found(name, path, [JSON.stringify(text), ...words]));
  const isIam = service === 'iam' && rest.length > 0;
  const [refused] = of({
    'resource-grammar.text': !/^arn[:*]/.test(text),
    'resource-grammar.wildcard': fields.length > 3 && /[*?]/.test(service),
    'resource-grammar.service': fields.length > 3 && service === '',
    'resource-grammar.partition': isOdd(partition, PARTITION),
    'resource-grammar.region': isIam && region !== '' && region !== '*',
    'resource-grammar.type': isIam && !IAM_RESOURCE.test(rest.join(':')),
  });
  if (refused) return [refused];
  const isVariable = fields.slice(0, 5).some((field) => field.includes('${'));
  return [
    ...of({ 'arn-short': fields.length < 6 && !fields.at(-1)?.endsWith('*') }, String(fields.length)),
    ...of({ 'arn-field.region': isOdd(region, REGION) }, JSON.stringify(region)),
    ...of({ 'arn-field.account': isOdd(account, ACCOUNT) }, JSON.stringify(account)),
    ...of({
      'variable-grammar': version === '2012-10-17' && hasOddVariable(text),
      'variable-in-old-version': version !== '2012-10-17' && text.includes('${'),
      // AWS says it does not work, and has a policy of its own that does it.
      'arn-field.variable': version === '2012-10-17' && isVariable,
    }),
  ];
}
