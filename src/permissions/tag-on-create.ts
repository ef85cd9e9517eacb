import { readData, serviceInfo, serviceOf, type ActionInfo } from '../iam/catalogue.ts';
import { mapOf } from '../iam/json.ts';
import { once } from '../iam/memo.ts';
import { normalName } from '../cloudtrail/kept-members.ts';
import { readArn } from './arn-format.ts';
import { wrappedRequest } from './member-path.ts';
import { Mentions, type Sighting } from './mentions.ts';
import type { Permission } from './mapping.ts';
import { bindingOf, isCreating, type Resources } from './resources.ts';

/** Members that carry tags, by normalised name. */
const tagMember = /^(tags?|tags?list|tagsets?|tagspecifications?|tagspecificationset|tagging|xamztagging)$/;
const qualifiedTags = /^[a-z]+(tags|tags?list)$/;
/** Flags about tags, and tags of sessions. */
const otherTags = /^(include|exclude|copy|propagate|enable|session)/;

/** Deeper down tags are of something else: a finding, what a job will make; `ec2InstanceTags` then are a filter's. */
export const carriesTags = (mentions: Mentions): boolean =>
  [...mentions.present].some(
    ([name, depth]) =>
      name.includes('tag') &&
      ((depth <= 1 && tagMember.test(name)) ||
        (depth <= 0 && qualifiedTags.test(name) && !otherTags.test(name))),
  );

/** Without the data of a launch template: their tags are for what it will launch. */
function ownMentions({ call, mentions }: Sighting): Mentions {
  const request = wrappedRequest(call.target.request)?.inner;
  if (request?.['LaunchTemplateData'] === undefined) return mentions;
  return new Mentions({
    ...call,
    target: { ...call.target, request: { ...request, LaunchTemplateData: true } },
  });
}

/** `data/overrides/tag-on-create.json`, by prefix or action; '': tags need no permission of their own. */
const taggingActions = once(() => mapOf(readData('overrides/tag-on-create.json')['actions'], String));

/** The action that tags what an operation makes, `prefix:TagResource` unless known otherwise; '' where tags need none. */
export function taggingActionOf(service: string, operation: string): string {
  // The tags of an object are a header with a permission of its own.
  if (service === 's3' && /Object|Upload/.test(operation)) return '';
  const known = taggingActions();
  return known.get(`${service}:${operation}`) ?? known.get(service) ?? `${service}:TagResource`;
}

/** The permission to tag what the call makes; none when it carries no tags, makes nothing, or AWS asks for none. */
export function tagOnCreate(
  action: ActionInfo,
  sighting: Sighting,
  resolve: (action: ActionInfo, madeOnly: boolean) => Resources,
): readonly Permission[] {
  const { call } = sighting;
  const service = serviceOf(action.name);
  const name = action.name.slice(service.length + 1);
  if (
    !isCreating(call.operation.eventName) &&
    !/^(Put|Upload|Add|Enable|Deploy|Associate|Authorize|Invite|Activate)/.test(name)
  )
    return [];
  const mentions = ownMentions(sighting);
  if (action.accessLevel === 'Tagging' || !carriesTags(mentions)) return [];
  const wanted = taggingActionOf(service, name);
  const info = serviceInfo(service);
  const tagging = info?.actions.get(wanted.slice(wanted.indexOf(':') + 1).toLowerCase());
  if (wanted === '' || info === undefined || tagging === undefined) return [];
  const types = tagging.resourceTypes.map((type) => type.name);
  // EC2's tag specifications name the types that are tagged (EC2 API Reference, TagSpecification); else those that the call makes.
  const said = new Set(mentions.all('resourcetype').map(({ text }) => text));
  const named = types.filter((type) => said.has(type));
  const binding = bindingOf(service, sighting);
  const made = types.filter((type) => binding?.types.get(type)?.some((source) => source.made));
  // A rule below a listener is no type of the action that makes it: the operation's name says it, and the answer's ARN which of several.
  const noun = normalName(name.replace(/^[A-Z][a-z]+/, ''));
  const alike = types.filter((type) => noun !== '' && normalName(type.replace(/\/.*/, '')).endsWith(noun));
  const answers = mentions.arns.filter(
    ({ value, from }) => from === 'response' && !mentions.texts.has(value.text),
  );
  const isAnswered = (type: string): boolean =>
    answers.some(({ arn }) => readArn(info, arn).some(({ format }) => format.type === type));
  const likely = made.length > 0 ? made : alike;
  const touched = [named, likely.filter(isAnswered), likely, types.filter(isAnswered)].find(
    ({ length }) => length > 0,
  );
  // What is made has no name yet: without one in the request the type's pattern stands for it.
  const resourceTypes = touched?.map((type) => ({ name: type, required: true })) ?? tagging.resourceTypes;
  const resources = resolve({ ...tagging, resourceTypes }, named.length === 0);
  return [{ action: tagging.name, ...resources, reason: 'tag-on-create' }];
}
