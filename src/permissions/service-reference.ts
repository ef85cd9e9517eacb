import { isObject } from '../iam/json.ts';

/** Actions that AWS lists for the operations of one service: `GetObject` -> `s3:GetObject`, `s3:GetObjectVersion`, ... */
export type AuthorizedActions = ReadonlyMap<string, readonly string[]>;

/**
 * AWS's own service reference, by IAM prefix
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html).
 */
export interface ServiceReference {
  /** The UTC day it was fetched, `2026-03-08`. */
  readonly day: string;
  /** Undefined where it has no operations of that service. Must give the same answer each time. */
  operations(prefix: string): AuthorizedActions | undefined;
}

/** What a service prefix may look like; anything else in the reference or its list is refused. */
export const servicePrefix = /^[a-z0-9][a-z0-9-]{0,62}$/;

const name = /^[A-Za-z][A-Za-z0-9_.-]{0,127}$/;
const maxOperations = 20_000;
const maxActions = 200;

/** `{"Service": "s3", "Name": "GetObject"}` as `s3:GetObject`; undefined for anything else. */
function actionName(raw: unknown): string | undefined {
  if (!isObject(raw)) return undefined;
  const { Service: service, Name: action } = raw;
  if (typeof service !== 'string' || typeof action !== 'string') return undefined;
  return servicePrefix.test(service) && name.test(action) ? `${service}:${action}` : undefined;
}

/** The operations of one service's reference that have `AuthorizedActions`; undefined when it is not of that service. */
export function parseServiceReference(json: unknown, prefix: string): AuthorizedActions | undefined {
  if (!isObject(json) || json['Name'] !== prefix || !Array.isArray(json['Actions'])) return undefined;
  const raw: readonly unknown[] = Array.isArray(json['Operations']) ? json['Operations'] : [];
  const operations = new Map<string, readonly string[]>();
  for (const operation of raw.slice(0, maxOperations)) {
    if (!isObject(operation)) continue;
    const { Name: operationName, AuthorizedActions: authorized } = operation;
    if (typeof operationName !== 'string' || !name.test(operationName) || !Array.isArray(authorized))
      continue;
    const known = new Set(authorized.slice(0, maxActions).flatMap((action) => actionName(action) ?? []));
    if (known.size > 0) operations.set(operationName, [...known]);
  }
  return operations;
}

/**
 * Of the authorised actions, which are all that some request may need, the one that every request needs: that of the operation's own
 * name, or the only one listed. Undefined when the list does not tell. @param prefixes IAM prefixes of the operation's service
 */
export function requiredAction(
  authorized: readonly string[],
  operation: string,
  prefixes: readonly string[],
): string | undefined {
  const own = new Set(prefixes.map((prefix) => `${prefix}:${operation}`.toLowerCase()));
  const same = authorized.find((action) => own.has(action.toLowerCase()));
  if (same !== undefined) return same;
  const [only] = authorized;
  return authorized.length === 1 && only !== 'iam:PassRole' ? only : undefined;
}
