import { roleArns } from '../mapping.ts';
import type { Finder, Mentions, Sighting } from '../mentions.ts';
import { escapeText, patternOf } from '../text.ts';

/** IAM's types with the call that makes one (and so shows its path), and the members that name one. */
const entities: readonly (readonly [type: string, made: string, ...members: string[]])[] = [
  ['user', 'CreateUser', 'username'],
  ['group', 'CreateGroup', 'groupname'],
  ['instance-profile', 'CreateInstanceProfile', 'instanceprofilename'],
  ['policy', 'CreatePolicy', 'policyname'],
  ['mfa', 'CreateVirtualMFADevice', 'virtualmfadevicename'],
  ['server-certificate', 'UploadServerCertificate', 'servercertificatename'],
  ['saml-provider', 'CreateSAMLProvider', 'samlprovidername', 'name'],
];

/** Inline policies have names too, but no ARN: only `CreatePolicy` names a managed one. */
const namedOnCreation = new Set(['policy', 'saml-provider']);

const arnOf = ({ place }: Mentions, resource: string): string =>
  `arn:${place.partition}:iam::${place.account || '*'}:${resource}`;

/** The path that a creating call says. */
const pathOf = (mentions: Mentions): string => {
  const path = mentions.first('path')?.text ?? '/';
  return path.startsWith('/') && path.endsWith('/') ? escapeText(path) : '/';
};

/** ARNs that the answer shows for a name, with their path: IAM answers most reads with the entity. */
function answered({ mentions }: Sighting, type: string, name: string): readonly string[] {
  const shown = mentions.arns.filter(
    ({ arn, from }) =>
      from !== 'request' &&
      arn.service === 'iam' &&
      arn.resource.startsWith(`${type}/`) &&
      arn.resource.slice(arn.resource.lastIndexOf('/') + 1) === name,
  );
  return shown.slice(0, 1).map(({ value }) => patternOf(value));
}

function roles(sighting: Sighting): readonly string[] | undefined {
  const { mentions, call, known } = sighting;
  if (call.operation.eventName === 'CreateServiceLinkedRole') {
    const made = mentions.arns.filter(({ arn }) => arn.resource.startsWith('role/aws-service-role/'));
    const service = mentions.first('awsservicename');
    return made.length > 0
      ? made.map(({ value }) => patternOf(value))
      : [arnOf(mentions, `role/aws-service-role/${service === undefined ? '*' : patternOf(service)}/*`)];
  }
  const name = mentions.first('rolename');
  if (name === undefined || name.folded) return undefined;
  if (call.operation.eventName === 'CreateRole')
    return [arnOf(mentions, `role${pathOf(mentions)}${patternOf(name)}`)];
  const shown = answered(sighting, 'role', name.text);
  return shown.length > 0 ? shown : roleArns(mentions.place, name.text, known);
}

/** IAM names its entities without their paths; ARNs in a request are left to the general rules. */
export const findIam: Finder = (sighting) => {
  const { mentions, call } = sighting;
  const { eventName } = call.operation;
  const found = new Map<string, readonly string[]>();
  const role = roles(sighting);
  if (role !== undefined) found.set('role', role);
  for (const [type, made, ...members] of entities) {
    const creates = eventName === made;
    const name = namedOnCreation.has(type) && !creates ? undefined : mentions.first(...members);
    if (name === undefined) continue;
    const shown = creates || name.folded ? [] : answered(sighting, type, name.text);
    const path = creates ? pathOf(mentions) : '/';
    found.set(type, shown.length > 0 ? shown : [arnOf(mentions, `${type}${path}${patternOf(name)}`)]);
  }
  const url = mentions.first('url');
  if (url !== undefined && eventName === 'CreateOpenIDConnectProvider') {
    const host = { ...url, text: url.text.replace(/^https?:\/\//, '') };
    found.set('oidc-provider', [arnOf(mentions, `oidc-provider/${patternOf(host)}`)]);
  }
  // Without a user name IAM means the caller (IAM API Reference, GetUser, UserName).
  if (!found.has('user') && call.principal.kind === 'user' && call.principal.arn !== '')
    found.set('user', [escapeText(call.principal.arn)]);
  return found;
};
