import { type Finder, firstText, type Mentions, type Sighting } from '../mentions.ts';
import { roleArns } from '../mapping.ts';
import { escapeText, patternOf } from '../text.ts';

/** An IAM type, the members that name one, and the call that makes one (and so shows its path). */
interface Entity {
  readonly type: string;
  readonly members: readonly string[];
  readonly made: string;
}

const entities: readonly Entity[] = [
  { type: 'user', members: ['username'], made: 'CreateUser' },
  { type: 'group', members: ['groupname'], made: 'CreateGroup' },
  { type: 'instance-profile', members: ['instanceprofilename'], made: 'CreateInstanceProfile' },
  { type: 'policy', members: ['policyname'], made: 'CreatePolicy' },
  { type: 'mfa', members: ['virtualmfadevicename'], made: 'CreateVirtualMFADevice' },
  { type: 'server-certificate', members: ['servercertificatename'], made: 'UploadServerCertificate' },
  { type: 'saml-provider', members: ['samlprovidername', 'name'], made: 'CreateSAMLProvider' },
];

/** Inline policies have names too, but no ARN: only `CreatePolicy` names a managed one. */
const namedOnCreation = new Set(['policy', 'saml-provider']);

const pathOf = (mentions: Mentions): string => {
  const path = firstText(mentions, 'path')?.text ?? '/';
  return path.startsWith('/') && path.endsWith('/') ? escapeText(path) : '/';
};

/** ARNs that the answer shows for a name, with their path: IAM answers most reads with the entity. */
function answered(sighting: Sighting, type: string, name: string): readonly string[] {
  const shown = sighting.mentions.arns.filter(
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
    const service = firstText(mentions, 'awsservicename');
    const { partition, account } = mentions.place;
    return made.length > 0
      ? made.map(({ value }) => patternOf(value))
      : [
          `arn:${partition}:iam::${account || '*'}:role/aws-service-role/${service === undefined ? '*' : patternOf(service)}/*`,
        ];
  }
  const name = firstText(mentions, 'rolename');
  if (name === undefined || name.folded) return undefined;
  if (call.operation.eventName === 'CreateRole') {
    const { partition, account } = mentions.place;
    return [`arn:${partition}:iam::${account || '*'}:role${pathOf(mentions)}${patternOf(name)}`];
  }
  const shown = answered(sighting, 'role', name.text);
  return shown.length > 0 ? shown : roleArns(mentions.place, name.text, known);
}

/** IAM names its entities without their paths; ARNs in a request are left to the general rules. */
export const findIam: Finder = (sighting) => {
  const { mentions, call } = sighting;
  const { partition, account } = mentions.place;
  const found = new Map<string, readonly string[]>();
  const role = roles(sighting);
  if (role !== undefined) found.set('role', role);
  for (const { type, members, made } of entities) {
    const creates = call.operation.eventName === made;
    if (namedOnCreation.has(type) && !creates) continue;
    const name = firstText(mentions, ...members);
    if (name === undefined) continue;
    const shown = creates || name.folded ? [] : answered(sighting, type, name.text);
    const path = creates ? pathOf(mentions) : '/';
    found.set(
      type,
      shown.length > 0 ? shown : [`arn:${partition}:iam::${account || '*'}:${type}${path}${patternOf(name)}`],
    );
  }
  const url = firstText(mentions, 'url');
  if (url !== undefined && call.operation.eventName === 'CreateOpenIDConnectProvider') {
    const host = { ...url, text: url.text.replace(/^https?:\/\//, '') };
    found.set('oidc-provider', [`arn:${partition}:iam::${account || '*'}:oidc-provider/${patternOf(host)}`]);
  }
  // Without a user name IAM means the caller (IAM API Reference, GetUser, UserName).
  if (!found.has('user') && call.principal.kind === 'user' && call.principal.arn !== '') {
    found.set('user', [escapeText(call.principal.arn)]);
  }
  return found;
};
