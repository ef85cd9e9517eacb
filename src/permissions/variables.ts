import { fillFormat, normalName, type ArnFormat, type Place } from './arn-format.ts';
import { singularName, type Mentions, type Field, type Reading } from './mentions.ts';
import type { Sighting } from './sighting.ts';
import { baseOf, isSubject } from './subject.ts';
import { sortedUnique } from '../iam/order.ts';
import { literal, patternOf } from './text.ts';

/** More values than this of one type would only bloat a policy: the type's pattern stands for them. */
export const maxValues = 200;

/** How sure it is that the call is about the type: its only one, one that AWS marks as required, or one of several. */
export type Standing = 'alone' | 'required' | 'optional';

interface VariablePlan {
  readonly variable: string;
  /** The variable's name without `Id`, `Name`, ... */
  readonly base: string;
  /** An id that the service gives: no name that the caller gave fills it. */
  readonly isGivenId: boolean;
  readonly isLast: boolean;
  /** Normalised name of the format's type. */
  readonly type: string;
  /** Member names that can only mean this variable. */
  readonly specific: readonly string[];
  /** Member names that mean it when the call is about this type. */
  readonly generic: readonly string[];
}

const generalNames = ['resourceid', 'resourceidentifier', 'resourcename', 'identifier', 'id', 'name'];

/** Things that AWS calls by another name in requests than in ARNs (Pinpoint `ApplicationId`, EMR `JobFlowId`). */
const otherNames = new Map([
  ['app', ['application']],
  ['cluster', ['jobflow']],
]);

/**
 * Services whose `${ResourceId}` is the name that the caller gave (DataBrew Developer Guide, API_CreateDataset.html;
 * MediaTailor API Reference, playbackconfiguration-name.html; Personalize Developer Guide, API_CreateDatasetGroup.html;
 * Recovery Readiness API Reference, cells.html).
 */
const namesAsIds = new Set(['databrew', 'mediatailor', 'personalize', 'route53-recovery-readiness']);

const plans = new WeakMap<ArnFormat, readonly VariablePlan[]>();

function planOf(format: ArnFormat): readonly VariablePlan[] {
  const known = plans.get(format);
  if (known !== undefined) return known;
  const type = normalName(format.type);
  const plan = format.variables.map((variable, index): VariablePlan => {
    const isLast = index === format.variables.length - 1;
    const base = baseOf(variable);
    const isGeneral = base === '' || base === 'resource' || base === 'any';
    // `${ServiceId}` is not filled from `serviceName`, nor the `${Id}` of `stack/${StackName}/${Id}` from `stackName`.
    const isGivenId = variable.endsWith('id') && !(isGeneral && namesAsIds.has(format.service));
    const bases = [
      ...(isGeneral ? [] : [base, ...(otherNames.get(base) ?? [])]),
      ...(isLast ? [type, singularName(type)] : []),
    ];
    const ends = ['id', ...(isGivenId ? [] : ['name']), 'identifier', 'arn', 'uuid', ''];
    const names = [variable, ...bases.flatMap((name) => ends.map((end) => name + end))];
    return {
      variable,
      base: isGeneral ? '' : base,
      isGivenId,
      isLast,
      type,
      specific: [...new Set(names)].filter((name) => !generalNames.includes(name)),
      generic: [
        ...generalNames.filter((name) => name === variable),
        ...(isLast
          ? generalNames.filter((name) => name !== variable && (!isGivenId || name !== 'name'))
          : []),
      ],
    };
  });
  plans.set(format, plan);
  return plan;
}

interface Value {
  readonly pattern: string;
  /** Where the ARN that told the value lives; undefined when a plain name did. */
  readonly place: Place | undefined;
}

/** Words that end many names and tell nothing. */
const empty = new Set([
  'type',
  'state',
  'status',
  'version',
  'value',
  'token',
  'source',
  'target',
  'scope',
  'action',
]);

/**
 * Members that end as the variable does, or the variable as they do: `dBSnapshotIdentifier` for `${SnapshotName}`,
 * `apiId` for `${GraphQLAPIId}`, `ruleGroupName` for the `${Name}` of a stateful rule group. The longest one is meant.
 */
function endingAlike(
  plan: VariablePlan,
  type: string,
  standing: Standing,
  mentions: Mentions,
): readonly Field[] {
  const least = standing === 'optional' ? 8 : 4;
  let best: readonly Field[] = [];
  let length = 0;
  for (const [name, fields] of mentions.fields) {
    const base = baseOf(name);
    const end = name.slice(base.length);
    if (base.length <= length || base.length < least || empty.has(base) || (end === '' && base.length < 5))
      continue;
    if (plan.isGivenId && end === 'name') continue;
    // A count is no name: `numCacheClusters`.
    if (/^(num|max|min|desired|total)/.test(name) && fields.every(({ value }) => /^\d+$/.test(value.text)))
      continue;
    const own = plan.isLast ? [plan.base, type] : [plan.base];
    const isEnding =
      own.some((known) => known.length >= least && base.endsWith(known)) ||
      (standing !== 'optional' && own.some((known) => known.endsWith(base)));
    if (!isEnding) continue;
    best = fields;
    length = base.length;
  }
  return best;
}

/** Ids that say their type: `ou-ab12-x` where the format has `ou-${OrganizationalUnitId}`. */
function idsOfShape(format: ArnFormat, mentions: Mentions): readonly Field[] {
  const before = format.parts.at(-2);
  const shape =
    before !== undefined && 'literal' in before ? /[a-z]+-$/.exec(before.literal)?.[0] : undefined;
  if (shape === undefined) return [];
  const isOfShape = new RegExp(`^${shape}[a-z0-9-]+$`);
  return [...mentions.texts]
    .filter((text) => text.length < 100 && isOfShape.test(text))
    .map((text) => ({ value: literal(text), depth: 0 }));
}

/** Values that ARNs spell otherwise than requests (WAF API Reference, CreateWebACL, Scope). */
const spellings = new Map([
  ['scope/REGIONAL', 'regional'],
  ['scope/CLOUDFRONT', 'global'],
]);

/** Security groups of a VPC are EC2's: those that other services have are named by the caller (ElastiCache API Reference, CreateReplicationGroup). */
const isForeign = ({ service }: ArnFormat, variable: string, text: string): boolean =>
  service !== 'ec2' && !variable.startsWith('ec2') && /^sg-[0-9a-f]{8,17}$/.test(text);

const asValues = (format: ArnFormat, variable: string, fields: readonly Field[]): readonly Value[] =>
  sortedUnique(
    fields
      .filter(({ value }) => !value.text.startsWith('arn:') && !isForeign(format, variable, value.text))
      .map(({ value }) => spellings.get(`${variable}/${value.text}`) ?? patternOf(value)),
  ).map((pattern) => ({ pattern, place: undefined }));

function valuesOf(
  plan: VariablePlan,
  format: ArnFormat,
  standing: Standing,
  sighting: Sighting,
  readings: readonly Reading[],
): readonly Value[] {
  const { mentions, call } = sighting;
  const { variable } = plan;
  const { type } = plan;
  const bare = standing === 'alone' || isSubject(call.operation.eventName, type, variable);
  for (const name of bare ? [...plan.specific, ...plan.generic] : plan.specific) {
    const fields = mentions.fields.get(name);
    if (fields === undefined) continue;
    const isGeneric = plan.generic.includes(name);
    const named = fields.filter(
      (field) => !field.value.text.startsWith('arn:') && (!isGeneric || field.depth <= 0),
    );
    const depth = Math.min(...named.map((field) => field.depth));
    const values = asValues(
      format,
      variable,
      named.filter((field) => field.depth === depth),
    );
    if (values.length > 0) return values;
  }
  for (const { shown, reading } of readings) {
    const value = reading.values.get(variable);
    if (value !== undefined && !generalNames.includes(variable)) {
      return [{ pattern: patternOf({ text: value, folded: shown.value.folded }), place: shown.arn }];
    }
  }
  const alike = asValues(format, variable, endingAlike(plan, type, standing, mentions));
  return alike.length > 0 || !plan.isLast ? alike : asValues(format, variable, idsOfShape(format, mentions));
}

/** `stackname` in `stack/${StackName}/${Id}`: the thing's own name where an id that the service gives ends the format. */
function nameBeforeId(format: ArnFormat): string | undefined {
  const name = format.variables.at(-2);
  const isOwn = name === 'name' || name === `${normalName(format.type)}name`;
  return isOwn && format.variables.at(-1)?.endsWith('id') === true ? name : undefined;
}

/** A format filled from a call. */
export interface Filling {
  readonly format: ArnFormat;
  readonly patterns: readonly string[];
  /** Its last variable was found: the call says which. */
  readonly named: boolean;
  /** Its name was found; the id that the service gave after it was not. */
  readonly withoutId: boolean;
  /** Some variable was found. */
  readonly touched: boolean;
}

/** The format filled from member names and from the variables of other ARNs in the call. */
export function fillByNames(
  format: ArnFormat,
  standing: Standing,
  sighting: Sighting,
  readings: readonly Reading[],
): Filling {
  const values = new Map<string, readonly Value[]>();
  for (const plan of planOf(format)) {
    const found = valuesOf(plan, format, standing, sighting, readings);
    if (found.length > 0) values.set(plan.variable, found);
  }
  const last = format.variables.at(-1);
  const named = last !== undefined && values.has(last);
  const name = nameBeforeId(format);
  const withoutId = !named && name !== undefined && values.has(name);
  let fills: { readonly place: Place; readonly filled: ReadonlyMap<string, string> }[] = [
    { place: placeOf(sighting.mentions), filled: new Map() },
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
  const patterns = fills.map(({ place, filled }) => fillFormat(format, place, filled));
  return { format, patterns, named, withoutId, touched: values.size > 0 };
}

const accountMembers = ['registryid', 'catalogid', 'awsaccountid'];

/** The caller's place, with the account that the request names as the owner (ECR `registryId`, Glue `catalogId`). */
function placeOf(mentions: Mentions): Place {
  for (const name of accountMembers) {
    const text = mentions.fields.get(name)?.[0]?.value.text;
    if (text !== undefined && /^[0-9]{12}$/.test(text)) return { ...mentions.place, account: text };
  }
  return mentions.place;
}
