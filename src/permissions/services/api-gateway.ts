import { actionInfo, readData, type ActionInfo } from '../../iam/catalogue.ts';
import { isObject } from '../../iam/json.ts';
import { normalName } from '../../cloudtrail/kept-members.ts';
import type { Sighting } from '../mentions.ts';
import type { Permission } from '../mapping.ts';
import { patternOf } from '../text.ts';

interface Route {
  readonly verb: string;
  /** `/restapis/{restapi_id}/stages/{stage_name}` */
  readonly path: string;
}

let routes: ReadonlyMap<string, Route> | undefined;

function load(): ReadonlyMap<string, Route> {
  const raw = readData('api-gateway.json')['operations'];
  return new Map(
    Object.entries(isObject(raw) ? raw : {}).map(([operation, text]) => {
      const [verb = '', path = ''] = typeof text === 'string' ? text.split(' ') : [];
      return [operation, { verb, path: path.replace(/\?.*$/, '') }];
    }),
  );
}

/** The route of an operation: both generations know some names, the request's members tell them apart. */
function routeOf(eventName: string, isSecond: boolean): Route | undefined {
  routes ??= load();
  const [preferred, other] = isSecond ? [2, 1] : [1, 2];
  return routes.get(`${eventName}/${preferred}`) ?? routes.get(`${eventName}/${other}`);
}

/** Spellings of path variables in requests: `{restapi_id}` is logged as `restApiId`, `{http_method}` as `httpMethod`. */
const members = new Map([
  ['proxy', ['proxy']],
  ['resourcearn', ['resourcearn']],
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
  const route = routeOf(
    call.operation.eventName,
    mentions.first('apiid') !== undefined || isSecondOnly(call.operation.eventName),
  );
  const action: ActionInfo | undefined =
    route === undefined ? undefined : actionInfo(`apigateway:${route.verb}`);
  if (route === undefined || action === undefined) return undefined;
  const path = route.path.replace(/\{([^}]+)\}/g, (_, variable: string) => {
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

const isSecondOnly = (eventName: string): boolean => {
  routes ??= load();
  return !routes.has(`${eventName}/1`);
};
