import { readData, serviceInfo } from '../../iam/catalogue.ts';
import { mapOf, words } from '../../iam/json.ts';
import { once } from '../../iam/memo.ts';
import { fillFormat, formatsOf } from '../arn-format.ts';
import type { Finder, Mentions } from '../mentions.ts';
import { isCreating } from '../resources.ts';
import { escapeText, patternOf } from '../text.ts';

const table = once(() => {
  const { ids, names, joined, touched } = readData('overrides/ec2.json');
  return {
    typeOf: mapOf(ids, String),
    names: mapOf(names, words),
    joined: mapOf(joined, words),
    touched: mapOf(touched, String),
  };
});

const idShape = /^([a-z]+(?:-[a-z]+)*)-[0-9a-f]+$/;

const prefixOf = (id: string): string | undefined => idShape.exec(id.slice(0, 256))?.[1];

/** A peer of another account is no resource of the caller's (VPC User Guide, vpc-peering-iam.html). */
function otherAccountsPeers(mentions: Mentions): ReadonlySet<string> {
  const owner = mentions.first('peerownerid', 'peeraccountid')?.text ?? mentions.place.account;
  return new Set(
    owner === mentions.place.account
      ? []
      : ['peervpcid', 'peertransitgatewayid'].flatMap((name) => mentions.all(name).map(({ text }) => text)),
  );
}

/**
 * EC2 ids say their type, wherever they stand. Nothing named by id or by a name of its own is left to the general rules,
 * which would take `groupId` for a resource group.
 */
export const findEc2: Finder = ({ mentions, call }, action) => {
  const service = serviceInfo('ec2');
  const found = new Map<string, readonly string[]>();
  if (service === undefined) return found;
  const ids = new Map<string, string[]>();
  const peers = otherAccountsPeers(mentions);
  for (const text of mentions.texts) {
    if (peers.has(text)) continue;
    const type = table().typeOf.get(prefixOf(text) ?? '');
    if (type !== undefined) ids.set(type, [...(ids.get(type) ?? []), escapeText(text)]);
  }
  const named = new Map<string, string[]>();
  for (const [member, [type = '', noId]] of table().names) {
    const values = mentions.all(member).map((value) => noId ?? patternOf(value));
    if (values.length > 0 && !ids.has(type)) named.set(type, [...(named.get(type) ?? []), ...values]);
  }
  for (const [type, values] of named) ids.set(type, values);
  const { place } = mentions;
  // A copy is made here of what is in another Region (EC2 User Guide, copy-ami-permissions.html).
  if (/^Copy(Image|Snapshot|FpgaImage)$/.test(call.operation.eventName)) {
    const here = place.region || '*';
    const origin =
      mentions.first('sourceregion')?.text ?? (mentions.present.has('sourceregion') ? '*' : here);
    const copied = (region: string, name: string, id: string): string =>
      `arn:${place.partition}:ec2:${region}::${name}/${id}`;
    return new Map(
      action.resourceTypes.map(({ name }) => [
        name,
        [copied(here, name, '*'), ...(ids.get(name) ?? []).map((id) => copied(origin, name, id))],
      ]),
    );
  }
  const creates = isCreating(call.operation.eventName);
  const joined = new Set(
    [...mentions.texts].flatMap((text) => table().joined.get(prefixOf(text) ?? '') ?? []),
  );
  for (const { name, required } of action.resourceTypes) {
    const type = service.resourceTypes.get(name);
    const values = ids.get(name);
    if (type === undefined) continue;
    const filled = (value?: string): readonly string[] =>
      formatsOf(type).map((format) =>
        fillFormat(
          format,
          place,
          new Map(value === undefined ? [] : format.variables.map((variable) => [variable, value])),
        ),
      );
    if (values !== undefined)
      found.set(
        name,
        values.flatMap((value) => filled(value)),
      );
    else if (creates && name === 'group') found.set(name, []);
    else if (
      joined.has(name) ||
      table().touched.get(action.name.slice('ec2:'.length)) === name ||
      // A launch is asked for on a Spot request only if it tags that (EC2 User Guide, ExamplePolicies_EC2.html).
      (name === 'spot-instances-request' && mentions.all('resourcetype').some(({ text }) => text === name)) ||
      // `ResourceId` of CreateFlowLogs is the VPC's; what is made gets its id from EC2.
      (creates && required && mentions.first('resourceid') !== undefined)
    )
      found.set(name, filled());
  }
  return found;
};
