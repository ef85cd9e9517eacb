import type { ActionInfo } from '../iam/catalogue.ts';
import { memo } from '../iam/memo.ts';
import type { ObservedCall } from '../cloudtrail/call.ts';
import { normalName, plainName } from '../cloudtrail/kept-members.ts';
import { Folded, type Members, type MemberValue } from '../cloudtrail/members.ts';
import { parseArn, partitionOf, type ParsedArn, type Place } from './arn-format.ts';
import type { KnownEntities } from './mapping.ts';
import { decoded, isList, listLevels, wrappedRequest } from './member-path.ts';
import { escapeText, textOf, type Text } from './text.ts';

/** An ARN that a call shows, and where. */
export interface ShownArn {
  readonly arn: ParsedArn;
  readonly value: Text;
  readonly from: 'resources' | 'request' | 'response';
  /** Normalised member name; for `resources[]` the CloudFormation-like type. */
  readonly name: string;
}

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

/** Members that name the owner of what a request is about (ECR `registryId`, CodeArtifact `domainOwner`). */
const owners = ['registryid', 'catalogid', 'awsaccountid', 'domainowner', 'profileowner', 'targetprincipal'];

const isAccount = (text: string): boolean => /^[0-9]{12}$/.test(text);

/** Whether CloudTrail hid or cut the request (the reduction says so). */
export const isOmitted = (call: ObservedCall): boolean => call.target.request['omitted'] === true;

/** What a call says about what it was made on, indexed by normalised names. */
export class Mentions {
  readonly arns: ShownArn[] = [];
  /** Text of every request member, for "did the caller choose this name?". */
  readonly texts = new Set<string>();
  /** Normalised names of members that are present, kept or not, with the depth of the outermost: 0 for a member of the request itself, or of its only wrapper. */
  readonly present = new Map<string, number>();
  /**
   * Of things a request names without an ARN: the caller's own account (its credentials decide where a call goes), the recipient
   * of the event only when the caller's is unknown.
   */
  readonly place: Place;
  /** CloudTrail hid or cut the request: what is not here was perhaps in it. */
  readonly omitted: boolean;
  private readonly fields = new Map<string, Text[]>();
  private left = maxFields;

  /** Reads a call once; all its permissions are resolved from the result. */
  constructor(call: ObservedCall, region = call.context.region) {
    const { request, response, resources } = call.target;
    for (const { arn, type } of resources) {
      const value = textOf(arn);
      if (value !== undefined) this.addArn(value, 'resources', type);
    }
    const wrapped = wrappedRequest(request);
    if (wrapped === undefined) this.requestMembers(request, '', 0);
    else this.request(wrapped.inner, wrapped.name, '', -1);
    for (const [name, value] of Object.entries(response)) this.response(value, name, 0);
    this.place = {
      partition: partitionOf(call.context.region),
      region: escapeText(region),
      account: [call.principal.account, call.context.account].find(isAccount) ?? '',
    };
    this.omitted = isOmitted(call);
  }

  /** All texts of a name, in the order they stand. */
  all(name: string): readonly Text[] {
    return this.fields.get(name) ?? [];
  }

  /** The first text of the first of some names that has one. */
  first(...names: readonly string[]): Text | undefined {
    for (const name of names) {
      const text = this.fields.get(name)?.[0];
      if (text !== undefined) return text;
    }
    return undefined;
  }

  /** Names that have a text. */
  names(): Iterable<string> {
    return this.fields.keys();
  }

  /** The place of the call, with the account that the request names as the owner. @param service whose ARNs are made */
  ownersPlace(service = ''): Place {
    // All of an organization has its management account in its ARN, which answers show
    // (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_permissions_overview.html).
    const shown =
      service === 'organizations' &&
      this.arns.find(({ arn }) => arn.service === service && isAccount(arn.account));
    if (shown) return { ...this.place, account: shown.arn.account };
    for (const name of owners) {
      const text = this.first(name)?.text;
      if (text !== undefined && isAccount(text)) return { ...this.place, account: text };
    }
    return this.place;
  }

  /** Under its own name and under its parent's: `launchTemplate.name` is a `launchTemplateName`. */
  private add(name: string, parent: string, text: Text): void {
    for (const one of name === '' ? [] : parent === '' ? [name] : [name, parent + name]) {
      const known = this.fields.get(one);
      if (known === undefined) this.fields.set(one, [text]);
      else known.push(text);
    }
  }

  private show(name: string, depth: number): void {
    this.present.set(name, Math.min(depth, this.present.get(name) ?? depth));
  }

  private addArn(value: Text, from: ShownArn['from'], name: string): void {
    // A stream's shard iterator starts with the stream's ARN and goes on after `|`: a token, no name.
    if (!value.text.startsWith('arn:') || value.text.includes('|')) return;
    const arn = parseArn(value.text);
    if (arn !== undefined) this.arns.push({ arn, value, from, name });
  }

  private request(value: MemberValue, name: string, parent: string, depth: number): void {
    if (this.left-- <= 0 || depth > maxDepth) return;
    const { plain, singular } = cleanName(name);
    if (value === true || typeof value === 'string' || value instanceof Folded) {
      if (plain !== '') this.show(plain, depth);
      const text = value === true ? undefined : textOf(typeof value === 'string' ? decoded(value) : value);
      if (text === undefined) return;
      this.texts.add(text.text);
      this.addArn(text, 'request', singular);
      this.add(plain, parent, text);
      if (singular !== plain) this.add(singular, parent, text);
    } else if (isList(value)) {
      if (value.length > 0) this.show(plain, depth);
      for (const item of value) this.request(item, name, parent, depth);
    } else {
      const isLevel = listLevels.has(plain);
      this.show(plain, depth);
      this.requestMembers(value, isLevel ? parent : singular, isLevel ? depth : depth + 1);
    }
  }

  private requestMembers(members: Members, parent: string, depth: number): void {
    for (const [name, value] of Object.entries(members)) {
      if (listLevels.has(cleanName(name).plain) && isList(value)) {
        for (const item of value) this.request(item, parent === '' ? name : parent, '', depth);
      } else {
        this.request(value, name, parent, depth);
      }
    }
  }

  private response(value: MemberValue, name: string, depth: number): void {
    if (this.left-- <= 0 || depth > maxDepth || value === true || value instanceof Folded) return;
    if (typeof value === 'string') {
      const text = textOf(value);
      if (text !== undefined) this.addArn(text, 'response', cleanName(name).singular);
    } else if (isList(value)) {
      for (const item of value) this.response(item, name, depth + 1);
    } else for (const [inner, item] of Object.entries(value)) this.response(item, inner, depth + 1);
  }
}

/** What the rules look at. Many calls need no look at what they were made on: their actions take no resource. */
export class Sighting {
  readonly call: ObservedCall;
  readonly known: KnownEntities;
  /** The operation's name without the API version that the event name carries. */
  readonly operation: string;
  /** What could not be said for sure, a line each. */
  readonly notes = new Set<string>();
  #mentions: Mentions | undefined;

  constructor(call: ObservedCall, known: KnownEntities, mentions?: Mentions) {
    this.call = call;
    this.known = known;
    this.operation = plainName(call.operation.eventName);
    this.#mentions = mentions;
  }

  get mentions(): Mentions {
    return (this.#mentions ??= new Mentions(this.call));
  }
}

/**
 * A service's own reading of a call: patterns by resource type name. A type that is absent is resolved by the general
 * rules; one with an empty list is known not to be touched.
 */
export type Finder = (sighting: Sighting, action: ActionInfo) => ReadonlyMap<string, readonly string[]>;
