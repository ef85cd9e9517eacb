import { memo } from '../iam/memo.ts';
import { isObject, type JsonObject } from '../iam/json.ts';
import { byCodeUnit } from '../iam/order.ts';
import { normalName, type KeptMembers } from './kept-members.ts';
import { isMembers, type Members, type MemberValue, type ResourceRef } from './members.ts';

/** What the reduction does with a member, decided by its name alone. */
type MemberRule = 'keep' | 'presence' | 'tags' | 'drop' | 'walk';

/** Secrets, bodies, tokens, paging and free text: never stored, not even as present. */
const dropped =
  /(token|password|passphrase|secretstring|secretbinary|secretaccesskey|credentials?$|privatekey|userdata|signature$|authorization$|cookie|accesskeyid|callerreference|idempotency|deduplication|messagegroupid|partitionkey|hashkey|startkey|certificatebody|certificatedata|publickey(body|value|material)?$|ciphertext|plaintext|encryptioncontext|rolesessionname|externalid|samlassertion|^requestid$|clientrequest|^reservationid$|^ownerid$|assumedrole|description|comment|statuscode|^filters?(set|list)?$|^environment$|environmentvariables|templatebody|packedpolicy|^xmlns|^host$|^__proto__$)/;

/** Keys and presigned URLs; `key` alone names an object, and queues and identity providers go by their URL. */
const secretive = /[^:]key$|(?<!queue|^)url$/;

/** Names whose values say what a call was made on, or which kind of thing it was. */
const identifying =
  /((id|ids|idlist|idset|name|names|namelist|arn|arns|arnlist|identifier|identifiers|identifierlist|bucket|key|url|uri|path|table|alias|queue|topic|stream|namespace|profile|target|domain|repository|document|accountid|owner|qualifier|family|definition|definitions|engine|vault|pipeline|project|index|type|dimension|scope|boundary|protocol|attribute|rule|bus|workgroup|catalog|database|schema|keyspace|volume|snapshot|image|version|source|sourceregion|destination|listener|certificate|app|api|stage|method|identity|store|environment|environments|provider|providers|simulation|template|experiment|launch|feature|segment|fleet|robot|batch|world|channel|taskset|format|servicecode|quotacode|targetprincipal)|(role|function|layer|cluster|group|subnet|resource|account|alarm|instance|service|task|application|package)s?)$/;

/** Bodies whose names end like those of identifiers: only that they were there is kept. */
const bodies = /(policydocument|schemadefinition|^definition|^document)$/;

/** Names that decide which permission is needed by being there. */
const deciding =
  /(acl|grant|ownership|version|encrypt|kms|sse|lock|retention|legal|polic|boundary|copy|source|dryrun|role|website|publicaccess|logging|upsert|tag|privatedns|resolvealias)/;

/** Tag members: present or not; only the type and the id of what is tagged are kept. */
const tagging = /tag(s|set|list|ging|specifications?|specificationset)?$/;

/** The rules as patterns of lower-cased names, in the order they apply: for whoever reduces where the records are. */
export const memberPatterns = { dropped, tagging, bodies, identifying, deciding } as const;

const ruleOf = memo((name: string): MemberRule => {
  const lower = name.toLowerCase();
  // An ARN is a name whatever it is the ARN of (`trustedTokenIssuerArn`).
  return (dropped.test(lower) || secretive.test(lower)) && !lower.endsWith('arn')
    ? 'drop'
    : tagging.test(lower)
      ? 'tags'
      : bodies.test(lower)
        ? 'presence'
        : identifying.test(lower)
          ? 'keep'
          : deciding.test(lower)
            ? 'presence'
            : 'walk';
});

const role = /^arn:[a-z-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/;
const cannedAcl = /^[a-z-]{1,30}$/;

/** Longest text kept of one member; an ARN has at most 2,048 characters. */
const maxText = 2048;
/** A member with a longer name is none of AWS's. */
const maxName = 256;
/** Longest list kept of one member; a longer one is remembered as present. */
const maxList = 100;
const maxDepth = 8;

/** Members whose names are data (item keys, table contents): only the names of `requestItems` are kept. */
const itemMaps = new Set(['requestItems', 'RequestItems']);

const isArn = (text: string): boolean => text.startsWith('arn:') && text.length <= maxText;

/** Newer EC2 calls are logged with the elements of lists numbered: `{"FlowLogId": {"tag": 1, "content": "fl-…"}}`. */
const isNumbered = (value: JsonObject): boolean =>
  typeof value['tag'] === 'number' && 'content' in value && Object.keys(value).length === 2;

function reduceValue(value: unknown, rule: MemberRule, depth: number): MemberValue | undefined {
  if (value === null || value === undefined || value === '')
    return rule === 'presence' && value === '' ? true : undefined;
  if (typeof value === 'string') {
    if (isArn(value)) return value;
    if (rule === 'keep') return value.length <= maxText ? withoutCredentials(value) : true;
    return rule === 'presence' ? true : undefined;
  }
  if (typeof value === 'number')
    return rule === 'keep' ? String(value) : rule === 'presence' ? true : undefined;
  if (typeof value === 'boolean') return rule === 'walk' || !value ? undefined : true;
  if (depth >= maxDepth) return true;
  if (isObject(value) && isNumbered(value)) return reduceValue(value['content'], rule, depth + 1);
  const kept = Array.isArray(value)
    ? itemsOf(value, (item) => reduceValue(item, rule, depth + 1))
    : isObject(value)
      ? reduceMembers(value, depth + 1)
      : undefined;
  return kept ?? (rule === 'presence' ? true : undefined);
}

/** What is kept of a list; one of which only presence is kept is present. */
function itemsOf(
  list: readonly unknown[],
  keep: (item: unknown) => MemberValue | undefined,
): MemberValue | undefined {
  if (list.length > maxList) return true;
  const items = list.map(keep).filter((item) => item !== undefined);
  return items.length === 0 ? undefined : items.every((item) => item === true) ? true : items;
}

function tagsOf(value: unknown, depth: number): MemberValue | undefined {
  if (value === null || value === undefined || value === '' || depth > maxDepth) return undefined;
  if (Array.isArray(value)) return itemsOf(value, (item) => tagsOf(item, depth + 1));
  if (!isObject(value)) return true;
  // EC2 says in each tag specification which type of resource the tags go to, Auto Scaling in each tag to which group
  // (EC2 API Reference, TagSpecification; Auto Scaling API Reference, Tag).
  const type = value['resourceType'] ?? value['ResourceType'];
  const id = value['resourceId'] ?? value['ResourceId'];
  if (typeof type === 'string') {
    const tagged = { resourceType: type.slice(0, maxText) };
    return typeof id === 'string' && id !== '' ? { resourceId: id.slice(0, maxText), ...tagged } : tagged;
  }
  const items = value['items'];
  if (items !== undefined) return tagsOf(items, depth + 1);
  const keys = Object.keys(value);
  return keys.length === 0 ? undefined : true;
}

/** Sorts names by code unit; most objects have few, and often in order. */
function inOrder(names: string[]): string[] {
  for (let i = 1; i < names.length; i++) {
    if ((names[i - 1] ?? '') > (names[i] ?? '')) return names.sort(byCodeUnit);
  }
  return names;
}

function membersOf(
  object: JsonObject,
  keep: (name: string, value: unknown) => MemberValue | undefined,
): Members | undefined {
  const kept: Record<string, MemberValue> = {};
  let any = false;
  for (const name of inOrder(Object.keys(object))) {
    if (name === '' || name === '__proto__' || name.length > maxName) continue;
    const value = keep(name, object[name]);
    if (value === undefined) continue;
    kept[name] = value;
    any = true;
  }
  return any ? kept : undefined;
}

const reduceMembers = (object: JsonObject, depth: number): Members | undefined =>
  membersOf(object, (name, value) => reduceMember(name, value, depth));

function reduceMember(name: string, value: unknown, depth: number): MemberValue | undefined {
  const rule = ruleOf(name);
  // API Gateway calls the role of an integration its credentials; a canned ACL is one of a closed list.
  if (rule === 'drop') return typeof value === 'string' && role.test(value) ? value : undefined;
  if (name === 'x-amz-acl' && typeof value === 'string') return cannedAcl.test(value) ? value : true;
  // A number is the place in a list, no tag.
  if (rule === 'tags') return name === 'tag' && typeof value === 'number' ? undefined : tagsOf(value, depth);
  if (itemMaps.has(name) && isObject(value)) {
    // A table's name or ARN.
    return Object.keys(value)
      .filter((table) => table.length <= maxText)
      .sort(byCodeUnit)
      .slice(0, maxList);
  }
  if (itemMaps.has(name) && Array.isArray(value)) return value.slice(0, maxList).map(requestItem);
  // `key` as an object is a DynamoDB item key: data of the application, not a name.
  if ((name === 'key' || name === 'Key' || name === 'keys' || name === 'Keys') && typeof value === 'object')
    return undefined;
  if (name === 'x-amz-copy-source' && typeof value === 'string') return copySource(value);
  // Policies have statements too.
  if (name === 'Statement' && !isPartiQl(value)) return undefined;
  if ((name === 'statement' || name === 'statements' || name === 'Statement') && isPartiQl(value))
    return statement(value);
  return reduceValue(value, rule, depth);
}

/** `x-amz-copy-source` is `/bucket/key?versionId=…`, URL-encoded, or an access point ARN with `/object/key` (S3 API Reference, CopyObject). */
function copySource(text: string): MemberValue {
  const [path = '', query = ''] = text.slice(0, maxText).split('?', 2);
  let decoded = path;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    // Not URL-encoded after all: the name as it stands.
  }
  const version = query.includes('versionId=') ? { versionId: true as const } : {};
  const accessPoint = /^(arn:[^/]+\/[^/]+)\/object\/(.*)$/s.exec(decoded);
  if (accessPoint) return { bucket: accessPoint[1] ?? '', key: accessPoint[2] ?? '', ...version };
  const name = decoded.startsWith('/') ? decoded.slice(1) : decoded;
  const slash = name.indexOf('/');
  if (slash < 0) return { bucket: name, ...version };
  return { bucket: name.slice(0, slash), key: name.slice(slash + 1), ...version };
}

/** An element of a logged transaction or batch: what is done, to which table, or the statement. */
function requestItem(value: unknown): MemberValue {
  if (!isObject(value)) return true;
  const { operation, tableName } = value;
  const parts = Object.entries({
    operation: typeof operation === 'string' ? operation.slice(0, 32) : undefined,
    statement: typeof value['statement'] === 'string' ? statement(value['statement']) : undefined,
    tableName: typeof tableName === 'string' && tableName.length <= maxText ? tableName : undefined,
  }).flatMap(([name, part]) => (part === undefined ? [] : [[name, part] as const]));
  return parts.length === 0 ? true : Object.fromEntries(parts);
}

/** A statement is a text, or holds one; what WAF calls so is a structure. */
const isPartiQl = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.some(isPartiQl)
    : typeof value === 'string' ||
      (isObject(value) && typeof (value['statement'] ?? value['Statement']) === 'string');

/** The table, and perhaps the index, that a PartiQL statement names. */
export const partiqlTable =
  /\b(?:from|into|update)\s+"?([A-Za-z0-9_.-]{1,255})"?(?:\s*\.\s*"?([A-Za-z0-9_.-]{1,255})"?)?/i;

/** A PartiQL statement without its data: the verb and the table it names (DynamoDB Developer Guide, PartiQL). */
function statement(value: unknown): MemberValue | undefined {
  if (Array.isArray(value)) {
    const list = value.slice(0, maxList).map(statement);
    return list.filter((item) => item !== undefined);
  }
  if (isObject(value)) return statement(value['statement'] ?? value['Statement']);
  if (typeof value !== 'string') return undefined;
  const verb = /^\s*(select|insert|update|delete|exists)\b/i.exec(value)?.[1]?.toLowerCase();
  if (verb === undefined) return true;
  const table = partiqlTable.exec(value);
  return {
    ...(table?.[2] === undefined ? {} : { index: table[2] }),
    ...(table?.[1] === undefined ? {} : { table: table[1] }),
    verb,
  };
}

/** Identifying members keep their text, deciding ones become `true`, the rest goes; what CloudTrail hid or cut is `{omitted: true}`. */
export function reduceRequest(parameters: unknown, additional: unknown, kept?: KeptMembers): Members {
  const request = isObject(parameters) ? (requestMembers(parameters, kept) ?? {}) : {};
  // Parameters over 100 KB are left out of the record (CloudTrail User Guide, record contents, requestParameters).
  const omitted =
    (typeof parameters === 'string' && parameters !== '') ||
    (isObject(parameters) && parameters['omitted'] === true);
  const sse =
    isObject(additional) && typeof additional['SSEApplied'] === 'string'
      ? additional['SSEApplied'].slice(0, 64)
      : undefined;
  if (!omitted && sse === undefined) return request;
  return {
    ...request,
    ...(omitted ? { omitted: true as const } : {}),
    ...(sse === undefined ? {} : { SSEApplied: sse }),
  };
}

/** What a file system let a client do when it mounted it (EFS User Guide, logging-using-cloudtrail.html). */
export function grantedToClient(details: unknown): Members {
  const permissions = isObject(details) ? details['permissions'] : undefined;
  if (!isObject(permissions)) return {};
  const granted = Object.keys(permissions).filter(
    (name) => /^Client[A-Za-z]{1,20}$/.test(name) && permissions[name] === true,
  );
  return granted.length === 0 ? {} : { clientPermissions: granted.sort(byCodeUnit) };
}

/** Levels of EC2 and query-protocol lists that carry no name of their own. */
const listLevels = new Set(['items', 'item', 'member', 'members', 'entry']);
/** Members that wrap the whole request: `CreateLaunchTemplateRequest`, `message`. */
const wrapper = /(request|input|config|message)$/;

function requestMembers(parameters: JsonObject, kept: KeptMembers | undefined): Members | undefined {
  if (kept === undefined) return reduceMembers(parameters, 0);
  const names = Object.keys(parameters);
  const only = names.length === 1 ? names[0] : undefined;
  const inner = only === undefined ? undefined : parameters[only];
  if (
    only !== undefined &&
    isObject(inner) &&
    wrapper.test(normalName(only)) &&
    !kept.inner.has(normalName(only))
  ) {
    const members = keptMembersOf(inner, kept, 1);
    return members === undefined ? undefined : { [only]: members };
  }
  return keptMembersOf(parameters, kept, 0);
}

/** Of an operation's known members those that the tree names, and whether tags were given. */
const keptMembersOf = (object: JsonObject, kept: KeptMembers, depth: number): Members | undefined =>
  membersOf(object, (name, value) => keptMember(name, value, kept, depth));

const nothingKept: KeptMembers = { inner: new Map(), deeper: undefined, self: undefined };

function keptMember(name: string, value: unknown, kept: KeptMembers, depth: number): MemberValue | undefined {
  const plain = normalName(name);
  const next = kept.inner.get(plain) ?? kept.deeper?.inner.get(plain);
  if (next !== undefined) return keptValue(value, next, depth + 1);
  if (depth <= 1 && tagging.test(name.toLowerCase()))
    return name === 'tag' && typeof value === 'number' ? undefined : tagsOf(value, depth);
  if (listLevels.has(plain) && typeof value === 'object') return keptValue(value, kept, depth);
  // Tags may stand one level down.
  if (depth === 0 && kept.deeper === undefined && typeof value === 'object')
    return keptValue(value, nothingKept, 1);
  return kept.deeper === undefined
    ? undefined
    : keptValue(value, { ...kept.deeper, deeper: kept.deeper }, depth + 1);
}

function keptValue(value: unknown, kept: KeptMembers, depth: number): MemberValue | undefined {
  if (value === null || value === undefined || value === '' || value === false) return undefined;
  if (Array.isArray(value)) return itemsOf(value, (item) => keptValue(item, kept, depth));
  if (isObject(value)) {
    if (isNumbered(value)) return keptValue(value['content'], kept, depth);
    const members = depth > 2 * maxDepth ? undefined : keptMembersOf(value, kept, depth);
    return members ?? (kept.self === undefined ? undefined : true);
  }
  if (kept.self !== 'text') return kept.self === undefined ? undefined : true;
  if (typeof value === 'string') return value.length <= maxText ? withoutCredentials(value) : true;
  return typeof value === 'number' ? String(value) : true;
}

/** User information and query of a URL may be credentials (a presigned URL). */
const withoutCredentials = (text: string): string =>
  /^[a-z][a-z0-9+.-]*:\/\//i.test(text)
    ? text.replace(/^([^/]*\/\/)[^/@]*@/, '$1').replace(/[?#].*$/s, '')
    : text;

/** Names in an answer that say what a call made or touched. Of an operation that the models know only ARNs count. */
export function reduceResponse(elements: unknown, kept?: KeptMembers): Members {
  const members = isObject(elements) ? (reduceMembers(elements, 2) ?? {}) : {};
  return kept === undefined ? members : (onlyArns(members) ?? {});
}

function onlyArns(members: Members): Members | undefined {
  const found = Object.entries(members).flatMap(([name, value]) => {
    const arns = arnsOf(value);
    return arns === undefined ? [] : [[name, arns] as const];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

function arnsOf(value: MemberValue): MemberValue | undefined {
  if (typeof value === 'string') return isArn(value) ? value : undefined;
  if (isMembers(value)) return onlyArns(value);
  if (!Array.isArray(value)) return undefined;
  const items = value.map((item: MemberValue) => arnsOf(item)).filter((item) => item !== undefined);
  return items.length === 0 ? undefined : items;
}

/** The record's `resources[]`, without the object ARNs that repeat the request's bucket and key. */
export function reduceResources(resources: readonly unknown[], request: Members): readonly ResourceRef[] {
  const { bucketName, key } = request;
  const own =
    typeof bucketName === 'string' && typeof key === 'string' ? `:s3:::${bucketName}/${key}` : undefined;
  const kept: ResourceRef[] = [];
  for (const entry of resources.slice(0, maxList)) {
    if (!isObject(entry)) continue;
    const prefix = entry['ARNPrefix'];
    const whole = entry['ARN'] ?? entry['arn'];
    const arn = typeof whole === 'string' ? whole : typeof prefix === 'string' ? prefix : '';
    if (arn === '' || arn.length > maxText || (own !== undefined && arn.endsWith(own))) continue;
    kept.push({
      arn,
      type: text(entry['type']),
      account: text(entry['accountId']),
      isPrefix: typeof whole !== 'string',
    });
  }
  return kept.sort((a, b) => byCodeUnit(resourceKey(a), resourceKey(b)));
}

const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 256) : '');
const resourceKey = (r: ResourceRef): string => JSON.stringify([r.arn, r.type, r.account, r.isPrefix]);
