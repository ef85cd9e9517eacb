import { serviceInfo } from '../../iam/catalogue.ts';
import { fillFormat, formatsOf } from '../arn-format.ts';
import { fieldsOf, firstText } from '../mentions.ts';
import type { Finder } from '../sighting.ts';
import { isCreating } from '../resources.ts';
import { escapeText, patternOf } from '../text.ts';

/** EC2 resource types by the start of their ids (EC2 User Guide, resource-ids.html; Service Authorization Reference, list_amazonec2.html). */
const typeOfPrefix = new Map([
  ['acl', 'network-acl'],
  ['ami', 'image'],
  ['aki', 'image'],
  ['ari', 'image'],
  ['cagw', 'carrier-gateway'],
  ['cgw', 'customer-gateway'],
  ['cr', 'capacity-reservation'],
  ['crf', 'capacity-reservation-fleet'],
  ['cvpn-endpoint', 'client-vpn-endpoint'],
  ['dopt', 'dhcp-options'],
  ['eigw', 'egress-only-internet-gateway'],
  ['eice', 'instance-connect-endpoint'],
  ['eipalloc', 'elastic-ip'],
  ['eni', 'network-interface'],
  ['fl', 'vpc-flow-log'],
  ['fleet', 'fleet'],
  ['h', 'dedicated-host'],
  ['i', 'instance'],
  ['igw', 'internet-gateway'],
  ['ipam', 'ipam'],
  ['ipam-pool', 'ipam-pool'],
  ['ipam-scope', 'ipam-scope'],
  ['key', 'key-pair'],
  ['lt', 'launch-template'],
  ['nat', 'natgateway'],
  ['nip', 'network-insights-path'],
  ['nia', 'network-insights-analysis'],
  ['pcx', 'vpc-peering-connection'],
  ['pg', 'placement-group'],
  ['pl', 'prefix-list'],
  ['rtb', 'route-table'],
  ['sfr', 'spot-fleet-request'],
  ['sg', 'security-group'],
  ['sgr', 'security-group-rule'],
  ['sir', 'spot-instances-request'],
  ['snap', 'snapshot'],
  ['subnet', 'subnet'],
  ['tgw', 'transit-gateway'],
  ['tgw-attach', 'transit-gateway-attachment'],
  ['tgw-rtb', 'transit-gateway-route-table'],
  ['tgw-mcast-domain', 'transit-gateway-multicast-domain'],
  ['tmf', 'traffic-mirror-filter'],
  ['tmfr', 'traffic-mirror-filter-rule'],
  ['tms', 'traffic-mirror-session'],
  ['tmt', 'traffic-mirror-target'],
  ['vgw', 'vpn-gateway'],
  ['vol', 'volume'],
  ['vpc', 'vpc'],
  ['vpce', 'vpc-endpoint'],
  ['vpce-svc', 'vpc-endpoint-service'],
  ['vpn', 'vpn-connection'],
]);

const idShape = /^([a-z]+(?:-[a-z]+)*)-[0-9a-f]+$/;

const prefixOf = (id: string): string | undefined => idShape.exec(id.slice(0, 256))?.[1];

/** Names that EC2 takes in place of ids, and the type each names. */
const namesOfType = new Map([
  ['key-pair', ['keyname']],
  ['placement-group', ['placementgroupname', 'placementgroup']],
  ['launch-template', ['launchtemplatename']],
]);

/** What an association id joins, where a call names nothing else (EC2 API Reference, DisassociateRouteTable, DisassociateAddress). */
const joinedBy = new Map([
  ['rtbassoc', ['internet-gateway', 'route-table', 'subnet', 'vpn-gateway']],
  ['eipassoc', ['elastic-ip', 'network-interface']],
]);

/** The type of an EC2 id; undefined for other text. */
const ec2TypeOf = (id: string): string | undefined => {
  const prefix = prefixOf(id);
  return prefix === undefined ? undefined : typeOfPrefix.get(prefix);
};

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
    const type = ec2TypeOf(text);
    if (type !== undefined) ids.set(type, [...(ids.get(type) ?? []), escapeText(text)]);
  }
  for (const [type, names] of namesOfType) {
    const values = names.flatMap((name) => fieldsOf(mentions, name)).map(({ value }) => patternOf(value));
    // A launch template or key pair is authorised by id; a name gives no id, except that key pairs are named by it.
    const ownNames = type === 'launch-template' ? values.map(() => '*') : values;
    if (ownNames.length > 0 && !ids.has(type)) ids.set(type, ownNames);
  }
  // A copy is made here of what is in another Region (EC2 User Guide, copy-ami-permissions.html).
  const origin = firstText(mentions, 'sourceregion')?.text;
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
    : new Set([...mentions.texts].flatMap((text) => joinedBy.get(prefixOf(text) ?? '') ?? []));
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
      (creates && required && mentions.fields.has('resourceid'))
    ) {
      found.set(
        name,
        formatsOf(type).map((format) => fillFormat(format, mentions.place, new Map())),
      );
    }
  }
  return found;
};
