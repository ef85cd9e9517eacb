import { normalName } from '../cloudtrail/kept-members.ts';
import { serviceInfo, serviceOf, type ActionInfo, type ServiceInfo } from '../iam/catalogue.ts';
import { memo } from '../iam/memo.ts';
import { matches, resourcePattern } from '../iam/pattern/pattern.ts';
import { sortedUnique } from '../iam/order.ts';
import {
  fillFormat,
  formatsOf,
  parseArn,
  readArn,
  type ArnFormat,
  type ArnReading,
  type ParsedArn,
  type Place,
} from './arn-format.ts';
import { bindingsOf, type Binding, type Slot, type Source } from './binding.ts';
import type { StarReason } from './mapping.ts';
import { holds, valuesAt, valuesBeside, type MemberPath, type Occurrence } from './member-path.ts';
import { singularName, type Finder, type Sighting } from './mentions.ts';
import { isNameOnly, keptName, namedBeside, spelled } from './spelling.ts';
import { escapeText, patternOf, type Text } from './text.ts';

/** More values than this of one type would only bloat a policy: the type's pattern stands for them. */
const maxValues = 200;

/** Resources of one permission. */
export interface Resources {
  readonly resources: readonly string[];
  readonly star?: StarReason;
  /** By resource, the member that named it: `requestParameters.loadBalancerArn`; absent where nothing did. */
  readonly from?: ReadonlyMap<string, string>;
}

/** Calls that make something: the ARN in the answer (or in `resources[]`) did not exist when the call was authorised. */
const creating =
  /^(Create|Run|Allocate|Request|Import|Copy|Register|Restore|Purchase|Publish|Provision|Clone|Issue|Build|Launch|Submit|Start|Batch(Create|Import|Start))/;

export const isCreating = (eventName: string): boolean => creating.test(eventName);

/** Calls that read many and may name none: without a name they ask for everything. `GetDatabases` reads many databases, `GetQueryResults` and `DescribeCluster` one thing. */
const readsMany = (eventName: string, { accessLevel, resourceTypes }: ActionInfo): boolean =>
  /^(List|Search|Describe\w*s$)/.test(eventName) ||
  (/^Get[A-Z][A-Za-z]*[^s]s$/.test(eventName) &&
    (accessLevel === 'List' ||
      resourceTypes.some(({ name }) => singular(eventName).endsWith(singular(name)))));

const singular = (name: string): string => singularName(normalName(name));

/** Calls on the tags of one thing, of whatever type. */
const tagging = /^(Tag|Untag|(Add|Remove|Delete|List)Tags)/;

/** A resource and the member that named it; '' where none did. */
interface Found {
  readonly pattern: string;
  readonly from: string;
  /** An ARN, as it stood. */
  readonly whole: boolean;
  readonly made: boolean;
}

/** An ARN, the member that holds it, and what the service reads in it. */
interface Reading {
  readonly arn: ParsedArn;
  readonly value: Text;
  readonly from: string;
  readonly readings: readonly ArnReading[];
}

/** What of one type a call named. */
interface Resolution {
  readonly found: readonly Found[];
  /** Formats that stand for the type when nothing names one, with its parents as far as they are known. */
  readonly formats: readonly ArnFormat[];
  /** What fills their variables then. */
  readonly around: Source | undefined;
  /** The member that would name it names something else. */
  readonly isElsewhere: boolean;
  /** The call makes a thing that takes a default of this type, which is authorised as if it had been named. */
  readonly isDefault: boolean;
}

/**
 * The row of an operation; of two APIs with operations of one name the one whose members the request has, and where it has as many of
 * each the one that names most types: what it may take by default stays.
 */
export function bindingOf(prefix: string, { call, operation }: Sighting): Binding | undefined {
  const rows = bindingsOf(prefix, operation);
  if (rows.length < 2) return rows[0];
  const { request } = call.target;
  const counts = rows.map(({ keys }) => keys.filter((path) => valuesAt(request, path).length > 0).length);
  const best = rows.filter((_, index) => counts[index] === Math.max(...counts));
  return best.reduce((a, b) => (b.types.size > a.types.size ? b : a));
}

const keySlot = ({ slots, key }: Source): Slot | undefined => slots[key];

/** Names of variables that other ARNs know too, but mean something else by. */
const ownNames = new Set(['id', 'name', 'resourceid', 'resourcename', 'any', 'identifier', 'uuid']);

const named = (patterns: readonly string[], from: string, whole = true, made = false): Found[] =>
  patterns.map((pattern) => ({ pattern, from, whole, made }));

/** What a service reads of an ARN: the same few come again and again. */
const arnsOf = memo((service: ServiceInfo) =>
  memo((text: string) => {
    const arn = parseArn(text);
    return { arn, readings: arn === undefined ? [] : readArn(service, arn) };
  }, 1000),
);

class Resolver {
  readonly binding: Binding | undefined;
  readonly #service: ServiceInfo;
  readonly #sighting: Sighting;
  readonly #makes: boolean;
  /** ARNs in the members that the table binds, and those that AWS itself lists as the call's resources. */
  readonly #shown: readonly Reading[];
  readonly #found = new Map<MemberPath, readonly Occurrence[]>();

  constructor(service: ServiceInfo, sighting: Sighting, binding: Binding | undefined) {
    this.#service = service;
    this.#sighting = sighting;
    this.binding = binding;
    this.#makes = isCreating(sighting.call.operation.eventName);
    const shown = (binding?.keys ?? []).flatMap((path) => this.#read(this.#at(path)));
    for (const { from, name, value } of sighting.mentions.arns) {
      const arn = from === 'resources' ? this.#arnOf(value, 'resources[]') : undefined;
      if (arn !== undefined && (!this.#makes || this.#isChosen(arn))) shown.push(arn);
      // No model knows the operation: CodeConnections logs `UseConnection` with the ARN of the connection.
      const unlisted = from === 'request' && binding === undefined;
      const unknown = unlisted ? this.#arnOf(value, `requestParameters.${name}`) : undefined;
      if (unknown !== undefined && !this.#makes) shown.push(unknown);
    }
    this.#shown = shown;
  }

  #at(path: MemberPath): readonly Occurrence[] {
    const known = this.#found.get(path) ?? valuesAt(this.#sighting.call.target.request, path);
    this.#found.set(path, known);
    return known;
  }

  #read(occurrences: readonly Occurrence[], where = 'requestParameters'): Reading[] {
    const shown: Reading[] = [];
    for (const { value, at } of occurrences) {
      const arn = this.#arnOf(value, `${where}.${at}`);
      if (arn !== undefined) shown.push(arn);
    }
    return shown;
  }

  #arnOf(value: Text, from: string): Reading | undefined {
    // A stream's shard iterator starts with the stream's ARN and goes on after `|`: a token, no name.
    if (!value.text.startsWith('arn:') || value.text.includes('|')) return undefined;
    const read = arnsOf(this.#service)(value.text);
    return read.arn === undefined ? undefined : { arn: read.arn, readings: read.readings, value, from };
  }

  /** Whether the caller chose the name that a listed ARN ends in: what a call makes it may name, not number. */
  #isChosen({ readings }: Reading): boolean {
    const last = [...(readings[0]?.values.values() ?? [])].at(-1);
    if (last === undefined || this.binding === undefined) return false;
    const end = last.slice(last.lastIndexOf('/') + 1);
    return [...this.binding.types.values()].flat().some((source) => {
      const slot = keySlot(source);
      return (
        slot?.kind === 'member' &&
        this.#at(slot.path).some(({ value }) => value.text === last || value.text === end)
      );
    });
  }

  resolve(name: string, madeOnly: boolean): Resolution {
    const type = this.#service.resourceTypes.get(name);
    if (type === undefined) return notNamed;
    const { prefix } = this.#service;
    const { request } = this.#sighting.call.target;
    // IAM takes no wildcard for the service: a format of any service (a Backup recovery point) needs the whole ARN.
    const formats = formatsOf(type).filter(({ service }) => service !== '*');
    const all = this.binding?.types.get(name) ?? [];
    const sources = all.filter(
      ({ made, when }) => (made || !madeOnly) && (when === undefined || holds(when, request)),
    );
    const ofType = ({ readings, arn }: Reading): boolean =>
      formats.length === 0
        ? readings.every(({ format }) => format.type === name) && arn.service !== 'iam'
        : readings.some(({ format }) => format.type === name);
    const found: Found[] = [];
    for (const shown of madeOnly ? [] : this.#shown)
      if (ofType(shown))
        found.push(
          ...named(
            spelled(prefix, name, shown.value, this.#sighting) ?? [patternOf(shown.value)],
            shown.from,
          ),
        );
    let isElsewhere = sources.length === 0 && all.some(({ when }) => when !== undefined);
    let before = 0;
    for (const source of sources) {
      const slot = keySlot(source);
      if (source.again && found.length > before) continue;
      if (!source.again) before = found.length;
      // Said by the call without a name: which kind, how many.
      if (source.when !== undefined && source.key < 0 && source.slots.length > 0)
        found.push(...named(this.#surroundings(formats, source), 'requestParameters', false));
      if (slot?.kind !== 'member') continue;
      for (const occurrence of this.#at(slot.path)) {
        const { value } = occurrence;
        const from = `requestParameters.${occurrence.at}`;
        if (!isOfShape(slot.shape, value)) continue;
        const special = source.arnOnly ? undefined : spelled(prefix, name, value, this.#sighting);
        const arn = this.#arnOf(value, from);
        if (special?.length === 0) isElsewhere = true;
        else if (special !== undefined) found.push(...named(special, from, true, source.made));
        else if (arn !== undefined && ofType(arn))
          found.push(...named([patternOf(value)], from, true, source.made));
        else if (source.arnOnly || (arn !== undefined && slot.part === undefined)) isElsewhere = true;
        else if (!isForeign(prefix, value))
          for (const pattern of formats
            .filter((_, index) => source.only === undefined || source.only === index)
            .flatMap((format) => this.#fill(format, source, occurrence)))
            found.push({ pattern, from, whole: !pattern.endsWith('*'), made: source.made });
      }
    }
    // What is made without a name lies beside what the call names of its type: a parent.
    const unnamed = sources.find(({ made, key, slots }) => made && key < 0 && slots.length > 0);
    if (unnamed !== undefined && found.length > 0 && !found.some(({ made }) => made))
      found.push(...named(this.#surroundings(formats, unnamed), '', false, true));
    // An ARN tells more than a name does of the same thing.
    const arns = new Set(this.#shown.map(({ from }) => from));
    const byArn = found.filter(
      ({ whole, made, pattern, from }) => whole && !made && arns.has(from) && pattern.startsWith('arn:'),
    );
    const kept = found.filter(
      ({ pattern, made, from }) =>
        made || arns.has(from) || !byArn.some((arn) => matches(resourcePattern(pattern, false), arn.pattern)),
    );
    const answered = kept.some(({ whole }) => whole) || this.#makes || madeOnly ? [] : this.#answered(name);
    const around = sources.find(({ slots }) => slots.length > 0);
    return {
      found: answered.length > 0 ? answered : kept,
      formats,
      around,
      isElsewhere,
      isDefault:
        this.#makes &&
        sources.map(keySlot).some((slot) => slot?.kind === 'member' && slot.otherwise !== undefined),
    };
  }

  #answered(name: string): readonly Found[] {
    const { response } = this.#sighting.call.target;
    return (this.binding?.answers ?? [])
      .flatMap((path) => this.#read(valuesAt(response, path), 'responseElements'))
      .filter(({ readings }) => readings.some(({ format }) => format.type === name))
      .flatMap(({ value, from }) => named([patternOf(value)], from));
  }

  /** A variable that an ARN elsewhere in the call knows. */
  #known(variable: string): { readonly text: string; readonly arn: ParsedArn } | undefined {
    if (ownNames.has(variable)) return undefined;
    for (const { readings, arn } of this.#shown)
      for (const { values } of readings) {
        const text = values.get(variable);
        if (text !== undefined) return { text, arn };
      }
    return undefined;
  }

  /** What can fill a variable: at its member (beside an occurrence of the key, in the same element of a list), in an ARN of the call, by default. */
  #slotValues(
    slot: Slot | undefined,
    variable: string,
    beside?: { readonly occurrence: Occurrence; readonly key: Slot | undefined },
  ): readonly string[] {
    if (slot?.kind === 'constant') return [slot.text];
    if (slot?.kind === 'member') {
      const occurrences =
        beside?.key?.kind === 'member'
          ? valuesBeside(beside.occurrence, beside.key.path, slot.path)
          : this.#at(slot.path);
      if (occurrences.length > 0)
        return sortedUnique(occurrences.map(({ value }) => this.#worded(value, slot, variable))).slice(
          0,
          maxValues,
        );
    }
    const known = this.#known(variable);
    if (known !== undefined) return [escapeText(known.text)];
    return slot?.kind === 'member' && slot.otherwise !== undefined ? [slot.otherwise] : [];
  }

  /** A value as the ARN spells it: of an ARN the part that the variable means. */
  #worded(value: Text, slot: Slot | undefined, variable: string): string {
    const arn = parseArn(value.text);
    const part = slot?.kind === 'member' ? slot.part : undefined;
    const segment = slot?.kind === 'member' ? slot.path.at(-1) : undefined;
    if (
      arn === undefined &&
      typeof segment === 'object' &&
      isNameOnly(this.#service.prefix, segment.names, value)
    ) {
      this.#sighting.notes.add(`${value.text} is a name: ARNs show an id, which the call does not`);
      return '*';
    }
    if (arn === undefined)
      return part === undefined ? wordOf(variable, keptName(this.#service.prefix, value)) : '*';
    const parts = arn.resource.split(/[/:]/);
    if (part === 'account') return arn.account || '*';
    const { readings } = arnsOf(this.#service)(value.text);
    const read = readings.find(({ values }) => values.has(variable))?.values.get(variable);
    // The ARN of another service's thing says nothing of this one: a target group's id is no Auto Scaling group's.
    const last = readings.length > 0 ? parts.at(-1) : undefined;
    const word = part === undefined ? (read ?? last) : parts.at(Number(part));
    return word === undefined ? '*' : escapeText(word);
  }

  #fill(format: ArnFormat, { slots, key }: Source, occurrence: Occurrence): readonly string[] {
    if (slots.length !== format.variables.length) return [];
    let fills: ReadonlyMap<string, string>[] = [new Map()];
    for (const [index, variable] of format.variables.entries()) {
      const slot = slots[index];
      const options =
        index === key
          ? [this.#worded(occurrence.value, slot, variable)]
          : this.#slotValues(slot, variable, { occurrence, key: slots[key] });
      if (options.length === 0 || fills.length * options.length > maxValues) continue;
      fills = fills.flatMap((filled) => options.map((option) => new Map([...filled, [variable, option]])));
    }
    const place = this.#place(format, slots, occurrence.value.text.startsWith('arn:') ? -1 : key);
    return fills.map((filled) => fillFormat(format, place, filled));
  }

  /** An ARN of the service's own at a member. */
  #arnAt(slot: Slot | undefined): ParsedArn | undefined {
    if (slot?.kind !== 'member' || slot.part !== undefined) return undefined;
    const [value] = this.#at(slot.path);
    const shown = value && arnsOf(this.#service)(value.value.text);
    return shown !== undefined && shown.readings.length > 0 ? shown.arn : undefined;
  }

  /** The place of the call, or of the parent that an ARN in it names: what has a name of its own, a copy, lies where the call is. */
  #place(format: ArnFormat, slots: readonly Slot[] = [], named = -1): Place {
    const own = this.#sighting.mentions.ownersPlace(format.service);
    for (const [index, variable] of format.variables.entries()) {
      const parent = index === named ? undefined : (this.#known(variable)?.arn ?? this.#arnAt(slots[index]));
      if (parent !== undefined)
        return { ...own, region: parent.region || own.region, account: parent.account || own.account };
    }
    return own;
  }

  /** What stands for a type when nothing names one, with its parents as far as they are known. */
  around({ formats, around }: Resolution): readonly string[] {
    return this.#surroundings(
      formats.filter((_, index) => around?.only === undefined || around.only === index),
      around,
    );
  }

  #surroundings(formats: readonly ArnFormat[], source: Source | undefined): readonly string[] {
    return formats.map((format) => {
      const fits = source?.slots.length === format.variables.length && !source.arnOnly;
      const values = new Map<string, string>();
      for (const [index, variable] of format.variables.entries()) {
        const slot = fits ? source.slots[index] : undefined;
        if (index === source?.key && (slot === undefined || source.made)) continue;
        const [only, second] = this.#slotValues(slot, variable);
        if (only !== undefined && second === undefined) values.set(variable, only);
      }
      return fillFormat(format, this.#place(format, fits ? source.slots : []), values);
    });
  }

  /** Whether some variable of the type is known. */
  touches({ formats, around }: Resolution): boolean {
    return formats.some(({ variables }) =>
      variables.some((variable, index) => {
        const slot = around?.slots.length === variables.length ? around.slots[index] : undefined;
        return this.#slotValues(slot?.kind === 'constant' ? undefined : slot, variable).length > 0;
      }),
    );
  }
}

const notNamed: Resolution = {
  found: [],
  formats: [],
  around: undefined,
  isElsewhere: false,
  isDefault: false,
};

const isOfShape = (shape: string | undefined, { text }: Text): boolean =>
  shape === undefined ||
  text.startsWith('arn:') ||
  (shape === '12' ? /^[0-9]{12}$/.test(text) : text.startsWith(shape));

/** Security groups of a VPC are EC2's: those that other services have are named by the caller (ElastiCache API Reference, CreateReplicationGroup). */
const isForeign = (prefix: string, { text }: Text): boolean =>
  prefix !== 'ec2' && /^sg-[0-9a-f]{8,17}$/.test(text);

/** Values that ARNs spell otherwise than requests (WAF API Reference, CreateWebACL, Scope). */
const spellings = new Map([
  ['scope/REGIONAL', 'regional'],
  ['scope/CLOUDFRONT', 'global'],
]);
const wordOf = (variable: string, value: Text): string =>
  spellings.get(`${variable}/${value.text}`) ?? patternOf(value);

/** Beside the table. */
interface ResourceOptions {
  /** The service's own reading. */
  readonly finder?: Finder | undefined;
  /** Only what the call makes; default false. */
  readonly madeOnly?: boolean;
  /** In place of the table's row. */
  readonly binding?: Binding;
}

/** The resources of a permission that a call needed, per type that the action accepts. */
export function resourcesOf(
  action: ActionInfo,
  sighting: Sighting,
  options: ResourceOptions = {},
): Resources {
  const { finder, madeOnly = false, binding } = options;
  const prefix = serviceOf(action.name);
  const service = serviceInfo(prefix);
  if (service === undefined || action.resourceTypes.length === 0) {
    return { resources: ['*'], star: 'action-takes-no-resource' };
  }
  const { mentions, call } = sighting;
  const own = finder?.(sighting, action);
  let resolver: Resolver | undefined;
  const resolved = action.resourceTypes.map(({ name, required }) => {
    const special = own?.get(name) ?? namedBeside(prefix, name, action, sighting);
    if (special !== undefined) return { required: false, type: { ...notNamed, found: named(special, '') } };
    resolver ??= new Resolver(service, sighting, binding ?? bindingOf(prefix, sighting));
    return { required, type: resolver.resolve(name, madeOnly) };
  });
  const isNamed = resolved.some(({ type }) => type.found.length > 0);
  const { eventName } = call.operation;
  const none: Resources = { resources: ['*'], star: mentions.omitted ? 'request-omitted' : 'none-named' };
  // What lists all there are below a parent is asked for on everything: AWS's refusals of `ecs:ListTasks` for a cluster name `*`
  // (github.com/cdklabs/construct-hub/pull/1207).
  const isList = eventName.startsWith('List');
  if (
    !isNamed &&
    readsMany(eventName, action) &&
    (isList || !resolved.some(({ type }) => resolver?.touches(type)))
  )
    return none;
  const from = new Map<string, string>();
  const patterns: string[] = [];
  for (const { required, type } of resolved) {
    const { found, isElsewhere, isDefault } = type;
    for (const item of found.slice(0, maxValues * 5)) {
      patterns.push(item.pattern);
      if (item.from !== '') from.set(item.pattern, item.from);
    }
    // Types side by side that one member names are alternatives: the call says which one it is.
    if (found.length > 0 || !(required || isDefault)) continue;
    if (!isNamed || !(isElsewhere || tagging.test(eventName)))
      patterns.push(...(resolver?.around(type) ?? []));
  }
  const resources = sortedUnique(patterns);
  return resources.length === 0 || resources.includes('*')
    ? none
    : { resources, ...(from.size > 0 ? { from } : {}) };
}
