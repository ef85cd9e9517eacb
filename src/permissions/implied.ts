import { actionInfo, readData, serviceOf, stringsOf, type ActionInfo } from '../iam/catalogue.ts';
import { once } from '../iam/memo.ts';
import { isObject, objectsOf, words, type JsonObject } from '../iam/json.ts';
import { groupBy } from '../iam/order.ts';
import { parseArn } from './arn-format.ts';
import { bindingWith, sourcesFrom, type Binding } from './binding.ts';
import { sourceStem } from './event-source.ts';
import { permissionReasons, type Permission } from './mapping.ts';
import { holds, memberPath, valuesAt, whenOf, type MemberPath, type When } from './member-path.ts';
import { resourcesOf } from './resources.ts';
import { Mentions, Sighting } from './mentions.ts';
import { patternOf } from './text.ts';

/** A permission that some requests of an operation need beside the operation's own. */
interface Implied {
  /** Only where the request meets it; absent: always. */
  readonly when: When | undefined;
  readonly unless: When | undefined;
  readonly actions: readonly ActionInfo[];
  readonly reason: Permission['reason'];
  /** The Regions that it is needed in; absent: the call's own. */
  readonly region: MemberPath | undefined;
  /** `same`: what the operation's own permission is for; `*`; what of the action's service an ARN at a member names; or members as in the table of bindings. */
  readonly on: 'same' | '*' | { readonly arnAt: MemberPath } | Binding;
}

function onOf(raw: unknown): Implied['on'] {
  if (isObject(raw)) return bindingWith({ arns: [], answers: [], roles: [], types: sourcesFrom(raw) });
  if (typeof raw === 'string' && raw.startsWith('@')) return { arnAt: memberPath(raw.slice(1)) };
  return raw === '*' ? '*' : 'same';
}

const impliedFrom = (row: JsonObject): Implied => ({
  when: whenOf(row['when']),
  unless: whenOf(row['unless']),
  region: typeof row['region'] === 'string' ? memberPath(row['region']) : undefined,
  actions: words(row['needs']).flatMap((name) => actionInfo(name) ?? []),
  reason: permissionReasons.find((known) => known === row['reason']) ?? 'dependent',
  on: onOf(row['on']),
});

/** `data/overrides/implied.json` by `stem/operation`. */
const table = once(() => {
  const rows = objectsOf(readData('overrides/implied.json')['groups']).flatMap((group) =>
    objectsOf(group['rows']).flatMap((row) =>
      stringsOf(group['events']).flatMap((stem) =>
        words(row['operations']).map((operation) => ({ key: `${stem}/${operation}`, row })),
      ),
    ),
  );
  return new Map(
    [...groupBy(rows, ({ key }) => key)].map(([key, list]) => [
      key,
      once(() => list.map(({ row }) => impliedFrom(row))),
    ]),
  );
});

/** The sighting in each Region that the request names. */
function placesOf(region: MemberPath | undefined, sighting: Sighting): readonly Sighting[] {
  if (region === undefined) return [sighting];
  const { call, known } = sighting;
  return valuesAt(call.target.request, region).map(
    ({ value }) => new Sighting(call, known, new Mentions(call, value.text)),
  );
}

/** What a request needs beside its operation's own permission, for what it carries. A call that failed proves none of it. */
export function impliedPermissions(sighting: Sighting, own: readonly Permission[]): readonly Permission[] {
  const { operation, context, target } = sighting.call;
  const rows = table().get(`${sourceStem(operation.eventSource)}/${sighting.operation}`)?.();
  if (rows === undefined) return [];
  // A chained session inherits its source identity and sets it again without the request showing it
  // (IAM User Guide, id_credentials_temp_control-access_monitor.html).
  const { sourceIdentity } = context;
  const request = sourceIdentity === '' ? target.request : { sourceIdentity, ...target.request };
  const first = own.find(({ reason }) => reason === 'operation');
  return rows
    .filter(
      ({ when, unless }) =>
        (when === undefined || holds(when, request, true)) &&
        (unless === undefined || !holds(unless, request, true)),
    )
    .flatMap(({ actions, reason, on, region }) =>
      actions.flatMap((action): readonly Permission[] => {
        const { name } = action;
        if (on === '*') return [{ action: name, resources: ['*'], star: 'action-takes-no-resource', reason }];
        if (on === 'same')
          return first === undefined
            ? [{ action: name, ...resourcesOf(action, sighting, { binding: nothing }), reason }]
            : [{ ...first, action: name, reason }];
        if ('arnAt' in on)
          return valuesAt(request, on.arnAt)
            .filter(({ value }) => parseArn(value.text)?.service === serviceOf(name))
            .map(({ value }) => ({ action: name, resources: [patternOf(value)], reason }));
        return placesOf(region, sighting).map((placed) => ({
          action: name,
          ...resourcesOf(action, placed, { binding: on }),
          reason,
        }));
      }),
    );
}

const nothing = bindingWith({ arns: [], answers: [], roles: [], types: new Map() });
