import { serviceInfo, type ActionInfo } from '../iam/catalogue.ts';
import type { Evidence } from './evidence.ts';
import type { Permission } from './mapping.ts';
import { isCreating, type Resources, type Sighting } from './resources.ts';

/** Members that carry tags, by normalised name. */
const tagMember =
  /^(tags?|tagsets?|taglist|tagspecifications?|tagspecificationset|tagging|[a-z]*tags|[a-z]*taglist|xamztagging)$/;

const carriesTags = (evidence: Evidence): boolean =>
  [...evidence.present].some((name) => tagMember.test(name));

/**
 * The tagging permission that a creating call needs when it carries tags, where it is not the service's `TagResource`
 * (Service Authorization Reference, dependent actions of the creating action). '' : tags need no permission of their own.
 */
const taggingAction = new Map([
  ['acm', 'acm:AddTagsToCertificate'],
  ['acm-pca', 'acm-pca:TagCertificateAuthority'],
  ['autoscaling', ''],
  ['cloudformation', ''],
  ['cloudtrail', 'cloudtrail:AddTags'],
  ['codebuild', ''],
  ['ec2', 'ec2:CreateTags'],
  ['elasticache', 'elasticache:AddTagsToResource'],
  ['elasticloadbalancing', 'elasticloadbalancing:AddTags'],
  ['elasticmapreduce', 'elasticmapreduce:AddTags'],
  ['es', 'es:AddTags'],
  ['firehose', 'firehose:TagDeliveryStream'],
  ['rds', 'rds:AddTagsToResource'],
  ['redshift', 'redshift:CreateTags'],
  ['s3', ''],
  ['sagemaker', 'sagemaker:AddTags'],
  ['sqs', 'sqs:TagQueue'],
  ['ssm', 'ssm:AddTagsToResource'],
]);

/** IAM tags each kind of entity by an action of its own: `CreateRole` -> `TagRole`. */
const iamTagging = (operation: string): string =>
  `iam:Tag${operation.replace(/^(Create|Upload)/, '').replace(/^VirtualMFADevice$/, 'MFADevice')}`;

function taggingActionOf(service: string, operation: string): string {
  if (service === 'iam') return iamTagging(operation);
  return taggingAction.get(service) ?? `${service}:TagResource`;
}

/** The permission to tag what the call makes; none when it carries no tags, makes nothing, or AWS asks for none. */
export function tagOnCreate(
  action: ActionInfo,
  sighting: Sighting,
  resolve: (action: ActionInfo) => Resources,
): readonly Permission[] {
  const { evidence, call } = sighting;
  const name = action.name.slice(action.name.indexOf(':') + 1);
  const service = action.name.slice(0, action.name.indexOf(':'));
  if (!isCreating(call.operation.eventName) && !/^(Put|Upload|Add|Enable|Deploy)/.test(name)) return [];
  if (action.accessLevel === 'Tagging' || !carriesTags(evidence)) return [];
  const wanted = taggingActionOf(service, name);
  const tagging = serviceInfo(service)?.actions.get(wanted.slice(wanted.indexOf(':') + 1).toLowerCase());
  if (wanted === '' || tagging === undefined) return [];
  // Tags may be asked for on the type that is made alone: the others in the request exist already.
  const own = new Set(action.resourceTypes.map((type) => type.name));
  const narrowed = { ...tagging, resourceTypes: tagging.resourceTypes.filter((type) => own.has(type.name)) };
  const usable = narrowed.resourceTypes.length > 0 ? narrowed : tagging;
  return [{ action: tagging.name, ...resolve(usable), reason: 'tag-on-create' }];
}
