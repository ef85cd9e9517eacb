import { actionInfo, readData, stringsOf } from '../iam/catalogue.ts';
import { isObject, type JsonObject } from '../iam/json.ts';
import { bindingWith, sourcesFrom, words, type Binding } from './binding.ts';
import { sourceStem } from './event-source.ts';
import type { Permission } from './mapping.ts';
import { holds, memberPath, valuesAt, type MemberPath, type When } from './member-path.ts';
import { plainName } from '../cloudtrail/kept-members.ts';
import { resourcesOf } from './resources.ts';
import type { Sighting } from './sighting.ts';

/** A permission that some requests of an operation need beside the operation's own. */
interface Implied {
  /** Only with this member, and one of these values; '' is absent. Absent: always. */
  readonly when?: When;
  /** Not with this member. */
  readonly unless?: MemberPath;
  readonly actions: readonly string[];
  /** The Regions that it is needed in; absent: the call's own. */
  readonly region?: MemberPath;
  /** `same`: what the operation's own permission is for; `*`; or the members that name it, as in the table of bindings. */
  readonly on: 'same' | '*' | Binding;
}

function onOf(raw: unknown): Implied['on'] {
  if (!isObject(raw)) return raw === '*' ? '*' : 'same';
  return bindingWith({ arns: [], answers: [], roles: [], types: sourcesFrom(raw) });
}

function impliedFrom(row: JsonObject): Implied {
  const [path, values] = typeof row['when'] === 'string' ? row['when'].split('=') : [];
  return {
    ...(path === undefined ? {} : { when: { path: memberPath(path), values: values?.split('|') } }),
    ...(typeof row['unless'] === 'string' ? { unless: memberPath(row['unless']) } : {}),
    ...(typeof row['region'] === 'string' ? { region: memberPath(row['region']) } : {}),
    actions: words(row['needs']),
    on: onOf(row['on']),
  };
}

/** `data/overrides/implied.json` by `stem/operation`. */
function load(): ReadonlyMap<string, readonly Implied[]> {
  const table = new Map<string, Implied[]>();
  const groups = readData('overrides/implied.json')['groups'];
  for (const group of Array.isArray(groups) ? groups : []) {
    if (!isObject(group)) continue;
    for (const row of (Array.isArray(group['rows']) ? group['rows'] : []).filter(isObject)) {
      for (const stem of stringsOf(group['events']))
        for (const operation of words(row['operations'])) {
          const key = `${stem}/${operation}`;
          table.set(key, [...(table.get(key) ?? []), impliedFrom(row)]);
        }
    }
  }
  return table;
}

let table: ReadonlyMap<string, readonly Implied[]> | undefined;

function applies({ when, unless }: Implied, { call }: Sighting): boolean {
  const { request } = call.target;
  if (unless !== undefined && valuesAt(request, unless, true).length > 0) return false;
  return when === undefined || holds(when, request, true);
}

const emptyBinding = bindingWith({ arns: [], answers: [], roles: [], types: new Map() });

/** The sighting in each Region that the request names. */
function placesOf(region: MemberPath | undefined, sighting: Sighting): readonly Sighting[] {
  if (region === undefined) return [sighting];
  const { call, known, mentions } = sighting;
  return valuesAt(call.target.request, region).map(({ value }) => ({
    call,
    known,
    mentions: { ...mentions, place: { ...mentions.place, region: value.text } },
  }));
}

/** What a request needs beside its operation's own permission, for what it carries. A call that failed proves none of it. */
export function impliedPermissions(sighting: Sighting, own: readonly Permission[]): readonly Permission[] {
  table ??= load();
  const { eventSource, eventName } = sighting.call.operation;
  const rows = table.get(`${sourceStem(eventSource)}/${plainName(eventName)}`);
  if (rows === undefined) return [];
  const operation = own.find(({ reason }) => reason === 'operation');
  return rows
    .filter((row) => applies(row, sighting))
    .flatMap(({ actions, on, region }) =>
      actions.flatMap((name): readonly Permission[] => {
        const action = actionInfo(name);
        if (action === undefined) return [];
        if (on === 'same' && operation !== undefined)
          return [{ ...operation, action: action.name, reason: 'dependent' }];
        const resources =
          typeof on === 'string'
            ? ({ resources: ['*'], star: 'action-takes-no-resource' } as const)
            : undefined;
        if (resources !== undefined) return [{ action: action.name, ...resources, reason: 'dependent' }];
        return placesOf(region, sighting).map((placed) => ({
          action: action.name,
          ...resourcesOf(action, placed, { binding: typeof on === 'string' ? emptyBinding : on }),
          reason: 'dependent' as const,
        }));
      }),
    );
}
