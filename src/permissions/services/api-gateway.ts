import { actionInfo, readData } from '../../iam/catalogue.ts';
import { mapOf, words } from '../../iam/json.ts';
import { once } from '../../iam/memo.ts';
import { normalName } from '../../cloudtrail/kept-members.ts';
import type { Sighting } from '../mentions.ts';
import type { Permission } from '../mapping.ts';
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
 * Undefined: an operation without a known path.
 */
export function gatewayPermission(sighting: Sighting): Permission | undefined {
  const { call, mentions } = sighting;
  const { eventName } = call.operation;
  const [first, second] = [1, 2].map((generation) => routes().get(`${eventName}/${generation}`));
  // Both generations know some names; the request's members tell them apart.
  const [verb, route = ''] =
    (mentions.first('apiid') === undefined ? (first ?? second) : (second ?? first)) ?? [];
  const action = actionInfo(`apigateway:${verb}`);
  if (action === undefined) return undefined;
  const path = route.replace(/\?.*$/, '').replace(/\{([^}]+)\}/g, (_, variable: string) => {
    const name = normalName(variable);
    const text = mentions.first(...(members.get(name) ?? [name]));
    if (text === undefined) return '*';
    // The ARN in `/tags/{resource_arn}` is one path segment, URL-encoded.
    return name === 'resourcearn' ? encodeURIComponent(text.text) : patternOf(text);
  });
  const { partition, region } = mentions.place;
  return {
    action: action.name,
    resources: [`arn:${partition}:apigateway:${region || '*'}::${path}`],
    reason: 'operation',
  };
}
