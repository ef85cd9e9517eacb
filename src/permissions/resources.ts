import { serviceInfo, type ActionInfo, type ServiceInfo } from '../iam/catalogue.ts';
import { sortedUnique } from '../iam/order.ts';
import { arnPattern, formatsOf, normalName, readArn } from './arn-format.ts';
import type { Mentions, Reading } from './mentions.ts';
import type { StarReason } from './mapping.ts';
import type { Finder, Sighting } from './sighting.ts';
import { isSubject } from './subject.ts';
import { fillByNames, maxValues, type Standing } from './variables.ts';

/** Resources of one permission. */
export interface Resources {
  readonly resources: readonly string[];
  readonly star?: StarReason;
}

/** Every ARN of the call that is one of the service's, read by the service's formats. */
function readingsOf(service: ServiceInfo, mentions: Mentions): readonly Reading[] {
  const known = mentions.readings.get(service.prefix);
  if (known !== undefined) return known;
  const readings = mentions.arns.flatMap((shown) =>
    readArn(service, shown.arn).map((reading) => ({ shown, reading })),
  );
  mentions.readings.set(service.prefix, readings);
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
  return shown.from === 'resources' && last !== undefined && isChosen(last, sighting.mentions);
}

const isChosen = (value: string, mentions: Mentions): boolean =>
  mentions.texts.has(value) || mentions.texts.has(value.slice(value.lastIndexOf('/') + 1));

interface Resolution {
  readonly patterns: readonly string[];
  /** The call says which; otherwise the patterns stand for every resource of the type. */
  readonly certain: boolean;
  /** The call says at least something, such as the parent. */
  readonly touched: boolean;
}

/** What the general rules find for one type, in order of trust: `resources[]`, ARNs in the request, names in it, the answer. */
function resolveType(service: ServiceInfo, name: string, standing: Standing, sighting: Sighting): Resolution {
  const type = service.resourceTypes.get(name);
  if (type === undefined) return { patterns: [], certain: false, touched: false };
  const readings = readingsOf(service, sighting.mentions);
  const usable = readings.filter((reading) => existedBefore(reading, sighting));
  const own = usable.filter(({ reading }) => reading.format.type === name);
  const shown = own
    .filter(({ shown: { from } }) => from !== 'response')
    .map(({ shown: { value } }) => arnPattern(value));
  if (shown.length > 0) return { patterns: shown, certain: true, touched: true };
  // IAM takes no wildcard for the service: a format of any service (a Backup recovery point) needs the whole ARN.
  const fillable = formatsOf(type).filter(({ service: owner }) => owner !== '*');
  const fills = fillable.map((format) => fillByNames(format, standing, sighting, usable));
  const named = fills.filter((fill) => fill.named);
  if (named.length > 0)
    return { patterns: named.flatMap((fill) => fill.patterns), certain: true, touched: true };
  const answered = own.map(({ shown: { value } }) => arnPattern(value));
  if (answered.length > 0) return { patterns: answered, certain: true, touched: true };
  const withoutId = fills.filter((fill) => fill.withoutId);
  if (withoutId.length > 0)
    return { patterns: withoutId.flatMap((fill) => fill.patterns), certain: true, touched: true };
  return {
    patterns: fills.flatMap((fill) => fill.patterns),
    certain: fills.some(({ format }) => format.variables.length === 0),
    touched: fills.some((fill) => fill.touched),
  };
}

/** Calls that read many and may name none: without a name they ask for everything. */
const listing = /^(List|Describe|Search|Get[A-Z][A-Za-z]*s$)/;

/** The resources of a permission that a call needed, per type that the action accepts. */
export function resourcesOf(action: ActionInfo, sighting: Sighting, finder: Finder | undefined): Resources {
  const prefix = action.name.slice(0, action.name.indexOf(':'));
  const service = serviceInfo(prefix);
  if (service === undefined || action.resourceTypes.length === 0) {
    return { resources: ['*'], star: 'action-takes-no-resource' };
  }
  const { mentions, call } = sighting;
  const own = finder?.(sighting, action);
  const alone = action.resourceTypes.length === 1;
  const resolved = action.resourceTypes.map(({ name, required }) => {
    const found = own?.get(name);
    const standing: Standing = alone ? 'alone' : required ? 'required' : 'optional';
    if (found !== undefined) {
      const certain = found.length > 0;
      return { name, required, known: true, patterns: found, certain, touched: certain };
    }
    const { patterns, certain, touched } = resolveType(service, name, standing, sighting);
    return { name, required, known: false, patterns, certain, touched };
  });
  const first = resolved[0];
  // The common case: one type, one resource.
  if (alone && first?.certain === true && first.patterns.length === 1) return { resources: first.patterns };
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
  if (!anyNamed && listing.test(call.operation.eventName) && used.every(({ touched }) => !touched)) {
    return { resources: ['*'], star: mentions.omitted ? 'request-omitted' : 'none-named' };
  }
  const resources = sortedUnique(used.flatMap(({ patterns }) => patterns).slice(0, maxValues * 5));
  if (resources.length > 0) return { resources };
  return { resources: ['*'], star: mentions.omitted ? 'request-omitted' : 'none-named' };
}

/** Whether a type has more than one resource in a place: Glue's catalogue, for one, has not. */
function isVariable(service: ServiceInfo, name: string): boolean {
  const type = service.resourceTypes.get(name);
  return type !== undefined && formatsOf(type).some(({ variables }) => variables.length > 0);
}
