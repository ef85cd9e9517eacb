import { normalName } from '../cloudtrail/kept-members.ts';
import type { ResourceType, ServiceInfo } from '../iam/catalogue.ts';
import { memo } from '../iam/memo.ts';

/** A part of an ARN format: literal text or a variable. */
type Part = { readonly literal: string } | { readonly variable: string };

/** A compiled ARN format of a resource type. */
export interface ArnFormat {
  readonly type: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  readonly parts: readonly Part[];
  /** Normalised names of the resource part's variables, in order. */
  readonly variables: readonly string[];
  /** The literal text before the first variable. */
  readonly start: string;
  /** Number of literal characters: of several formats that match an ARN the most literal is its type. */
  readonly weight: number;
  readonly pattern: RegExp;
}

/** Where a thing lives: the fields of an ARN that a request does not spell out. */
export interface Place {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

export interface ParsedArn extends Place {
  readonly service: string;
  readonly resource: string;
}

/** What an ARN says when read by a format: the values of its variables, by normalised name. */
export interface ArnReading {
  readonly format: ArnFormat;
  readonly values: ReadonlyMap<string, string>;
}

/** The six fields of an ARN; undefined for any other text. */
export function parseArn(text: string): ParsedArn | undefined {
  const found = /^arn:([a-z0-9-]+):([a-z0-9-]+):([a-z0-9-]*):([a-z0-9-]*):(.+)$/s.exec(text);
  if (found === null) return undefined;
  const [, partition = '', service = '', region = '', account = '', resource = ''] = found;
  return { partition, service, region, account, resource };
}

/** The ARN of a service's resource (a pattern) in a place; `*` for what of the place is not known. */
export const arnIn = ({ partition, region, account }: Place, service: string, resource: string): string =>
  `arn:${partition}:${service}:${region || '*'}:${account || '*'}:${resource}`;

/** Whether a text has the six fields of an ARN. */
export const isArn = (text: string): boolean => parseArn(text) !== undefined;

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function compile(type: string, format: string): ArnFormat | undefined {
  const fields = format.split(':');
  if (fields.length < 6) return undefined;
  const [, , service = '', region = '', account = ''] = fields;
  const resource = fields.slice(5).join(':');
  // Some formats end in a bare `*` (`endpoint:*`): an identifier without a name.
  const parts: Part[] = resource
    .replaceAll('*', '${any}')
    .split(/(\$\{[^}]*\})/)
    .filter((part) => part !== '')
    .map((part) => (part.startsWith('${') ? { variable: normalName(part) } : { literal: part }));
  const source = parts.map((part, index) => {
    if ('literal' in part) return escapeRegExp(part.literal);
    const next = parts[index + 1];
    if (next === undefined) return '(.+)';
    const stop = 'literal' in next ? next.literal.charAt(0) : '';
    return stop === ':' || stop === '/' ? `([^${stop}]+)` : '(.+?)';
  });
  const [first] = parts;
  return {
    type,
    start: first !== undefined && 'literal' in first ? first.literal : '',
    service: service.startsWith('${') ? '*' : service,
    region,
    account,
    parts,
    variables: parts.flatMap((part) => ('variable' in part ? [part.variable] : [])),
    weight: parts.reduce((sum, part) => sum + ('literal' in part ? part.literal.length : 0), 0),
    pattern: new RegExp(`^${source.join('')}$`, 's'),
  };
}

/** The compiled formats of a resource type; empty when none is an ARN. */
export const formatsOf = memo(({ name, arns }: ResourceType): readonly ArnFormat[] =>
  arns.flatMap((arn) => compile(name, arn) ?? []),
);

/** Formats of a service, the most literal first. */
const serviceFormats = memo((service: ServiceInfo) =>
  [...service.resourceTypes.values()].flatMap(formatsOf).sort((a, b) => b.weight - a.weight),
);

function read(format: ArnFormat, arn: ParsedArn): ArnReading | undefined {
  if (format.service !== '*' && format.service !== arn.service) return undefined;
  // A format without a Region or account field never has one; the reverse happens (an AWS-owned document or image).
  if (format.region === '' && arn.region !== '') return undefined;
  if (format.account === '' && arn.account !== '') return undefined;
  if (!arn.resource.startsWith(format.start)) return undefined;
  const found = format.pattern.exec(arn.resource);
  if (found === null) return undefined;
  return {
    format,
    values: new Map(format.variables.map((variable, index) => [variable, found[index + 1] ?? ''])),
  };
}

/** The service's readings of an ARN, by its most literal formats; several when types share a format. */
export function readArn(service: ServiceInfo, arn: ParsedArn): readonly ArnReading[] {
  const readings: ArnReading[] = [];
  for (const format of serviceFormats(service)) {
    const best = readings[0];
    if (best !== undefined && format.weight < best.format.weight) break;
    const reading = read(format, arn);
    if (reading !== undefined) readings.push(reading);
  }
  return readings;
}

/**
 * Ids that a request gives with a part of the format in front: `alias/app` in `alias/${Alias}`, `r-ab12` in `r-${RootId}`,
 * `/hostedzone/Z1` in `hostedzone/${Id}`, `/app/db` in `parameter/${ParameterNameWithoutLeadingSlash}`.
 */
function withoutRepeat(before: string, value: string): string {
  const end = before.length - 2;
  const tail = before.slice(Math.max(before.lastIndexOf('/', end), before.lastIndexOf(':', end)) + 1);
  if (tail !== '' && value.startsWith(tail)) return value.slice(tail.length);
  if (tail.endsWith('/') && value.startsWith(`/${tail}`)) return value.slice(tail.length + 1);
  if (tail.endsWith('/') || tail === '') return before.endsWith('/') ? value.replace(/^\//, '') : value;
  return value;
}

/** The format with values filled in; a variable without one becomes `*`. Values are patterns already. */
export function fillFormat(format: ArnFormat, place: Place, values: ReadonlyMap<string, string>): string {
  let resource = '';
  for (const part of format.parts) {
    resource += 'literal' in part ? part.literal : withoutRepeat(resource, values.get(part.variable) ?? '*');
  }
  resource = resource.replace(/\*{2,}/g, '*');
  const region = format.region.startsWith('${') ? place.region || '*' : format.region;
  const account = format.account.startsWith('${') ? place.account || '*' : format.account;
  const service = format.service === '*' ? '*' : format.service;
  return `arn:${place.partition}:${service}:${region}:${account}:${resource}`;
}

const partitions: readonly (readonly [region: RegExp, partition: string])[] = [
  [/^cn-/, 'aws-cn'],
  [/^us-gov-/, 'aws-us-gov'],
  [/^us-isob-/, 'aws-iso-b'],
  [/^us-isof-/, 'aws-iso-f'],
  [/^eu-isoe-/, 'aws-iso-e'],
  [/^us-iso-/, 'aws-iso'],
  [/^eusc-/, 'aws-eusc'],
];

/** The partition a Region belongs to (AWS General Reference, ARN format; AWS SDK endpoint partitions). */
export const partitionOf = memo(
  (region: string): string => partitions.find(([start]) => start.test(region))?.[1] ?? 'aws',
);
