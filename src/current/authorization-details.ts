import { InputError } from '../iam/input-error.ts';
import { isObject, objectsOf, type JsonObject } from '../iam/json.ts';
import { printableShort } from '../iam/printable.ts';

/** The default version of a managed policy. */
export interface ManagedPolicy {
  readonly arn: string;
  readonly name: string;
  /** Absent where the input lists the policy without its default version. */
  readonly document?: unknown;
  readonly createDate: string;
  /** How many principals and groups hold it or have it as boundary; undefined where the input does not say. */
  readonly holders: number | undefined;
}

/** What roles, users and groups have in common. */
export interface Entity {
  readonly arn: string;
  readonly account: string;
  readonly name: string;
  readonly uniqueId: string;
  readonly path: string;
  /** When it was made, as AWS writes it; '' where the input does not say. */
  readonly createDate: string;
  /** When the role was last used, in the 400 days that AWS tracks; '' for never, undefined where the input does not say. */
  readonly lastUsed: string | undefined;
  /** Documents not yet read as policies: objects, or URL-encoded or plain JSON text. */
  readonly inline: readonly { readonly name: string; readonly document: unknown }[];
  /** Attached managed policies. */
  readonly attached: readonly { readonly name: string; readonly arn: string }[];
  /** Group names; of users only. */
  readonly groups: readonly string[];
  /** ARN of the permissions boundary. */
  readonly boundary: string | undefined;
  /** Instance profiles and the ARNs of the roles in them; of roles only. */
  readonly instanceProfiles: readonly { readonly arn: string; readonly roles: readonly string[] }[];
  /** The trust policy as AWS gives it; of roles only. */
  readonly trust?: unknown;
  /** Entries of the lists above that could not be read. */
  readonly faults: readonly string[];
}

/** One page of `aws iam get-account-authorization-details`. */
export interface DetailsPage {
  readonly roles: readonly Entity[];
  readonly users: readonly Entity[];
  readonly groups: readonly Entity[];
  readonly policies: readonly ManagedPolicy[];
  /** Where AWS says that more follows, the file. */
  readonly cutIn: string | undefined;
}

const lists = ['RoleDetailList', 'UserDetailList', 'GroupDetailList', 'Policies'];

/**
 * The pages in a parsed JSON value: one page, or an array of pages. Undefined if the value is something else.
 * Shape: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
 */
export function detailsPages(json: unknown, source: string): readonly DetailsPage[] | undefined {
  const values: readonly unknown[] = Array.isArray(json) ? json : [json];
  const pages = values.filter(isDetails);
  if (pages.length === 0 || pages.length !== values.length) return undefined;
  return pages.map((page) => {
    const of = (kind: 'Role' | 'User' | 'Group') =>
      entries(page, `${kind}DetailList`, source).map(({ at, entry }) => entity(entry, kind, at));
    const policies = entries(page, 'Policies', source).map(({ at, entry }) => managedPolicy(entry, at));
    // IsTruncated is of the API, NextToken of the AWS CLI with --max-items.
    const cutIn = page['IsTruncated'] === true || typeof page['NextToken'] === 'string' ? source : undefined;
    return { roles: of('Role'), users: of('User'), groups: of('Group'), policies, cutIn };
  });
}

const isDetails = (value: unknown): value is JsonObject =>
  isObject(value) && lists.some((list) => Array.isArray(value[list]));

function entries(page: JsonObject, list: string, source: string): { at: string; entry: JsonObject }[] {
  return listOf(page[list]).map((entry, index) => {
    const at = `${source}: ${list}[${index}]`;
    if (!isObject(entry)) throw new InputError(`${at}: not an object; ask AWS for the details again`);
    return { at, entry };
  });
}

function entity(entry: JsonObject, kind: 'Role' | 'User' | 'Group', at: string): Entity {
  const arn = textOf(entry['Arn']);
  const name = textOf(entry[`${kind}Name`]);
  const account = /^arn:[^:]+:iam::(\d{12}):/.exec(arn)?.[1];
  if (account === undefined)
    throw new InputError(`${at}: "Arn" is not an IAM ARN; ask AWS for the details again`);
  if (name === '') throw new InputError(`${at}: no "${kind}Name"; ask AWS for the details again`);
  const faults: string[] = [];
  const boundary = entry['PermissionsBoundary'];
  const boundaryArn = isObject(boundary) ? textOf(boundary['PermissionsBoundaryArn']) : '';
  if (boundary !== undefined && boundary !== null && boundaryArn === '') {
    faults.push(`${at}.PermissionsBoundary: no "PermissionsBoundaryArn"`);
  }
  /** A list that may be absent; what of it cannot be read becomes a fault. */
  const each = <T>(list: string, read: (item: unknown) => T | undefined): readonly T[] => {
    const value = entry[list] ?? [];
    if (!Array.isArray(value)) faults.push(`${at}.${list}: not a list`);
    return listOf(value).flatMap((item, index) => {
      const result = read(item);
      if (result === undefined) faults.push(`${at}.${list}[${index}]: cannot be read`);
      return result === undefined ? [] : [result];
    });
  };
  return {
    arn,
    account,
    name,
    uniqueId: textOf(entry[`${kind}Id`]),
    path: textOf(entry['Path']),
    createDate: textOf(entry['CreateDate']),
    lastUsed: isObject(entry['RoleLastUsed']) ? textOf(entry['RoleLastUsed']['LastUsedDate']) : undefined,
    inline: each(`${kind}PolicyList`, (item) =>
      isObject(item) && typeof item['PolicyName'] === 'string'
        ? { name: item['PolicyName'], document: item['PolicyDocument'] }
        : undefined,
    ),
    attached: each('AttachedManagedPolicies', (item) =>
      isObject(item) && typeof item['PolicyArn'] === 'string'
        ? { name: textOf(item['PolicyName']), arn: item['PolicyArn'] }
        : undefined,
    ),
    groups: each('GroupList', (item) => (typeof item === 'string' ? item : undefined)),
    boundary: boundaryArn === '' ? undefined : boundaryArn,
    ...(kind === 'Role' ? { trust: entry['AssumeRolePolicyDocument'] } : {}),
    instanceProfiles: each('InstanceProfileList', (item) =>
      isObject(item) && typeof item['Arn'] === 'string'
        ? { arn: item['Arn'], roles: objectsOf(item['Roles']).flatMap((role) => textOf(role['Arn']) || []) }
        : undefined,
    ),
    faults,
  };
}

function managedPolicy(entry: JsonObject, at: string): ManagedPolicy {
  const arn = textOf(entry['Arn']);
  if (arn === '') throw new InputError(`${at}: no "Arn"; ask AWS for the details again`);
  const version = objectsOf(entry['PolicyVersionList']).find((one) => one['IsDefaultVersion'] === true);
  const document = version?.['Document'];
  const { AttachmentCount: attached, PermissionsBoundaryUsageCount: bounding } = entry;
  return {
    arn,
    name: textOf(entry['PolicyName']),
    ...(document === undefined || document === null ? {} : { document }),
    createDate: textOf(version?.['CreateDate']),
    holders: typeof attached === 'number' && typeof bounding === 'number' ? attached + bounding : undefined,
  };
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A document that AWS gave as an object, as URL-encoded text or as plain JSON text, as JSON text; or why it is none. */
export function documentText(document: unknown, name: string): { text: string } | { fault: string } {
  if (document === undefined || document === null)
    return { fault: `policy "${printableShort(name)}": no document` };
  try {
    if (typeof document !== 'string') return { text: JSON.stringify(document) };
    // RFC 3986 encoding, as in the PolicyDocument description of the API page above: `%7B` where JSON text starts with `{`.
    return { text: /^\s*%/.test(document) ? decodeURIComponent(document) : document };
  } catch (cause) {
    const why = cause instanceof URIError ? 'is not valid URL-encoded text' : 'is nested too deeply';
    return { fault: `policy "${printableShort(name)}": its document ${why}` };
  }
}
