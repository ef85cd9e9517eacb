import { memo } from '../iam/memo.ts';
import type { ActionInfo } from '../iam/catalogue.ts';
import type { ObservedCall } from '../cloudtrail/call.ts';
import { Folded, type Members, type MemberValue } from '../cloudtrail/members.ts';
import { parseArn, partitionOf, type ParsedArn, type Place } from './arn-format.ts';
import { normalName, plainName } from '../cloudtrail/kept-members.ts';
import type { KnownEntities } from './mapping.ts';
import { decoded, isList, listLevels, wrappedRequest } from './member-path.ts';
import { escapeText, textOf, type Text } from './text.ts';

/** A name in a request. */
export interface Field {
  readonly value: Text;
  /** 0 for a member of the request itself, or of its only wrapper. */
  readonly depth: number;
}

/** An ARN that a call shows, and where. */
export interface ShownArn {
  readonly arn: ParsedArn;
  readonly value: Text;
  readonly from: 'resources' | 'request' | 'response';
  /** Normalised member name; for `resources[]` the CloudFormation-like type. */
  readonly name: string;
}

/** What a call says about what it was made on, indexed by normalised names. */
export interface Mentions {
  readonly fields: ReadonlyMap<string, readonly Field[]>;
  readonly arns: readonly ShownArn[];
  /** Text of every request member, for "did the caller choose this name?". */
  readonly texts: ReadonlySet<string>;
  /** Normalised names of members that are present, kept or not, with the depth of the outermost: 0 for a member of the request itself. */
  readonly present: ReadonlyMap<string, number>;
  readonly place: Place;
  /** CloudTrail hid or cut the request: what is not here was perhaps in it. */
  readonly omitted: boolean;
}

/** What the rules look at. Many calls need no look at what they were made on: their actions take no resource. */
export class Sighting {
  readonly call: ObservedCall;
  readonly known: KnownEntities;
  /** The operation's name without the API version that the event name carries. */
  readonly operation: string;
  #mentions: Mentions | undefined;

  constructor(call: ObservedCall, known: KnownEntities, mentions?: Mentions) {
    this.call = call;
    this.known = known;
    this.operation = plainName(call.operation.eventName);
    this.#mentions = mentions;
  }

  get mentions(): Mentions {
    return (this.#mentions ??= mentionsOf(this.call));
  }
}

/**
 * A service's own reading of a call: patterns by resource type name. A type that is absent is resolved by the general
 * rules; one with an empty list is known not to be touched.
 */
export type Finder = (sighting: Sighting, action: ActionInfo) => ReadonlyMap<string, readonly string[]>;

const maxDepth = 10;
const maxFields = 2000;

/** `instancesSet`, `groupIds`, `nameList` name the same thing as their singular. */
export function singularName(name: string): string {
  const bare = name.length > 5 ? name.replace(/(set|list)$/, '') : name;
  if (/(ss|us|is)$/.test(bare)) return bare;
  return bare.endsWith('ies') ? `${bare.slice(0, -3)}y` : bare.replace(/s$/, '');
}

const cleanName = memo((name: string) => {
  const plain = normalName(name.slice(0, 256));
  return { plain, singular: singularName(plain) };
});

class Collector {
  readonly fields = new Map<string, Field[]>();
  readonly arns: ShownArn[] = [];
  readonly texts = new Set<string>();
  readonly present = new Map<string, number>();
  #left = maxFields;

  add(name: string, field: Field): void {
    const known = this.fields.get(name);
    if (known === undefined) this.fields.set(name, [field]);
    else known.push(field);
  }

  show(name: string, depth: number): void {
    this.present.set(name, Math.min(depth, this.present.get(name) ?? depth));
  }

  /** Under its own name and under its parent's: `launchTemplate.name` is a `launchTemplateName`. */
  named(name: string, parent: string, field: Field): void {
    if (name === '') return;
    this.add(name, field);
    if (parent !== '') this.add(parent + name, field);
  }

  addArn(value: Text, from: ShownArn['from'], name: string): boolean {
    // A stream's shard iterator starts with the stream's ARN and goes on after `|`: a token, no name.
    if (!value.text.startsWith('arn:') || value.text.includes('|')) return false;
    const arn = parseArn(value.text);
    if (arn !== undefined) this.arns.push({ arn, value, from, name });
    return arn !== undefined;
  }

  request(value: MemberValue, name: string, parent: string, depth: number): void {
    if (this.#left-- <= 0 || depth > maxDepth) return;
    const { plain, singular } = cleanName(name);
    if (value === true || typeof value === 'string' || value instanceof Folded) {
      if (plain !== '') this.show(plain, depth);
      const text = value === true ? undefined : textOf(typeof value === 'string' ? decoded(value) : value);
      if (text === undefined) return;
      this.texts.add(text.text);
      this.addArn(text, 'request', singular);
      const field = { value: text, depth };
      this.named(plain, parent, field);
      if (singular !== plain) this.named(singular, parent, field);
      return;
    }
    if (isList(value)) {
      if (value.length > 0) this.show(plain, depth);
      for (const item of value) this.request(item, name, parent, depth);
      return;
    }
    this.show(plain, depth);
    this.requestMembers(
      value,
      listLevels.has(plain) ? parent : singular,
      listLevels.has(plain) ? depth : depth + 1,
    );
  }

  requestMembers(members: Members, parent: string, depth: number): void {
    for (const [name, value] of Object.entries(members)) {
      const plain = cleanName(name).plain;
      if (listLevels.has(plain) && isList(value)) {
        for (const item of value) this.request(item, parent === '' ? name : parent, '', depth);
      } else {
        this.request(value, name, parent, depth);
      }
    }
  }

  response(value: MemberValue, name: string, depth: number): void {
    if (this.#left-- <= 0 || depth > maxDepth || value === true) return;
    if (typeof value === 'string') {
      const text = textOf(value);
      if (text !== undefined) this.addArn(text, 'response', cleanName(name).singular);
      return;
    }
    if (value instanceof Folded) return;
    if (isList(value)) {
      for (const item of value) this.response(item, name, depth + 1);
      return;
    }
    for (const [inner, item] of Object.entries(value)) this.response(item, inner, depth + 1);
  }
}

/** Whether CloudTrail hid or cut the request (the reduction says so). */
export const isOmitted = (call: ObservedCall): boolean => call.target.request['omitted'] === true;

/** Reads a call once; all its permissions are resolved from the result. */
export function mentionsOf(call: ObservedCall): Mentions {
  const { request, response, resources } = call.target;
  const collector = new Collector();
  for (const { arn, type } of resources) {
    const value = textOf(arn);
    if (value !== undefined) collector.addArn(value, 'resources', type);
  }
  const wrapped = wrappedRequest(request);
  if (wrapped === undefined) collector.requestMembers(request, '', 0);
  else collector.request(wrapped.inner, wrapped.name, '', -1);
  for (const [name, value] of Object.entries(response)) collector.response(value, name, 0);
  return {
    fields: collector.fields,
    arns: collector.arns,
    texts: collector.texts,
    present: collector.present,
    place: {
      partition: partitionOf(call.context.region),
      region: escapeText(call.context.region),
      account: accountOf(call),
    },
    omitted: isOmitted(call),
  };
}

/**
 * The account of things a request names without an ARN: the caller's own (its credentials decide where a call goes);
 * the recipient of the event only when the caller's account is unknown.
 */
function accountOf(call: ObservedCall): string {
  if (/^[0-9]{12}$/.test(call.principal.account)) return call.principal.account;
  return /^[0-9]{12}$/.test(call.context.account) ? call.context.account : '';
}

/** Fields of a name, in the order they stand; empty when there are none. */
export const fieldsOf = (mentions: Mentions, name: string): readonly Field[] =>
  mentions.fields.get(name) ?? [];

/** The first text of a name, by normalised name. */
export const firstText = (mentions: Mentions, ...names: readonly string[]): Text | undefined => {
  for (const name of names) {
    const field = mentions.fields.get(name)?.[0];
    if (field !== undefined) return field.value;
  }
  return undefined;
};

const accountMembers = ['registryid', 'catalogid', 'awsaccountid', 'targetprincipal'];

/** The caller's place, with the account that the request names as the owner (ECR `registryId`, Glue `catalogId`). */
export function placeOf(mentions: Mentions): Place {
  for (const name of accountMembers) {
    const text = mentions.fields.get(name)?.[0]?.value.text;
    if (text !== undefined && /^[0-9]{12}$/.test(text)) return { ...mentions.place, account: text };
  }
  return mentions.place;
}
