/** Layer `permissions`: what a call needed, what its outcome proves, and what a trail can show; pure. */
import type { ObservedCall } from '../cloudtrail/call.ts';
import { actionInfo, serviceOf, stringsOf, type ActionInfo } from '../iam/catalogue.ts';
import { inKeyOrder, sortedUnique } from '../iam/order.ts';
import { sourceStem } from './event-source.ts';
import { isOmitted, Sighting } from './mentions.ts';
import { forwarded } from './forwarded.ts';
import { impliedPermissions } from './implied.ts';
import type { KnownEntities, Mapping, Permission } from './mapping.ts';
import { actionsOf } from './operation.ts';
import { isNoError } from './outcome.ts';
import { passRole } from './pass-role.ts';
import { resourcesOf, type Resources } from './resources.ts';
import { gatewayPermissions } from './services/api-gateway.ts';
import { compoundPermissions } from './services/dynamodb.ts';
import { finders } from './services/finders.ts';
import {
  isDirectoryBucket,
  keyPermissions,
  s3Extras,
  sessionAction,
  versionedAction,
} from './services/s3.ts';
import { tagOnCreate } from './tag-on-create.ts';

/** A mount of a file system is an event of the service, of what the client's policies let it do. */
const clientPermissions = ({ operation, target }: ObservedCall): readonly string[] =>
  sourceStem(operation.eventSource) === 'elasticfilesystem'
    ? stringsOf(target.request['clientPermissions'])
    : [];

/** Event types that record something other than a request of a principal (CloudTrail User Guide, cloudtrail-event-reference-record-contents.html, eventType). */
function notACall(call: ObservedCall): string | undefined {
  const { eventType } = call.operation;
  if (eventType === 'AwsServiceEvent' && clientPermissions(call).length === 0)
    return 'an event of the service itself';
  if (eventType === 'AwsCloudTrailInsight') return 'an insight';
  if (call.principal.kind === 'service') return 'an AWS service acting for itself';
  return undefined;
}

const prefixOf = ({ name }: ActionInfo): string => serviceOf(name);

/** Calls to S3 on a directory bucket, whichever source they were logged by. */
function isDirectoryCall(call: ObservedCall): boolean {
  if (sourceStem(call.operation.eventSource) === 's3express') return true;
  const bucket = call.target.request['bucketName'];
  return (
    typeof bucket === 'string' && isDirectoryBucket(bucket) && sourceStem(call.operation.eventSource) === 's3'
  );
}

function needsOf(actions: readonly ActionInfo[], sighting: Sighting): readonly Permission[] {
  const { call } = sighting;
  const resolve = (action: ActionInfo, madeOnly = false): Resources =>
    resourcesOf(action, sighting, { finder: finders.get(prefixOf(action)), madeOnly });
  const permissions: Permission[] = [];
  for (const [index, general] of actions.entries()) {
    // The action the call was authorised as, for what the request says: a version.
    const action =
      (prefixOf(general) === 's3' ? versionedAction(general, call.target.request) : undefined) ?? general;
    // `CreateDistributionWithTags`: what tags is known with what it tags.
    if (permissions.some((known) => known.action === action.name)) continue;
    permissions.push({
      action: action.name,
      ...resolve(action),
      reason: index === 0 ? 'operation' : 'dependent',
    });
    permissions.push(...tagOnCreate(action, sighting, resolve), ...passRole(action, sighting));
  }
  const stem = sourceStem(call.operation.eventSource);
  if (stem === 's3' || stem === 's3express') permissions.push(...s3Extras(sighting));
  permissions.push(...impliedPermissions(sighting, permissions));
  permissions.push(...serviceLinkedRole(sighting));
  return permissions;
}

/** A service-linked role that the answer of a creating call shows, made on behalf of the caller (IAM User Guide, create-service-linked-role.html). */
function serviceLinkedRole(sighting: Sighting): readonly Permission[] {
  const { call } = sighting;
  if (!call.operation.eventName.startsWith('Create') || sourceStem(call.operation.eventSource) === 'iam')
    return [];
  const { mentions } = sighting;
  const roles = mentions.arns.filter(
    ({ arn, from, name }) =>
      from === 'response' &&
      arn.service === 'iam' &&
      arn.resource.startsWith('role/aws-service-role/') &&
      /servicelinkedrole/.test(name),
  );
  if (roles.length === 0 || roles.some(({ value }) => mentions.texts.has(value.text))) return [];
  return [
    {
      action: 'iam:CreateServiceLinkedRole',
      resources: sortedUnique(roles.map(({ value }) => value.text)),
      reason: 'service-linked-role',
    },
  ];
}

/** One permission for each action, reason and condition, with the resources of all. */
function merged(permissions: readonly Permission[]): readonly Permission[] {
  if (permissions.length === 1) return permissions;
  const byKey = new Map<string, Permission>();
  for (const permission of permissions) {
    const key = [permission.action, permission.reason, JSON.stringify(permission.condition)].join('\n');
    const known = byKey.get(key);
    if (known === undefined || permission.star !== undefined) {
      byKey.set(key, permission);
    } else if (known.star === undefined) {
      const from = new Map([...(known.from ?? []), ...(permission.from ?? [])]);
      byKey.set(key, {
        ...known,
        resources: sortedUnique([...known.resources, ...permission.resources]),
        ...(from.size > 0 ? { from } : {}),
      });
    }
  }
  return inKeyOrder(byKey);
}

/** What a call needed of its caller's policies. Pure; never throws on what a log may hold. */
export function permissionsOf(call: ObservedCall, known: KnownEntities): Mapping {
  const other = notACall(call);
  if (other !== undefined) return { kind: 'not-a-call', reason: other };
  const { eventSource, eventName, eventType } = call.operation;
  if (eventType === 'AwsConsoleSignIn') return { kind: 'no-permission', note: 'signing in to the console' };
  const sighting = new Sighting(call, known);
  const special = specialNeeds(sighting);
  if (special !== undefined) return toMapping(special, sighting);
  // Application Auto Scaling logs under the source of EC2 Auto Scaling
  // (https://docs.aws.amazon.com/autoscaling/application/userguide/logging-using-cloudtrail.html).
  const isApplications =
    sourceStem(eventSource) === 'autoscaling' && call.target.request['serviceNamespace'] !== undefined;
  const operation = actionsOf(
    isApplications ? 'application-autoscaling.amazonaws.com' : eventSource,
    eventName,
  );
  return operation.kind === 'actions' ? toMapping(needsOf(operation.actions, sighting), sighting) : operation;
}

/** Calls whose action depends on more than their name. */
function specialNeeds(sighting: Sighting): readonly Permission[] | undefined {
  const { call } = sighting;
  const { eventName, eventSource } = call.operation;
  const stem = sourceStem(eventSource);
  if (stem === 'apigateway') {
    const [first, ...others] = gatewayPermissions(sighting);
    const action = first && actionInfo(first.action);
    return action && [first, ...others, ...passRole(action, sighting)];
  }
  if (stem === 'dynamodb') return compoundPermissions(sighting);
  const mounted = clientPermissions(call).flatMap((name) => actionInfo(`elasticfilesystem:${name}`) ?? []);
  if (mounted.length > 0) return needsOf(mounted, sighting);
  const action = isDirectoryCall(call) ? sessionAction(eventName) : undefined;
  if (action === undefined) return undefined;
  const resources = resourcesOf(action, sighting, { finder: finders.get('s3express') });
  return [{ action: action.name, ...resources, reason: 'session' }, ...keyPermissions(sighting)];
}

function toMapping(permissions: readonly Permission[], sighting: Sighting): Mapping {
  const { call, notes } = sighting;
  if (isOmitted(call))
    notes.add('CloudTrail left the request out: resources may be wider than what was used');
  if (isNoError(call.context.errorCode)) notes.add('the error code 200 is no error');
  const condition = forwarded(sighting);
  const conditioned = permissions.map((permission) =>
    condition === undefined
      ? permission
      : { ...permission, condition: [...(permission.condition ?? []), condition] },
  );
  return { kind: 'mapped', permissions: merged(conditioned), notes: [...notes] };
}
