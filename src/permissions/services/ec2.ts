import { readData, serviceInfo } from '../../iam/catalogue.ts';
import { fillFormat, formatsOf } from '../arn-format.ts';
import type { Finder } from '../mentions.ts';
import { isCreating } from '../resources.ts';
import { entriesOf, once, words } from '../table.ts';
import { escapeText, patternOf } from '../text.ts';

/** `data/overrides/ec2.json`: types by the start of their ids, what else names one, what an association id joins. */
const table = once(() => {
  const data = readData('overrides/ec2.json');
  const part = (name: string, member: string) =>
    entriesOf(entriesOf(data[name]).find(([key]) => key === member)?.[1]);
  return {
    typeOf: new Map(part('ids', 'types').map(([id, type]) => [id, String(type)])),
    names: part('names', 'members').map(([member, type]) => [member, words(type)] as const),
    joined: new Map(part('joined', 'types').map(([id, types]) => [id, words(types)])),
  };
});

const idShape = /^([a-z]+(?:-[a-z]+)*)-[0-9a-f]+$/;

const prefixOf = (id: string): string | undefined => idShape.exec(id.slice(0, 256))?.[1];

/**
 * EC2 ids say their type, wherever they stand. Nothing named by id or by a name of its own is left to the general rules,
 * which would take `groupId` for a resource group.
 */
export const findEc2: Finder = ({ mentions, call }, action) => {
  const service = serviceInfo('ec2');
  const found = new Map<string, readonly string[]>();
  if (service === undefined) return found;
  const ids = new Map<string, string[]>();
  for (const text of mentions.texts) {
    const type = table().typeOf.get(prefixOf(text) ?? '');
    if (type !== undefined) ids.set(type, [...(ids.get(type) ?? []), escapeText(text)]);
  }
  const named = new Map<string, string[]>();
  for (const [member, [type = '', noId]] of table().names) {
    const values = mentions.all(member).map((value) => noId ?? patternOf(value));
    if (values.length > 0 && !ids.has(type)) named.set(type, [...(named.get(type) ?? []), ...values]);
  }
  for (const [type, values] of named) ids.set(type, values);
  // A copy is made here of what is in another Region (EC2 User Guide, copy-ami-permissions.html).
  const origin = mentions.first('sourceregion')?.text;
  if (/^Copy(Image|Snapshot|FpgaImage)$/.test(call.operation.eventName)) {
    const here = mentions.place.region || '*';
    for (const { name } of action.resourceTypes) {
      const sources = (ids.get(name) ?? []).map(
        (id) => `arn:${mentions.place.partition}:ec2:${origin ?? here}::${name}/${id}`,
      );
      found.set(name, [`arn:${mentions.place.partition}:ec2:${here}::${name}/*`, ...sources]);
    }
    return found;
  }
  const creates = isCreating(call.operation.eventName);
  const joined = action.resourceTypes.some(({ name }) => ids.has(name))
    ? new Set<string>()
    : new Set([...mentions.texts].flatMap((text) => table().joined.get(prefixOf(text) ?? '') ?? []));
  for (const { name, required } of action.resourceTypes) {
    const type = service.resourceTypes.get(name);
    const values = ids.get(name);
    if (type === undefined) continue;
    if (values !== undefined) {
      found.set(
        name,
        formatsOf(type).flatMap((format) =>
          values.map((value) =>
            fillFormat(
              format,
              mentions.place,
              new Map(format.variables.map((variable) => [variable, value])),
            ),
          ),
        ),
      );
    } else if (creates && name === 'group') {
      found.set(name, []);
    } else if (
      joined.has(name) ||
      // A launch makes the root volume whether or not the request describes it (EC2 User Guide, ExamplePolicies_EC2.html).
      (name === 'volume' && action.name === 'ec2:RunInstances') ||
      // `ResourceId` of CreateFlowLogs is the VPC's; what is made gets its id from EC2.
      (creates && required && mentions.first('resourceid') !== undefined)
    ) {
      found.set(
        name,
        formatsOf(type).map((format) => fillFormat(format, mentions.place, new Map())),
      );
    }
  }
  return found;
};
