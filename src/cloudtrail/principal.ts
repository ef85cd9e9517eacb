import { isObject, type JsonObject } from '../iam/json.ts';
import { text, type CloudTrailRecord } from './record.ts';

/** What kind of identity made a call. Only `role`, `user` and `permission-set` can be given a policy. */
export type PrincipalKind =
  | 'role'
  | 'user'
  | 'permission-set'
  | 'service-linked-role'
  | 'root'
  | 'service'
  | 'federated'
  | 'account'
  | 'anonymous'
  | 'identity-center-user'
  | 'unknown';

/** The identity whose policies decide a call: the role behind a session, never the session. */
export interface Principal {
  readonly kind: PrincipalKind;
  /** 12-digit account the identity lives in, as logged; '' when the record does not say. */
  readonly account: string;
  /** Role, user, permission set, service or provider name; '' when the record does not say. */
  readonly name: string;
  /** ARN with its path when the record shows it; '' when it shows none. For a permission set: the ARN of its role. */
  readonly arn: string;
  /** AWS's unique id (`AROA…`, `AIDA…`) without the session part; '' when absent. A recreated role has another. */
  readonly uniqueId: string;
}

const RESERVED_SSO = /^AWSReservedSSO_(.+)_[0-9a-fA-F]{16}$/;

/**
 * The identity whose policies decide the call. Never throws: identities in logs are untrusted and often incomplete.
 * Identity types: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 */
export function principalOf(record: CloudTrailRecord): Principal {
  const identity = record.userIdentity;
  const issuer = issuerOf(identity);
  switch (text(identity['type'])) {
    case 'AssumedRole':
    case 'Role':
      return sessionPrincipal(identity, issuer);
    case 'FederatedUser':
      // GetFederationToken: the session has at most the permissions of the user, or root, that asked for it.
      return isEmptyIssuer(issuer) ? fromArn(identity, 'federated') : issuingPrincipal(identity, issuer);
    case 'Root':
      return root(identity, identity);
    case 'SAMLUser':
    case 'WebIdentityUser':
      return federated(identity);
    case 'AWSAccount':
      return accountPrincipal(identity);
    case 'AWSService':
      return service(record);
    case 'IdentityCenterUser':
      return identityCenterUser(identity);
    default:
      // `IAMUser` too: its ARN tells, and some records of that type carry the ARN of a role session.
      return fromArn(identity, text(identity['type']) === 'IAMUser' ? 'user' : 'unknown');
  }
}

/** The session name of an assumed role, chosen by whoever assumed it; '' when there is none. */
export function sessionNameOf(record: CloudTrailRecord): string {
  const identity = record.userIdentity;
  const { service, resource } = splitArn(text(identity['arn']));
  if (service === 'sts' && resource.startsWith('assumed-ro')) {
    const [type, ...rest] = resource.split('/');
    return rest.slice(type === 'assumed-role' ? 1 : 0).join('/');
  }
  const type = text(identity['type']);
  if (type === 'WebIdentityUser' || type === 'SAMLUser') return '';
  const principalId = text(identity['principalId']);
  const colon = principalId.indexOf(':');
  return colon === -1 ? '' : principalId.slice(colon + 1);
}

interface ArnParts {
  readonly partition: string;
  readonly service: string;
  readonly account: string;
  /** Everything after the fifth colon; '' when the text is not an ARN. */
  readonly resource: string;
}

function splitArn(arn: string): ArnParts {
  const [scheme, partition = '', service = '', , account = '', ...resource] = arn.split(':');
  if (scheme !== 'arn') return { partition: '', service: '', account: '', resource: '' };
  return { partition, service, account, resource: resource.join(':') };
}

function issuerOf(identity: JsonObject): JsonObject {
  const session = identity['sessionContext'];
  const issuer = isObject(session) ? session['sessionIssuer'] : undefined;
  return isObject(issuer) ? issuer : {};
}

const isEmptyIssuer = (issuer: JsonObject): boolean =>
  text(issuer['arn']) === '' && text(issuer['userName']) === '' && text(issuer['type']) === '';

function sessionPrincipal(identity: JsonObject, issuer: JsonObject): Principal {
  const { service, resource } = splitArn(text(identity['arn']));
  // AssumeRoot: https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-track-privileged-tasks.html
  if (service === 'sts' && resource.startsWith('assumed-root')) return root(identity, issuer);
  return isEmptyIssuer(issuer) ? fromArn(identity, 'unknown') : issuingPrincipal(identity, issuer);
}

/** The role, user or root that the session was issued by. */
function issuingPrincipal(identity: JsonObject, issuer: JsonObject): Principal {
  const arn = text(issuer['arn']);
  const { service, resource } = splitArn(arn);
  const type = text(issuer['type']);
  if (type === 'Root' || (service === 'iam' && resource === 'root')) return root(identity, issuer);
  const shown = service === 'iam' && /^(role|user)\/./.test(resource);
  const isUser = shown ? resource.startsWith('user/') : type === 'IAMUser';
  const name = shown
    ? lastSegment(resource)
    : text(issuer['userName']) || sessionRole(identity) || lastSegment(arn);
  const made = {
    account: accountOf(issuer) || accountOf(identity),
    name,
    arn: shown ? arn : '',
    uniqueId: uniqueIdOf(issuer) || uniqueIdOf(identity),
  };
  if (name === '') return { kind: 'unknown', ...made };
  return isUser ? { kind: 'user', ...made } : role(made);
}

/** What an ARN plainly says; `otherwise` when it says nothing. */
function fromArn(identity: JsonObject, otherwise: 'user' | 'federated' | 'unknown'): Principal {
  const arn = text(identity['arn']);
  const { partition, service, account, resource } = splitArn(arn);
  const base = { account: account || text(identity['accountId']), uniqueId: uniqueIdOf(identity) };
  const [type = '', first = ''] = resource.split('/');
  if (service === 'iam' && resource === 'root') return root(identity, identity);
  if (service === 'sts' && type === 'assumed-role' && first !== '') {
    // The session's ARN leaves the path of the role out.
    return role({ ...base, name: first, arn: `arn:${partition}:iam::${account}:role/${first}` });
  }
  if (service === 'iam' && first !== '') {
    const named = { ...base, name: lastSegment(resource), arn };
    if (type === 'role') return role(named);
    if (type === 'user') return { kind: 'user', ...named };
  }
  if (service === 'sts' && type === 'federated-user') {
    return { kind: 'federated', ...base, name: resource.slice('federated-user/'.length), arn };
  }
  const userName = text(identity['userName']);
  // A failed console sign-in hides what was typed as the name:
  // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
  const name = userName === 'HIDDEN_DUE_TO_SECURITY_REASONS' ? '' : userName;
  const kind = otherwise === 'user' && name === '' ? 'unknown' : otherwise;
  return { kind, ...base, name, arn: service === '' ? '' : arn };
}

/** Tells roles apart that their owner cannot edit as roles. */
function role(made: Omit<Principal, 'kind'>): Principal {
  // https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
  const permissionSet = RESERVED_SSO.exec(made.name)?.[1];
  if (permissionSet !== undefined) return { kind: 'permission-set', ...made, name: permissionSet };
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html
  const linked = made.arn.includes(':role/aws-service-role/') || made.name.startsWith('AWSServiceRoleFor');
  return { kind: linked ? 'service-linked-role' : 'role', ...made };
}

function root(identity: JsonObject, shown: JsonObject): Principal {
  const arn = text(shown['arn']);
  return {
    kind: 'root',
    account: accountOf(shown) || accountOf(identity),
    name: 'root',
    arn: splitArn(arn).resource === 'root' ? arn : '',
    uniqueId: '',
  };
}

function federated(identity: JsonObject): Principal {
  const provider = text(identity['identityProvider']);
  const { account } = splitArn(provider);
  return {
    kind: 'federated',
    account: account || text(identity['accountId']),
    name: provider || text(identity['userName']),
    arn: account === '' ? '' : provider,
    uniqueId: '',
  };
}

function accountPrincipal(identity: JsonObject): Principal {
  const account = text(identity['accountId']);
  const principalId = text(identity['principalId']);
  const anonymous = /^anonymous/i;
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-understanding-s3-entries.html
  if (anonymous.test(account) || anonymous.test(principalId) || (account === '' && principalId === '')) {
    return { kind: 'anonymous', account: '', name: '', arn: '', uniqueId: '' };
  }
  return { kind: 'account', account, name: '', arn: '', uniqueId: uniqueIdOf(identity) };
}

function service(record: CloudTrailRecord): Principal {
  const source = record.sourceIPAddress.endsWith('.amazonaws.com') ? record.sourceIPAddress : '';
  const name = text(record.userIdentity['invokedBy']) || source;
  return { kind: 'service', account: text(record.userIdentity['accountId']), name, arn: '', uniqueId: '' };
}

function identityCenterUser(identity: JsonObject): Principal {
  const behalf = identity['onBehalfOf'];
  return {
    kind: 'identity-center-user',
    account: text(identity['accountId']),
    name: isObject(behalf) ? text(behalf['userId']) : '',
    arn: '',
    uniqueId: '',
  };
}

const accountOf = (identity: JsonObject): string =>
  splitArn(text(identity['arn'])).account || text(identity['accountId']);

/** `AROA…` of `AROA…:session`. A federated user's is the account and a name, which identifies nobody. */
function uniqueIdOf(identity: JsonObject): string {
  const [id = ''] = text(identity['principalId']).split(':');
  return /^\d*$/.test(id) ? '' : id;
}

const lastSegment = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The role name in the ARN of a session; '' when the ARN is not one. */
function sessionRole(identity: JsonObject): string {
  const { service, resource } = splitArn(text(identity['arn']));
  const [type, name = ''] = resource.split('/');
  return service === 'sts' && type === 'assumed-role' ? name : '';
}
