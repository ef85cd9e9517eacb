import { readData, serviceInfo, serviceOf, type ActionInfo } from '../iam/catalogue.ts';
import { mapOf } from '../iam/json.ts';
import { once } from '../iam/memo.ts';
import type { Mentions, Sighting } from './mentions.ts';
import type { Permission } from './mapping.ts';
import { bindingOf, isCreating, type Resources } from './resources.ts';

/** Members that carry tags, by normalised name. */
const tagMember = /^(tags?|tags?list|tagsets?|tagspecifications?|tagspecificationset|tagging|xamztagging)$/;
const qualifiedTags = /^[a-z]+(tags|tags?list)$/;
/** Flags about tags, and tags of sessions. */
const otherTags = /^(include|exclude|copy|propagate|enable|session)/;

/** Deeper down tags are of something else: a finding, what a job will make; `ec2InstanceTags` then are a filter's. */
const carriesTags = (mentions: Mentions): boolean =>
  [...mentions.present].some(
    ([name, depth]) =>
      name.includes('tag') &&
      ((depth <= 1 && tagMember.test(name)) ||
        (depth <= 0 && qualifiedTags.test(name) && !otherTags.test(name))),
  );

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
  if (action.accessLevel === 'Tagging' || !carriesTags(sighting.mentions)) return [];
  const wanted = taggingActionOf(service, name);
  const info = serviceInfo(service);
  const tagging = info?.actions.get(wanted.slice(wanted.indexOf(':') + 1).toLowerCase());
  if (wanted === '' || info === undefined || tagging === undefined) return [];
  const types = tagging.resourceTypes.map((type) => type.name);
  // EC2's tag specifications name the types that are tagged (EC2 API Reference, TagSpecification); else those that the call makes.
  const said = new Set(sighting.mentions.all('resourcetype').map(({ text }) => text));
  const named = types.filter((type) => said.has(type));
  const binding = bindingOf(service, sighting);
  const made = types.filter((type) => binding?.types.get(type)?.some((source) => source.made));
  const touched = named.length > 0 ? named : made;
  // What is made has no name yet: without one in the request the type's pattern stands for it.
  const resourceTypes =
    touched.length > 0 ? touched.map((type) => ({ name: type, required: true })) : tagging.resourceTypes;
  const resources = resolve({ ...tagging, resourceTypes }, named.length === 0);
  return [{ action: tagging.name, ...resources, reason: 'tag-on-create' }];
}
