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
      return servicePrincipal(record);
    case 'IdentityCenterUser':
      return identityCenterUser(identity);
    default:
      // `IAMUser` too: its ARN tells, and some records of that type carry the ARN of a role session.
      return fromArn(identity, text(identity['type']) === 'IAMUser' ? 'user' : 'unknown');
  }
}

/** The session name of an assumed role, chosen by whoever assumed it; '' when there is none. */
export function sessionNameOf({ userIdentity: identity }: CloudTrailRecord): string {
  const { service, resource } = splitArn(text(identity['arn']));
  if (service === 'sts' && resource.startsWith('assumed-ro'))
    return /^assumed-(?:role\/[^/]*|root)\/(.*)$/s.exec(resource)?.[1] ?? '';
  if (/^(?:WebIdentity|SAML)User$/.test(text(identity['type']))) return '';
  return /^[^:]*:(.*)$/s.exec(text(identity['principalId']))?.[1] ?? '';
}

interface ArnParts {
  readonly partition: string;
  readonly service: string;
  readonly account: string;
  /** Everything after the fifth colon; '' when the text is not an ARN. */
  readonly resource: string;
}

const noArn: ArnParts = { partition: '', service: '', account: '', resource: '' };

function splitArn(arn: string): ArnParts {
  if (!arn.startsWith('arn:')) return noArn;
  const partitionEnd = arn.indexOf(':', 4);
  const serviceEnd = arn.indexOf(':', partitionEnd + 1);
  const regionEnd = arn.indexOf(':', serviceEnd + 1);
  const accountEnd = arn.indexOf(':', regionEnd + 1);
  if (partitionEnd < 4 || serviceEnd < partitionEnd || regionEnd < serviceEnd || accountEnd < regionEnd)
    return noArn;
  return {
    partition: arn.slice(4, partitionEnd),
    service: arn.slice(partitionEnd + 1, serviceEnd),
    account: arn.slice(regionEnd + 1, accountEnd),
    resource: arn.slice(accountEnd + 1),
  };
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
  const account = accountOf(issuer) || accountOf(identity);
  const uniqueId = uniqueIdOf(issuer) || uniqueIdOf(identity);
  const named = namedBy(arn, account, uniqueId);
  if (named) return named;
  const name = text(issuer['userName']) || sessionRole(splitArn(text(identity['arn']))) || lastSegment(arn);
  if (name === '') return principal('unknown', account, '', '', uniqueId);
  return type === 'IAMUser'
    ? principal('user', account, name, '', uniqueId)
    : role(account, name, '', uniqueId);
}

/** What an ARN plainly says; `otherwise` when it says nothing. */
function fromArn(identity: JsonObject, otherwise: 'user' | 'federated' | 'unknown'): Principal {
  const arn = text(identity['arn']);
  const parts = splitArn(arn);
  const { service, resource } = parts;
  const account = parts.account || text(identity['accountId']);
  const uniqueId = uniqueIdOf(identity);
  if (service === 'iam' && resource === 'root') return root(identity, identity);
  const named = namedBy(arn, account, uniqueId);
  if (named) return named;
  const roleName = sessionRole(parts);
  if (roleName !== '') {
    // The session's ARN leaves the path of the role out.
    return role(account, roleName, `arn:${parts.partition}:iam::${parts.account}:role/${roleName}`, uniqueId);
  }
  if (service === 'sts' && resource.startsWith('federated-user/')) {
    return principal('federated', account, resource.slice('federated-user/'.length), arn, uniqueId);
  }
  const userName = text(identity['userName']);
  // A failed console sign-in hides what was typed as the name:
  // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
  const name = userName === 'HIDDEN_DUE_TO_SECURITY_REASONS' ? '' : userName;
  const kind = otherwise === 'user' && name === '' ? 'unknown' : otherwise;
  return principal(kind, account, name, service === '' ? '' : arn, uniqueId);
}

/** The role or user that an ARN plainly names. */
function namedBy(arn: string, account: string, uniqueId: string): Principal | undefined {
  const { service, resource } = splitArn(arn);
  const name = lastSegment(resource);
  if (service !== 'iam' || name === '') return undefined;
  if (resource.startsWith('role/')) return role(account, name, arn, uniqueId, true);
  return resource.startsWith('user/') ? principal('user', account, name, arn, uniqueId) : undefined;
}

/** Tells roles apart that their owner cannot edit as roles. */
function role(account: string, name: string, arn: string, uniqueId: string, hasPath = false): Principal {
  // Roles of permission sets lie in a path of their own; one of that name at the root is anybody's
  // (https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html).
  const isOwn = hasPath && !arn.includes(':role/aws-reserved/');
  const permissionSet =
    !isOwn && name.startsWith('AWSReservedSSO_') ? RESERVED_SSO.exec(name)?.[1] : undefined;
  if (permissionSet !== undefined) return principal('permission-set', account, permissionSet, arn, uniqueId);
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html
  const linked = arn.includes(':role/aws-service-role/') || name.startsWith('AWSServiceRoleFor');
  return principal(linked ? 'service-linked-role' : 'role', account, name, arn, uniqueId);
}

const principal = (kind: PrincipalKind, account: string, name: string, arn = '', uniqueId = '') => ({
  kind,
  account,
  name,
  arn,
  uniqueId,
});

function root(identity: JsonObject, shown: JsonObject): Principal {
  const arn = text(shown['arn']);
  const account = accountOf(shown) || accountOf(identity);
  return principal('root', account, 'root', splitArn(arn).resource === 'root' ? arn : '');
}

function federated(identity: JsonObject): Principal {
  const provider = text(identity['identityProvider']);
  const { account } = splitArn(provider);
  const name = provider || text(identity['userName']);
  return principal('federated', account || text(identity['accountId']), name, account && provider);
}

function accountPrincipal(identity: JsonObject): Principal {
  const account = text(identity['accountId']);
  const principalId = text(identity['principalId']);
  const anonymous = /^anonymous/i;
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-understanding-s3-entries.html
  if (anonymous.test(account) || anonymous.test(principalId) || (account === '' && principalId === '')) {
    return principal('anonymous', '', '');
  }
  return principal('account', account, '', '', uniqueIdOf(identity));
}

function servicePrincipal(record: CloudTrailRecord): Principal {
  const source = record.sourceIPAddress.endsWith('.amazonaws.com') ? record.sourceIPAddress : '';
  const name = text(record.userIdentity['invokedBy']) || source;
  return principal('service', text(record.userIdentity['accountId']), name);
}

function identityCenterUser(identity: JsonObject): Principal {
  const behalf = identity['onBehalfOf'];
  const name = isObject(behalf) ? text(behalf['userId']) : '';
  return principal('identity-center-user', text(identity['accountId']), name);
}

const accountOf = (identity: JsonObject): string =>
  splitArn(text(identity['arn'])).account || text(identity['accountId']);

/** `AROA…` of `AROA…:session`. Root's and a federated user's begin with the account, which identifies neither. */
const uniqueIdOf = (identity: JsonObject): string =>
  /^(?!\d)[^:]*/.exec(text(identity['principalId']))?.[0] ?? '';

const lastSegment = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The role name in the ARN of a session; '' when the ARN is not one. */
const sessionRole = ({ service, resource }: ArnParts): string =>
  (service === 'sts' ? /^assumed-role\/([^/]*)/.exec(resource)?.[1] : undefined) ?? '';

/**
 * A session name with its machine-made parts replaced by `#`, so that roles whose sessions are named after
 * instances, tasks or time stamps do not multiply facts: `i-0abc12de34f567890` -> `i-#`, `alice@example.com` stays.
 * Applying it twice changes nothing.
 */
export function sessionShape(name: string): string {
  let shape = name.slice(0, 64);
  // What stood beside a replaced part may now stand alone.
  for (let before = ''; shape !== before;) {
    before = shape;
    shape = before
      .replace(/[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}/g, '#')
      .replace(/(?<![A-Za-z0-9])(?=[a-fA-F]*[0-9])[0-9a-fA-F]{8,}(?![A-Za-z0-9])/g, '#')
      .replace(/[0-9]{6,}/g, '#');
  }
  return shape;
}
