import type { ObservedCall } from '../../src/cloudtrail/call.ts';
import { Folded, type MemberValue, type Members, type ResourceRef } from '../../src/cloudtrail/members.ts';
import type { PrincipalKind } from '../../src/cloudtrail/principal.ts';
import { nothingKnown, type KnownEntities, type Permission } from '../../src/permissions/mapping.ts';
import { permissionsOf } from '../../src/permissions/permissions.ts';

/** What a test says of a call; the rest is a role `app` of account 111122223333 in eu-west-1. */
export interface CallFacts {
  readonly request?: Members;
  readonly response?: Members;
  readonly resources?: readonly Partial<ResourceRef>[];
  readonly region?: string;
  readonly account?: string;
  readonly recipient?: string;
  readonly kind?: PrincipalKind;
  readonly arn?: string;
  readonly errorCode?: string;
  readonly invokedBy?: string;
  readonly sourceIdentity?: string;
  readonly eventType?: string;
  readonly readOnly?: boolean;
}

export function observed(operation: string, facts: CallFacts = {}): ObservedCall {
  const [service = '', eventName = ''] = operation.split(':');
  const account = facts.account ?? '111122223333';
  return {
    principal: { kind: facts.kind ?? 'role', account, name: 'app', arn: facts.arn ?? '', uniqueId: '' },
    operation: {
      eventSource: `${service}.amazonaws.com`,
      eventName,
      eventType: facts.eventType ?? 'AwsApiCall',
      category: 'management',
      readOnly: facts.readOnly,
    },
    context: {
      region: facts.region ?? 'eu-west-1',
      account: facts.recipient ?? account,
      errorCode: facts.errorCode ?? '',
      invokedBy: facts.invokedBy ?? '',
      session: '',
      sourceIdentity: facts.sourceIdentity ?? '',
    },
    target: {
      request: facts.request ?? {},
      response: facts.response ?? {},
      resources: (facts.resources ?? []).map((resource) => ({
        arn: '',
        type: '',
        account: '',
        isPrefix: false,
        ...resource,
      })),
    },
  };
}

/** The permissions of a mapped call; throws for any other mapping. */
export function needed(
  operation: string,
  facts: CallFacts = {},
  known: KnownEntities = nothingKnown,
): readonly Permission[] {
  const mapping = permissionsOf(observed(operation, facts), known);
  if (mapping.kind !== 'mapped') throw new Error(`${operation}: ${mapping.kind}`);
  return mapping.permissions;
}

/** `action resource resource`, one line a permission. */
export const lines = (permissions: readonly Permission[]): string[] =>
  permissions.map(({ action, resources }) => [action, ...resources].join(' '));

export const folded = (prefix: string): MemberValue => new Folded(prefix, 1);
