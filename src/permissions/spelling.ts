import { dataRows, readData, stringsOf, type ActionInfo } from '../iam/catalogue.ts';
import { memo, once } from '../iam/memo.ts';
import { objectsOf, words, type JsonObject } from '../iam/json.ts';
import { sortedUnique } from '../iam/order.ts';
import { matches, resourcePattern } from '../iam/pattern/pattern.ts';
import type { Place } from './arn-format.ts';
import type { Mentions, Sighting } from './mentions.ts';
import { escapeText, type Text } from './text.ts';

interface Rule {
  readonly match: RegExp;
  /** Texts, and the names of what may fill a gap; undefined: the name stands in the ARN as it is. */
  readonly arns: readonly (readonly (string | readonly string[])[])[] | undefined;
  readonly isShown: boolean;
}

interface Spelling {
  /** `prefix:type`. */
  readonly types: readonly string[];
  /** Normalised names; none: of what the table of bindings names. */
  readonly members: readonly string[];
  /** Of `action operation`. */
  readonly isFor: RegExp;
  readonly isUnlisted: boolean;
  readonly rules: readonly Rule[];
}

const ruleFrom = ({ match, arns, shown }: JsonObject): Rule => ({
  match: new RegExp(String(match), 's'),
  arns: Array.isArray(arns)
    ? stringsOf(arns).map((arn) =>
        arn.split(/\{([^}]+)\}/).map((text, index) => (index % 2 === 0 ? text : text.split('|'))),
      )
    : undefined,
  isShown: shown === true,
});

/** `data/overrides/names.json`. */
const table = once(() =>
  dataRows('overrides/names.json').map((row): Spelling => ({
    types: stringsOf(row['types']),
    members: words(row['members']),
    isFor: new RegExp(typeof row['for'] === 'string' ? row['for'] : ''),
    isUnlisted: row['unlisted'] === true,
    rules: objectsOf(row['rules']).map(ruleFrom),
  })),
);

/** By prefix and type: what the table's note says, of what the table of bindings names and beside it. */
const spellingsOf = memo((prefix: string) =>
  memo((type: string) => {
    const own = table().filter(({ types }) => types.includes(`${prefix}:${type}`));
    return {
      bound: own.find(({ members }) => members.length === 0),
      beside: own.filter(({ members }) => members.length > 0),
    };
  }),
);

/** What stands in braces: a group, the place or a member of the request; undefined where there is none. */
function word(
  name: string,
  found: RegExpExecArray,
  value: Text,
  place: Place,
  mentions: Mentions,
): string | undefined {
  const group = found[Number(name)];
  if (group !== undefined) return escapeText(group) + (value.folded && value.text.endsWith(group) ? '*' : '');
  if (name === 'partition' || name === 'region' || name === 'account') return place[name] || undefined;
  const text = mentions.first(name)?.text;
  return text === undefined ? undefined : escapeText(text);
}

function spell(rules: readonly Rule[], value: Text, sighting: Sighting): readonly string[] | undefined {
  for (const { match, arns, isShown } of rules) {
    const found = match.exec(value.text);
    if (found === null) continue;
    const { mentions } = sighting;
    const place = mentions.ownersPlace();
    const patterns = arns?.map((parts) =>
      parts
        .map((part) => {
          if (typeof part === 'string') return part;
          for (const name of part) {
            const text = word(name, found, value, place, mentions);
            if (text !== undefined) return text;
          }
          return '*';
        })
        .join(''),
    );
    return isShown ? patterns?.map((pattern) => shownFor(pattern, sighting)) : patterns;
  }
  return undefined;
}

/** The ARN in the answer or the listed resources that a pattern stands for; the pattern where there is none. */
function shownFor(pattern: string, { mentions }: Sighting): string {
  const isMeant = resourcePattern(pattern, true);
  const shown = mentions.arns.find(({ value }) => matches(isMeant, value.text));
  return shown === undefined ? pattern : escapeText(shown.value.text);
}

/** The ARN patterns of a name; undefined where it stands in the ARN as it is, empty where it names none of the type. */
export function spelled(
  prefix: string,
  type: string,
  value: Text,
  sighting: Sighting,
): readonly string[] | undefined {
  const { bound } = spellingsOf(prefix)(type);
  return bound && spell(bound.rules, value, sighting);
}

/** What members of the request name of a type beside the table of bindings; undefined where they name nothing. */
export function namedBeside(
  prefix: string,
  type: string,
  { name }: ActionInfo,
  sighting: Sighting,
): readonly string[] | undefined {
  const { beside } = spellingsOf(prefix)(type);
  if (beside.length === 0) return undefined;
  const { mentions, call } = sighting;
  const isListed = mentions.arns.some(({ arn, from }) => from === 'resources' && arn.service === prefix);
  const found = beside
    .filter(
      ({ isFor, isUnlisted }) =>
        isFor.test(`${name} ${call.operation.eventName}`) && !(isUnlisted && isListed),
    )
    .flatMap(({ members, rules }) =>
      members
        .flatMap((member) => mentions.all(member))
        .flatMap((value) => spell(rules, value, sighting) ?? []),
    );
  return found.length === 0 ? undefined : sortedUnique(found);
}

/** `data/overrides/names.json`, `ids`: by `prefix:member` what an id looks like. */
const idShapes = once(
  () =>
    new Map(
      objectsOf(readData('overrides/names.json')['ids']).flatMap(({ prefix, members, match }) =>
        words(members).map((member) => [`${String(prefix)}:${member}`, new RegExp(String(match))] as const),
      ),
    ),
);

/** Whether a member that takes an id or a name holds a name: no ARN shows it. */
export const isNameOnly = (prefix: string, members: readonly string[], { text }: Text): boolean =>
  members.some((member) => idShapes().get(`${prefix}:${member}`)?.test(text) === false);

/** RDS and ElastiCache keep identifiers in lower case (RDS API Reference, CreateDBInstance; ElastiCache API Reference, CreateCacheCluster). */
const lowerCased = new Set(['rds', 'elasticache', 'dms']);

/** A name as the service keeps it. */
export const keptName = (prefix: string, value: Text): Text =>
  lowerCased.has(prefix) && !value.text.startsWith('arn:')
    ? { ...value, text: value.text.toLowerCase() }
    : value;
