import { serviceInfo, type ActionInfo, type ServiceInfo } from '../iam/catalogue.ts';
import { sortedUnique } from '../iam/order.ts';
import type { ObservedCall } from '../cloudtrail/call.ts';
import {
  arnPattern,
  fillFormat,
  formatsOf,
  normalName,
  readArn,
  type ArnFormat,
  type ArnReading,
  type Place,
} from './arn-format.ts';
import { singularName, type Evidence, type Field, type ShownArn } from './evidence.ts';
import type { KnownEntities, StarReason } from './mapping.ts';
import { literal, patternOf } from './text.ts';

/** Resources of one permission. */
export interface Resources {
  readonly resources: readonly string[];
  readonly star?: StarReason;
}

/** What a service's own rules look at. */
export interface Sighting {
  readonly call: ObservedCall;
  readonly evidence: Evidence;
  readonly known: KnownEntities;
}

/**
 * A service's own reading of a call: patterns by resource type name. A type that is absent is resolved by the general
 * rules; one with an empty list is known not to be touched.
 */
export type Finder = (sighting: Sighting, action: ActionInfo) => ReadonlyMap<string, readonly string[]>;

/** More values than this of one type would only bloat a policy: the type's pattern stands for them. */
const maxValues = 200;

interface Reading {
  readonly shown: ShownArn;
  readonly reading: ArnReading;
}

const readingsCache = new WeakMap<Evidence, Map<string, readonly Reading[]>>();

/** Every ARN of the call that is one of the service's, read by the service's formats. */
function readingsOf(service: ServiceInfo, evidence: Evidence): readonly Reading[] {
  const cache = readingsCache.get(evidence) ?? new Map<string, readonly Reading[]>();
  readingsCache.set(evidence, cache);
  const known = cache.get(service.prefix);
  if (known !== undefined) return known;
  const readings = evidence.arns.flatMap((shown) =>
    readArn(service, shown.arn).map((reading) => ({ shown, reading })),
  );
  cache.set(service.prefix, readings);
  return readings;
}

/** Calls that make something: the ARN in the answer (or in `resources[]`) did not exist when the call was authorised. */
const creating =
  /^(Create|Run|Allocate|Request|Import|Copy|Register|Restore|Purchase|Publish|Provision|Clone|Issue|Build|Launch|Submit|Start|Batch(Create|Import|Start))/;

export const isCreating = (eventName: string): boolean => creating.test(eventName);

/** Whether an ARN names something that was there before the call: everything the caller spelled out, or any call that makes nothing. */
function existedBefore({ shown, reading }: Reading, sighting: Sighting): boolean {
  if (shown.from === 'request' || !isCreating(sighting.call.operation.eventName)) return true;
  const values = [...reading.values.values()];
  const last = values.at(-1);
  return shown.from === 'resources' && last !== undefined && isChosen(last, sighting.evidence);
}

const isChosen = (value: string, evidence: Evidence): boolean =>
  evidence.texts.has(value) || evidence.texts.has(value.slice(value.lastIndexOf('/') + 1));

interface VariablePlan {
  readonly variable: string;
  /** Member names that can only mean this variable. */
  readonly specific: readonly string[];
  /** Member names that mean it when the call is about this type. */
  readonly generic: readonly string[];
}

const suffix = /(identifier|namewithpath|withpath|name|uuid|arn|id)$/;
const generalNames = ['resourceid', 'resourceidentifier', 'resourcename', 'identifier', 'name', 'id'];
const plans = new WeakMap<ArnFormat, readonly VariablePlan[]>();

function planOf(format: ArnFormat): readonly VariablePlan[] {
  const known = plans.get(format);
  if (known !== undefined) return known;
  const type = normalName(format.type);
  const plan = format.variables.map((variable, index): VariablePlan => {
    const isLast = index === format.variables.length - 1;
    const base = variable.replace(suffix, '');
    const bases = [base === '' || base === 'resource' ? '' : base, isLast ? type : ''].filter(
      (name) => name !== '',
    );
    // An id that the service gives is no name that the caller gave: `${ServiceId}` is not filled from `serviceName`.
    const isGivenId = variable.endsWith('id') && base !== '' && base !== 'resource';
    const ends = ['id', ...(isGivenId ? [] : ['name']), 'identifier', 'arn', 'uuid', ''];
    const swapped = bases.flatMap((name) => ends.map((end) => name + end));
    return {
      variable,
      specific: [...new Set([variable, ...swapped])].filter((name) => !generalNames.includes(name)),
      generic: isLast ? generalNames.filter((name) => !isGivenId || name !== 'name') : [],
    };
  });
  plans.set(format, plan);
  return plan;
}

const verbs = /^(Batch)?[A-Z][a-z]+/;

/** Whether bare members (`name`, `id`) of the call mean this type: `GetJob` -> `job`. */
export function isSubject(eventName: string, type: string, variable: string): boolean {
  const noun = singularName(normalName(eventName.replace(verbs, '')));
  const base = variable.replace(suffix, '');
  return (
    noun !== '' &&
    (noun === type || noun === base || noun.startsWith(type) || (base !== '' && noun.startsWith(base)))
  );
}

interface Value {
  readonly pattern: string;
  /** Where the ARN that told the value lives; undefined when a plain name did. */
  readonly place: Place | undefined;
}

/** Members whose name ends as the variable does: `dBSnapshotIdentifier` for `${SnapshotName}`. */
function endingAlike(plan: VariablePlan, loose: boolean, evidence: Evidence): readonly Field[] {
  const endings = plan.specific.filter((name) => name.length >= (loose ? 8 : 12) && suffix.test(name));
  if (endings.length === 0) return [];
  for (const [name, fields] of evidence.fields) {
    if (endings.some((ending) => name.endsWith(ending))) return fields;
  }
  return [];
}

/** Ids that say their type: `ou-ab12-x` where the format has `ou-${OrganizationalUnitId}`. */
function idsOfShape(format: ArnFormat, evidence: Evidence): readonly Field[] {
  const before = format.parts.at(-2);
  const shape =
    before !== undefined && 'literal' in before ? /[a-z]+-$/.exec(before.literal)?.[0] : undefined;
  if (shape === undefined) return [];
  const isOfShape = new RegExp(`^${shape}[a-z0-9-]+$`);
  return [...evidence.texts]
    .filter((text) => text.length < 100 && isOfShape.test(text))
    .map((text) => ({ value: literal(text), depth: 0 }));
}

const asValues = (fields: readonly Field[]): readonly Value[] =>
  sortedUnique(
    fields.filter(({ value }) => !value.text.startsWith('arn:')).map(({ value }) => patternOf(value)),
  ).map((pattern) => ({ pattern, place: undefined }));

function valuesOf(
  plan: VariablePlan,
  format: ArnFormat,
  alone: boolean,
  sighting: Sighting,
  readings: readonly Reading[],
): readonly Value[] {
  const { evidence, call } = sighting;
  const type = normalName(format.type);
  const bare = alone || isSubject(call.operation.eventName, type, plan.variable);
  for (const name of bare ? [...plan.specific, ...plan.generic] : plan.specific) {
    const fields = evidence.fields.get(name);
    if (fields === undefined) continue;
    const isGeneric = plan.generic.includes(name);
    const named = fields.filter(
      (field) => !field.value.text.startsWith('arn:') && (!isGeneric || field.depth <= 0),
    );
    const depth = Math.min(...named.map((field) => field.depth));
    const values = asValues(named.filter((field) => field.depth === depth));
    if (values.length > 0) return values;
  }
  for (const { shown, reading } of readings) {
    const value = reading.values.get(plan.variable);
    if (value !== undefined && !generalNames.includes(plan.variable)) {
      return [{ pattern: patternOf({ text: value, folded: shown.value.folded }), place: shown.arn }];
    }
  }
  const alike = asValues(endingAlike(plan, bare, evidence));
  if (alike.length > 0) return alike;
  return plan.variable === format.variables.at(-1) ? asValues(idsOfShape(format, evidence)) : [];
}

/** The format filled from member names; `named`: its last variable was found. */
function fillByNames(
  format: ArnFormat,
  alone: boolean,
  sighting: Sighting,
  readings: readonly Reading[],
): { readonly patterns: readonly string[]; readonly named: boolean } {
  const values = new Map<string, readonly Value[]>();
  for (const plan of planOf(format)) {
    const found = valuesOf(plan, format, alone, sighting, readings);
    if (found.length > 0) values.set(plan.variable, found);
  }
  const last = format.variables.at(-1);
  const named = last !== undefined && values.has(last);
  let fills: { readonly place: Place; readonly filled: ReadonlyMap<string, string> }[] = [
    { place: placeOf(sighting.evidence), filled: new Map() },
  ];
  for (const [variable, options] of values) {
    if (fills.length * options.length > maxValues) continue;
    fills = fills.flatMap(({ place, filled }) =>
      options.map((option) => ({
        place: option.place ?? place,
        filled: new Map([...filled, [variable, option.pattern]]),
      })),
    );
  }
  return { patterns: fills.map(({ place, filled }) => fillFormat(format, place, filled)), named };
}

const accountMembers = ['registryid', 'catalogid', 'awsaccountid'];

/** The caller's place, with the account that the request names as the owner (ECR `registryId`, Glue `catalogId`). */
function placeOf(evidence: Evidence): Place {
  for (const name of accountMembers) {
    const text = evidence.fields.get(name)?.[0]?.value.text;
    if (text !== undefined && /^[0-9]{12}$/.test(text)) return { ...evidence.place, account: text };
  }
  return evidence.place;
}

interface Resolution {
  readonly patterns: readonly string[];
  /** The call says which; otherwise the patterns stand for every resource of the type. */
  readonly certain: boolean;
}

/** What the general rules find for one type, in order of trust: `resources[]`, ARNs in the request, names in it, the answer. */
function resolveType(service: ServiceInfo, name: string, alone: boolean, sighting: Sighting): Resolution {
  const type = service.resourceTypes.get(name);
  if (type === undefined) return { patterns: [], certain: false };
  const readings = readingsOf(service, sighting.evidence);
  const usable = readings.filter((reading) => existedBefore(reading, sighting));
  const own = usable.filter(({ reading }) => reading.format.type === name);
  const shown = own
    .filter(({ shown: { from } }) => from !== 'response')
    .map(({ shown: { value } }) => arnPattern(value));
  if (shown.length > 0) return { patterns: shown, certain: true };
  const fills = formatsOf(type).map((format) => ({
    format,
    ...fillByNames(format, alone, sighting, usable),
  }));
  const named = fills.filter((fill) => fill.named);
  if (named.length > 0) return { patterns: named.flatMap((fill) => fill.patterns), certain: true };
  const answered = own.map(({ shown: { value } }) => arnPattern(value));
  if (answered.length > 0) return { patterns: answered, certain: true };
  return {
    patterns: fills.flatMap((fill) => fill.patterns),
    certain: fills.some(({ format }) => format.variables.length === 0),
  };
}

/** Calls that read many and may name none: without a name they ask for everything. */
const listing = /^(List|Describe|Search|Get[A-Z][A-Za-z]*s$|BatchGet|BatchDescribe)/;

/** The resources of a permission that a call needed, per type that the action accepts. */
export function resourcesOf(action: ActionInfo, sighting: Sighting, finder: Finder | undefined): Resources {
  const prefix = action.name.slice(0, action.name.indexOf(':'));
  const service = serviceInfo(prefix);
  if (service === undefined || action.resourceTypes.length === 0) {
    return { resources: ['*'], star: 'action-takes-no-resource' };
  }
  const { evidence, call } = sighting;
  const own = finder?.(sighting, action);
  const alone = action.resourceTypes.length === 1;
  const resolved = action.resourceTypes.map(({ name, required }) => {
    const found = own?.get(name);
    const resolution =
      found === undefined
        ? resolveType(service, name, alone, sighting)
        : { patterns: found, certain: found.length > 0 };
    return { name, required, known: found !== undefined, ...resolution };
  });
  const anyNamed = resolved.some(
    ({ certain, known, name }) => certain && (known || isVariable(service, name)),
  );
  const used = resolved.filter(({ name, required, known, certain }) => {
    if (certain && (known || isVariable(service, name))) return true;
    if (known || !required) return false;
    // Types that AWS marks as required side by side are often alternatives: the ones that the call names are meant.
    // What the call makes has no name yet; what EC2 launches goes somewhere even when the request does not say where;
    // Glue asks for the catalogue beside each database and table (Glue Developer Guide, glue-specifying-resource-arns.html).
    if (!anyNamed || prefix === 'ec2' || (prefix === 'glue' && certain)) return true;
    return isCreating(call.operation.eventName) && isSubject(call.operation.eventName, normalName(name), '');
  });
  if (!anyNamed && listing.test(call.operation.eventName) && used.every(({ certain }) => !certain)) {
    return { resources: ['*'], star: evidence.omitted ? 'request-omitted' : 'none-named' };
  }
  const resources = sortedUnique(used.flatMap(({ patterns }) => patterns).slice(0, maxValues * 5));
  if (resources.length > 0) return { resources };
  return { resources: ['*'], star: evidence.omitted ? 'request-omitted' : 'none-named' };
}

/** Whether a type has more than one resource in a place: Glue's catalogue, for one, has not. */
function isVariable(service: ServiceInfo, name: string): boolean {
  const type = service.resourceTypes.get(name);
  return type !== undefined && formatsOf(type).some(({ variables }) => variables.length > 0);
}
