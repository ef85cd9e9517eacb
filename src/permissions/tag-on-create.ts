import { serviceInfo, type ActionInfo } from '../iam/catalogue.ts';
import { normalName } from './arn-format.ts';
import { fieldsOf, type Evidence } from './evidence.ts';
import type { Permission } from './mapping.ts';
import type { Sighting } from './sighting.ts';
import { isCreating, type Resources } from './resources.ts';
import { isSubject } from './variables.ts';

/** Members that carry tags, by normalised name. */
const tagMember = /^(tags?|tags?list|tagsets?|tagspecifications?|tagspecificationset|tagging|xamztagging)$/;
const qualifiedTags = /^[a-z]+(tags|tags?list)$/;
/** Flags about tags, and tags of sessions. */
const otherTags = /^(include|exclude|copy|propagate|enable|session)/;

/** Deeper down tags are of something else: a finding, what a job will make; `ec2InstanceTags` then are a filter's. */
const carriesTags = (evidence: Evidence): boolean =>
  [...evidence.present].some(
    ([name, depth]) =>
      (depth <= 1 && tagMember.test(name)) ||
      (depth <= 0 && qualifiedTags.test(name) && !otherTags.test(name)),
  );

/**
 * The tagging permission that a creating call needs when it carries tags, where it is not the service's `TagResource`
 * (Service Authorization Reference, dependent actions of the creating action). '' : tags need no permission of their own.
 */
const taggingAction = new Map([
  ['acm', 'acm:AddTagsToCertificate'],
  ['acm-pca', 'acm-pca:TagCertificateAuthority'],
  ['autoscaling', ''],
  ['cloudformation', ''],
  ['cloudformation:CreateStackSet', 'cloudformation:TagResource'],
  ['cloudtrail', 'cloudtrail:AddTags'],
  ['codebuild', ''],
  ['ec2', 'ec2:CreateTags'],
  // The template keeps them for what is made from it later (ECR API Reference, CreateRepositoryCreationTemplate, resourceTags).
  ['ecr:CreateRepositoryCreationTemplate', ''],
  ['elasticache', 'elasticache:AddTagsToResource'],
  ['elasticloadbalancing', 'elasticloadbalancing:AddTags'],
  ['elasticmapreduce', 'elasticmapreduce:AddTags'],
  ['es', 'es:AddTags'],
  ['firehose', 'firehose:TagDeliveryStream'],
  ['medialive', 'medialive:CreateTags'],
  ['rds', 'rds:AddTagsToResource'],
  ['redshift', 'redshift:CreateTags'],
  ['s3:CreateJob', 's3:PutJobTagging'],
  ['sagemaker', 'sagemaker:AddTags'],
  ['sqs', 'sqs:TagQueue'],
  ['ssm', 'ssm:AddTagsToResource'],
  ['storagegateway', 'storagegateway:AddTagsToResource'],
]);

/** IAM tags each kind of entity by an action of its own: `CreateRole` -> `TagRole`. */
const iamTagging = (operation: string): string =>
  `iam:Tag${operation.replace(/^(Create|Upload)/, '').replace(/^VirtualMFADevice$/, 'MFADevice')}`;

function taggingActionOf(service: string, operation: string): string {
  if (service === 'iam') return iamTagging(operation);
  // The tags of an object are a header with a permission of its own.
  if (service === 's3' && /Object|Upload/.test(operation)) return '';
  return (
    taggingAction.get(`${service}:${operation}`) ?? taggingAction.get(service) ?? `${service}:TagResource`
  );
}

/** EC2's tag specifications name the types that are tagged (EC2 API Reference, TagSpecification). */
const taggedTypes = (evidence: Evidence): ReadonlySet<string> =>
  new Set(fieldsOf(evidence, 'resourcetype').map(({ value }) => value.text));

/** The permission to tag what the call makes; none when it carries no tags, makes nothing, or AWS asks for none. */
export function tagOnCreate(
  action: ActionInfo,
  sighting: Sighting,
  resolve: (action: ActionInfo) => Resources,
): readonly Permission[] {
  const { call } = sighting;
  const name = action.name.slice(action.name.indexOf(':') + 1);
  const service = action.name.slice(0, action.name.indexOf(':'));
  if (
    !isCreating(call.operation.eventName) &&
    !/^(Put|Upload|Add|Enable|Deploy|Associate|Authorize|Invite|Activate)/.test(name)
  )
    return [];
  const { evidence } = sighting;
  if (action.accessLevel === 'Tagging' || !carriesTags(evidence)) return [];
  const wanted = taggingActionOf(service, name);
  const tagging = serviceInfo(service)?.actions.get(wanted.slice(wanted.indexOf(':') + 1).toLowerCase());
  if (wanted === '' || tagging === undefined) return [];
  const made = tagging.resourceTypes.filter(
    ({ name }) =>
      taggedTypes(evidence).has(name) || isSubject(call.operation.eventName, normalName(name), ''),
  );
  const required = new Set(action.resourceTypes.filter((type) => type.required).map((type) => type.name));
  const touched = made.length > 0 ? made : tagging.resourceTypes.filter((type) => required.has(type.name));
  // What is made has no name yet: without one in the request the type's pattern stands for it.
  const usable =
    touched.length > 0
      ? { ...tagging, resourceTypes: touched.map(({ name }) => ({ name, required: true })) }
      : tagging;
  return [{ action: tagging.name, ...resolve(usable), reason: 'tag-on-create' }];
}
