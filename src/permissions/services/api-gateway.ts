import { actionInfo, readData } from '../../iam/catalogue.ts';
import { mapOf, words } from '../../iam/json.ts';
import { once } from '../../iam/memo.ts';
import { normalName } from '../../cloudtrail/kept-members.ts';
import type { Sighting } from '../mentions.ts';
import type { Permission } from '../mapping.ts';
import { carriesTags } from '../tag-on-create.ts';
import { patternOf } from '../text.ts';

/** Verb and path of an operation of a generation: `GetStage/1` -> `GET /restapis/{restapi_id}/stages/{stage_name}`. */
const routes = once(() => mapOf(readData('api-gateway.json')['operations'], words));

/** Variables of paths that requests spell in two ways; others are logged by their name: `{restapi_id}` as `restApiId`. */
const members = new Map([
  ['apikeyid', ['apikeyid', 'apikey']],
  ['apikey', ['apikey', 'apikeyid']],
]);

/**
 * API Gateway's actions are HTTP verbs on paths: `GetStage` is `apigateway:GET` on
 * `arn:aws:apigateway:us-east-1::/restapis/ID/stages/NAME` (API Gateway Developer Guide, api-gateway-iam-policy-examples.html).
 * Tags of what is made are put on its ARN as by `TagResource`: refusals name `/tags/arn%3A…%2Frestapis%2F*`
 * (https://github.com/mattclay/aws-terminator/pull/284). None: an operation without a known path.
 */
export function gatewayPermissions(sighting: Sighting): readonly Permission[] {
  const { call, mentions } = sighting;
  const { eventName } = call.operation;
  const [first, second] = [1, 2].map((generation) => routes().get(`${eventName}/${generation}`));
  // Both generations know some names; the request's members tell them apart.
  const chosen = mentions.first('apiid') === undefined ? (first ?? second) : (second ?? first);
  const [verb, route = ''] = chosen ?? [];
  const action = actionInfo(`apigateway:${verb}`);
  if (action === undefined) return [];
  const path = route.replace(/\?.*$/, '').replace(/\{([^}]+)\}/g, (_, variable: string) => {
    const name = normalName(variable);
    const text = mentions.first(...(members.get(name) ?? [name]));
    if (text === undefined) return '*';
    // The ARN in `/tags/{resource_arn}` is one path segment, URL-encoded.
    return name === 'resourcearn' ? encodeURIComponent(text.text) : patternOf(text);
  });
  const { partition, region } = mentions.place;
  const root = `arn:${partition}:apigateway:${region || '*'}::`;
  const needed: Permission = { action: action.name, resources: [root + path], reason: 'operation' };
  if (!eventName.startsWith('Create') || !carriesTags(mentions)) return [needed];
  const [put, level] = chosen === second ? ['POST', '/v2'] : ['PUT', ''];
  const tagged = `${root}/tags/${encodeURIComponent(`${root}${level}${path}/`)}*`;
  return [needed, { action: `apigateway:${put}`, resources: [tagged], reason: 'tag-on-create' }];
}
