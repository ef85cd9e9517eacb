import { serviceInfo, type ActionInfo, type ServiceInfo } from '../iam/catalogue.ts';
import { sortedUnique } from '../iam/order.ts';
import {
  type ArnFormat,
  arnPattern,
  type ArnReading,
  fillFormat,
  formatsOf,
  parseArn,
  type ParsedArn,
  readArn,
} from './arn-format.ts';
import { bindingsOf, type Binding, type Slot, type Source } from './binding.ts';
import { type Finder, placeOf, type Sighting } from './mentions.ts';
import type { StarReason } from './mapping.ts';
import { holds, valuesAt, valuesBeside, type MemberPath, type Occurrence } from './member-path.ts';
import { plainName } from '../cloudtrail/kept-members.ts';
import { keptName, namedBeside, spelled } from './spelling.ts';
import { patternOf, escapeText, type Text } from './text.ts';

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

/** Calls that read many and may name none: without a name they ask for everything. */
const listing = /^(List|Describe|Search|Get[A-Z][A-Za-z]*s$)/;

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

interface ShownArn {
  readonly arn: ParsedArn;
  readonly value: Text;
  readonly from: string;
  readonly readings: readonly ArnReading[];
}

interface Resolution {
  readonly found: readonly Found[];
  /** What stands for the type when nothing names one, with its parents as far as they are known. */
  readonly around: () => readonly string[];
  /** Some variable of it is known. */
  readonly touched: () => boolean;
  /** The member that would name it names something else. */
  readonly elsewhere: boolean;
  /** The call makes a thing that takes a default of this type, which is authorised as if it had been named. */
  readonly isDefault: boolean;
}

const shownArn = (service: ServiceInfo, value: Text, from: string): ShownArn | undefined => {
  // A stream's shard iterator starts with the stream's ARN and goes on after `|`: a token, no name.
  const arn = value.text.startsWith('arn:') && !value.text.includes('|') ? parseArn(value.text) : undefined;
  return arn === undefined ? undefined : { arn, value, from, readings: readArn(service, arn) };
};

/** The rows of an operation; of two APIs with operations of one name the one whose members the request has. */
export function bindingOf(prefix: string, { call }: Sighting): Binding | undefined {
  const rows = bindingsOf(prefix, plainName(call.operation.eventName));
  if (rows.length < 2) return rows[0];
  const present = (binding: Binding): number =>
    binding.keys.filter((path) => valuesAt(call.target.request, path).length > 0).length;
  const counts = rows.map(present);
  return rows[counts.indexOf(Math.max(...counts))];
}

const keySlot = ({ slots, key }: Source): Slot | undefined => slots[key];
const keyPath = (source: Source) => {
  const slot = keySlot(source);
  return slot?.kind === 'member' ? [slot.path] : [];
};

/** Names of variables that other ARNs know too, but mean something else by. */
const ownNames = new Set(['id', 'name', 'resourceid', 'resourcename', 'any', 'identifier', 'uuid']);

class Resolver {
  readonly binding: Binding | undefined;
  private readonly service: ServiceInfo;
  private readonly sighting: Sighting;
  private readonly makes: boolean;
  /** ARNs in the members that the table binds, and those that AWS itself lists as the call's resources. */
  readonly shown: readonly ShownArn[];

  constructor(service: ServiceInfo, sighting: Sighting, binding: Binding | undefined) {
    this.service = service;
    this.sighting = sighting;
    this.binding = binding;
    const { call } = sighting;
    this.makes = isCreating(call.operation.eventName);
    const request = (this.binding?.keys ?? []).flatMap((path) => this.read(this.at(path)));
    const listed = sighting.mentions.arns
      .filter(({ from }) => from === 'resources')
      .flatMap(({ value }) => shownArn(service, value, 'resources[]') ?? []);
    this.shown = [...request, ...listed.filter((shown) => !this.makes || this.isChosen(shown))];
  }

  private readonly found = new Map<MemberPath, readonly Occurrence[]>();

  private at(path: MemberPath): readonly Occurrence[] {
    const known = this.found.get(path) ?? valuesAt(this.sighting.call.target.request, path);
    this.found.set(path, known);
    return known;
  }

  private read(occurrences: readonly Occurrence[], where = 'requestParameters'): ShownArn[] {
    return occurrences.flatMap(({ value, at }) => shownArn(this.service, value, `${where}.${at}`) ?? []);
  }

  /** Whether the caller chose the name that a listed ARN ends in: what a call makes it may name, not number. */
  private isChosen({ readings }: ShownArn): boolean {
    const last = [...(readings[0]?.values.values() ?? [])].at(-1);
    if (last === undefined || this.binding === undefined) return false;
    const end = last.slice(last.lastIndexOf('/') + 1);
    return [...this.binding.types.values()].some((sources) =>
      sources
        .flatMap(keyPath)
        .some((path) =>
          valuesAt(this.sighting.call.target.request, path).some(
            ({ value }) => value.text === last || value.text === end,
          ),
        ),
    );
  }

  resolve(name: string, madeOnly: boolean): Resolution {
    const type = this.service.resourceTypes.get(name);
    if (type === undefined)
      return { found: [], around: () => [], touched: () => false, elsewhere: false, isDefault: false };
    // IAM takes no wildcard for the service: a format of any service (a Backup recovery point) needs the whole ARN.
    const formats = formatsOf(type).filter(({ service }) => service !== '*');
    const isOfAny = formats.length === 0;
    const sources = (this.binding?.types.get(name) ?? []).filter(
      ({ made, when }) =>
        (made || !madeOnly) && (when === undefined || holds(when, this.sighting.call.target.request)),
    );
    const isOther =
      sources.length === 0 && (this.binding?.types.get(name) ?? []).some(({ when }) => when !== undefined);
    const ofType = ({ readings, arn }: ShownArn): boolean =>
      isOfAny
        ? readings.every(({ format }) => format.type === name) && arn.service !== 'iam'
        : readings.some(({ format }) => format.type === name);
    const found: Found[] = madeOnly
      ? []
      : this.shown.filter(ofType).flatMap(({ value, from }) =>
          (spelled(this.service.prefix, name, value, this.sighting) ?? [arnPattern(value)]).map(
            (pattern) => ({
              pattern,
              from,
              whole: true,
              made: false,
            }),
          ),
        );
    let elsewhere = false;
    let before = 0;
    for (const source of sources) {
      const slot = keySlot(source);
      if (source.again && found.length > before) continue;
      if (!source.again) before = found.length;
      // Said by the call without a name: which kind, how many.
      if (source.when !== undefined && source.key < 0 && source.slots.length > 0)
        found.push(
          ...formats.map((format) => ({
            pattern: this.surroundings(format, source),
            from: 'requestParameters',
            whole: false,
            made: false,
          })),
        );
      if (slot?.kind !== 'member') continue;
      for (const occurrence of this.at(slot.path)) {
        const from = `requestParameters.${occurrence.at}`;
        if (!isOfShape(slot.shape, occurrence.value)) continue;
        const special = source.arnOnly
          ? undefined
          : spelled(this.service.prefix, name, occurrence.value, this.sighting);
        const arn = shownArn(this.service, occurrence.value, from);
        if (special !== undefined)
          found.push(...special.map((pattern) => ({ pattern, from, whole: true, made: source.made })));
        else if (arn !== undefined && ofType(arn))
          found.push({ pattern: arnPattern(arn.value), from, whole: true, made: source.made });
        else if (source.arnOnly || (arn !== undefined && slot.part === undefined)) elsewhere = true;
        else if (!isForeign(this.service.prefix, occurrence.value))
          found.push(
            ...formats
              .filter((_, index) => source.only === undefined || source.only === index)
              .flatMap((format) => this.fill(format, source, occurrence))
              .map((pattern) => ({ pattern, from, whole: !pattern.endsWith('*'), made: source.made })),
          );
      }
    }
    // An ARN tells more than a name does of the same thing.
    const arns = found.filter(({ whole, made, pattern }) => whole && !made && pattern.startsWith('arn:'));
    const byArn = arns.some(({ from }) => this.shown.some((shown) => shown.from === from));
    const kept = byArn
      ? found.filter((item) => item.made || this.shown.some(({ from }) => from === item.from))
      : found;
    const answered = kept.some(({ whole }) => whole) || this.makes || madeOnly ? [] : this.answered(name);
    const around = sources.find(({ slots }) => slots.length > 0);
    return {
      found: answered.length > 0 ? answered : kept,
      around: () =>
        formats
          .filter((_, index) => around?.only === undefined || around.only === index)
          .map((format) => this.surroundings(format, around)),
      touched: () => formats.some((format) => this.knows(format, around)),
      elsewhere: elsewhere || isOther,
      isDefault:
        this.makes &&
        sources.map(keySlot).some((slot) => slot?.kind === 'member' && slot.otherwise !== undefined),
    };
  }

  private answered(name: string): readonly Found[] {
    const { response } = this.sighting.call.target;
    return (this.binding?.answers ?? [])
      .flatMap((path) => this.read(valuesAt(response, path), 'responseElements'))
      .filter(({ readings }) => readings.some(({ format }) => format.type === name))
      .map(({ value, from }) => ({ pattern: arnPattern(value), from, whole: true, made: false }));
  }

  /** A variable that an ARN elsewhere in the call knows. */
  private known(variable: string): { readonly text: string; readonly arn: ParsedArn } | undefined {
    if (ownNames.has(variable)) return undefined;
    for (const { readings, arn } of this.shown)
      for (const { values } of readings) {
        const text = values.get(variable);
        if (text !== undefined) return { text, arn };
      }
    return undefined;
  }

  private slotValues(
    slot: Slot | undefined,
    variable: string,
    beside: Occurrence | undefined,
    key: Slot | undefined,
  ): readonly string[] {
    if (slot?.kind === 'constant') return [slot.text];
    const occurrences =
      slot?.kind !== 'member'
        ? []
        : beside !== undefined && key?.kind === 'member'
          ? valuesBeside(beside, key.path, slot.path)
          : this.at(slot.path);
    const values = occurrences.map(({ value }) => this.worded(value, slot, variable));
    if (values.length > 0) return sortedUnique(values).slice(0, maxValues);
    const known = this.known(variable);
    if (known !== undefined) return [escapeText(known.text)];
    return slot?.kind === 'member' && slot.otherwise !== undefined ? [slot.otherwise] : [];
  }

  /** A value as the ARN spells it: of an ARN the part that the variable means. */
  private worded(value: Text, slot: Slot | undefined, variable: string): string {
    const arn = parseArn(value.text);
    const part = slot?.kind === 'member' ? slot.part : undefined;
    if (arn === undefined && part !== undefined) return '*';
    if (arn === undefined) return wordOf(variable, keptName(this.service.prefix, value));
    const parts = arn.resource.split(/[/:]/);
    if (part === 'account') return arn.account || '*';
    if (part !== undefined) return escapeText(parts.at(Number(part)) ?? '*');
    const read = readArn(this.service, arn).map(({ values }) => values.get(variable));
    return escapeText(read.find((text) => text !== undefined) ?? parts.at(-1) ?? '*');
  }

  private fill(format: ArnFormat, source: Source, occurrence: Occurrence): readonly string[] {
    const { slots, key } = source;
    if (slots.length !== format.variables.length) return [];
    const keyed = slots[key];
    let fills: ReadonlyMap<string, string>[] = [new Map()];
    for (const [index, variable] of format.variables.entries()) {
      const slot = slots[index];
      const options =
        index === key
          ? [this.worded(occurrence.value, slot, variable)]
          : this.slotValues(slot, variable, occurrence, keyed);
      if (options.length === 0 || fills.length * options.length > maxValues) continue;
      fills = fills.flatMap((filled) => options.map((option) => new Map([...filled, [variable, option]])));
    }
    const place = this.place(format);
    return fills.map((filled) => fillFormat(format, place, filled));
  }

  private place(format: ArnFormat) {
    const own = placeOf(this.sighting.mentions);
    const parent = format.variables
      .map((variable) => this.known(variable))
      .find((known) => known !== undefined)?.arn;
    return parent === undefined
      ? own
      : { ...own, region: parent.region || own.region, account: parent.account || own.account };
  }

  private surroundings(format: ArnFormat, source: Source | undefined): string {
    const values = new Map<string, string>();
    for (const [index, variable] of format.variables.entries()) {
      const slot =
        source?.slots.length === format.variables.length && !source.arnOnly ? source.slots[index] : undefined;
      const found = index === source?.key ? [] : this.slotValues(slot, variable, undefined, undefined);
      const [only, second] =
        source?.key === index && slot !== undefined && !source.made
          ? this.slotValues(slot, variable, undefined, undefined)
          : found;
      if (only !== undefined && second === undefined) values.set(variable, only);
    }
    return fillFormat(format, this.place(format), values);
  }

  private knows(format: ArnFormat, source: Source | undefined): boolean {
    return format.variables.some((variable, index) => {
      const slot = source?.slots.length === format.variables.length ? source.slots[index] : undefined;
      return (
        this.slotValues(slot?.kind === 'constant' ? undefined : slot, variable, undefined, undefined).length >
        0
      );
    });
  }
}

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
  const prefix = action.name.slice(0, action.name.indexOf(':'));
  const service = serviceInfo(prefix);
  if (service === undefined || action.resourceTypes.length === 0) {
    return { resources: ['*'], star: 'action-takes-no-resource' };
  }
  const { mentions, call } = sighting;
  const own = finder?.(sighting, action);
  let resolver: Resolver | undefined;
  const resolved = action.resourceTypes.map(({ name, required }) => {
    const special = own?.get(name) ?? namedBeside(name, action, sighting);
    if (special === undefined) {
      resolver ??= new Resolver(service, sighting, binding ?? bindingOf(prefix, sighting));
      return { name, required, special: false, ...resolver.resolve(name, madeOnly) };
    }
    const found = special.map((pattern): Found => ({ pattern, from: '', whole: true, made: false }));
    return {
      name,
      required,
      special: true,
      found,
      around: () => [],
      touched: () => found.length > 0,
      elsewhere: false,
      isDefault: false,
    };
  });
  const isNamed = resolved.some(({ found }) => found.length > 0);
  const none: Resources = { resources: ['*'], star: mentions.omitted ? 'request-omitted' : 'none-named' };
  if (!isNamed && listing.test(call.operation.eventName) && resolved.every(({ touched }) => !touched()))
    return none;
  const from = new Map<string, string>();
  const patterns: string[] = [];
  for (const { found, required, special, around, elsewhere, isDefault } of resolved) {
    for (const item of found.slice(0, maxValues * 5)) {
      patterns.push(item.pattern);
      if (item.from !== '') from.set(item.pattern, item.from);
    }
    // Types side by side that one member names are alternatives: the call says which one it is.
    const isOther = isNamed && (elsewhere || tagging.test(call.operation.eventName));
    if (found.length === 0 && (required || isDefault) && !special && !isOther) patterns.push(...around());
  }
  const resources = sortedUnique(patterns);
  return resources.length === 0 || resources.includes('*')
    ? none
    : { resources, ...(from.size > 0 ? { from } : {}) };
}
