import { stringsOf } from '../iam/catalogue.ts';
import { InputError, parsedJson } from '../iam/input-error.ts';
import { isObject, objectsOf, textOfJson, type JsonObject } from '../iam/json.ts';
import { includes } from '../iam/pattern/language.ts';
import { escapeLiteral, resourcePattern } from '../iam/pattern/pattern.ts';

/** One rule of what a trail logs. Data rules name a resource type, management rules the sources they leave out. */
export interface Selector {
  readonly category: 'management' | 'data';
  /** `AWS::S3::Object`, ...; '' for management. */
  readonly resourceType: string;
  /** IAM patterns of the resources it is limited to; `*` for all. */
  readonly resources: readonly string[];
  readonly reads: boolean;
  readonly writes: boolean;
  /** Event sources left out (`kms.amazonaws.com`). */
  readonly excludedSources: readonly string[];
}

/** Whose events a trail is known to log; as describe-trails says, where its members stand beside the selectors. */
interface Reach {
  /** Of the TrailARN; '' where there is none. */
  readonly account: string;
  /** Whether it logs all accounts of an organization. */
  readonly isOrganization: boolean;
  /** The one Region it logs; '' for all of them. */
  readonly onlyRegion: string;
}

/** What the trails behind an index log. */
export interface TrailConfig {
  readonly selectors: readonly (Selector & Reach)[];
}

/**
 * Reads the output of `aws cloudtrail get-event-selectors` (one, or an array of several trails'): basic and advanced
 * selectors (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html). A rule that is
 * limited in a way not understood here counts as not logging: that only keeps permissions.
 * @throws InputError when it is something else
 */
export function parseTrailConfig(text: string, source: string): TrailConfig {
  const how = 'give the output of: aws cloudtrail get-event-selectors --trail-name NAME';
  const json = parsedJson(text, source, how);
  const selectors = (Array.isArray(json) ? json : [json]).flatMap((trail: unknown) => {
    if (!isObject(trail) || !('EventSelectors' in trail || 'AdvancedEventSelectors' in trail))
      throw new InputError(`${source}: no "EventSelectors" or "AdvancedEventSelectors" in it; ${how}`);
    const rules = [
      ...objectsOf(trail['EventSelectors']).flatMap(basicSelectors),
      ...objectsOf(trail['AdvancedEventSelectors']).flatMap(advancedSelector),
    ];
    const reach = reachOf(trail);
    return (rules.length > 0 ? rules : [nothing]).map((rule) => ({ ...rule, ...reach }));
  });
  return { selectors };
}

/** Of a trail of which no rule is understood: it speaks for its account, and is not known to log anything. */
const nothing: Selector = {
  category: 'management',
  resourceType: '',
  resources: [],
  reads: false,
  writes: false,
  excludedSources: [],
};

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Trail.html */
function reachOf(trail: JsonObject): Reach {
  const { TrailARN: arn, IsOrganizationTrail: isOrganization, IsMultiRegionTrail: isEverywhere } = trail;
  const [, , , region = '', account = ''] = typeof arn === 'string' ? arn.split(':') : [];
  const home = typeof trail['HomeRegion'] === 'string' ? trail['HomeRegion'] : region;
  return { account, isOrganization: isOrganization === true, onlyRegion: isEverywhere === false ? home : '' };
}

/**
 * Those of the trails that speak for an account: its own, an organization's, and all of them where its log files lie as those of an
 * organization's trail do. Undefined when none does: then nothing is known of what is logged there.
 */
export function trailsFor(
  config: TrailConfig | undefined,
  account: string,
  isInOrganization: boolean,
): TrailConfig | undefined {
  const selectors = (config?.selectors ?? []).filter(
    (trail) => trail.account === account || trail.isOrganization || isInOrganization,
  );
  return selectors.length > 0 ? { selectors } : undefined;
}

/** What of the trails logs a Region. */
export const inRegion = ({ selectors }: TrailConfig, region: string): TrailConfig => ({
  selectors: selectors.filter(({ onlyRegion }) => onlyRegion === '' || onlyRegion === region),
});

/** How many rules of a trail's `get-event-selectors` are limited in ways not understood here, and so count for nothing. */
export const otherRules = (trail: unknown): number =>
  isObject(trail)
    ? objectsOf(trail['AdvancedEventSelectors']).filter((rule) => advancedSelector(rule).length === 0).length
    : 0;

function basicSelectors(basic: JsonObject): readonly Selector[] {
  const type = basic['ReadWriteType'] ?? 'All';
  const access = { reads: type !== 'WriteOnly', writes: type !== 'ReadOnly' };
  const excludedSources = stringsOf(basic['ExcludeManagementEventSources']);
  const data = objectsOf(basic['DataResources']).map((resource): Selector => ({
    category: 'data',
    resourceType: textOfJson(resource['Type']),
    resources: stringsOf(resource['Values']).map(basicResource),
    ...access,
    excludedSources: [],
  }));
  if (basic['IncludeManagementEvents'] === false) return data;
  return [
    { category: 'management', resourceType: '', resources: ['*'], ...access, excludedSources },
    ...data,
  ];
}

/** `arn:aws:s3` and `arn:aws:s3:::` are all buckets, `arn:aws:lambda` all functions; `arn:aws:s3:::bucket/` a prefix; others one resource (API_DataResource). */
function basicResource(value: string): string {
  if (/^arn:[^:]+:[^:]+$/.test(value) || value.endsWith(':::') || value.endsWith('/'))
    return `${escapeLiteral(value)}*`;
  return escapeLiteral(value);
}

/** The operators that each field of an advanced selector is understood with; of any other field part of the events are missing. */
const understood: ReadonlyMap<string, RegExp> = new Map([
  ['eventCategory', /./],
  ['resources.type', /./],
  ['readOnly', /./],
  ['resources.ARN', /^(Equals|StartsWith)$/],
  ['eventSource', /^NotEquals$/],
]);

const categories: ReadonlyMap<string, Selector['category']> = new Map([
  ['Management', 'management'],
  ['Data', 'data'],
]);

const isUnderstood = ([name, field]: [string, JsonObject]): boolean =>
  Object.keys(field).every((key) => key === 'Field' || understood.get(name)?.test(key) === true);

function advancedSelector(advanced: JsonObject): readonly Selector[] {
  const fields = new Map(
    objectsOf(advanced['FieldSelectors']).map((field) => [textOfJson(field['Field']), field]),
  );
  const values = (name: string, operator = 'Equals'): readonly string[] =>
    stringsOf(fields.get(name)?.[operator]);
  const category = categories.get(values('eventCategory')[0] ?? '');
  if (category === undefined || ![...fields].every(isUnderstood)) return [];
  const [isRead] = values('readOnly');
  return [
    {
      category,
      resourceType: values('resources.type')[0] ?? '',
      resources: fields.has('resources.ARN')
        ? [
            ...values('resources.ARN').map(escapeLiteral),
            ...values('resources.ARN', 'StartsWith').map((start) => `${escapeLiteral(start)}*`),
          ]
        : ['*'],
      reads: !fields.has('readOnly') || isRead === 'true',
      writes: isRead !== 'true',
      excludedSources: values('eventSource', 'NotEquals'),
    },
  ];
}

/** Whether the trails log every data event of a type and access on all resources of a pattern. */
export function logsData(
  config: TrailConfig,
  resourceType: string,
  access: 'read' | 'write',
  resource: string,
): boolean {
  const rules = config.selectors.filter(
    (s) =>
      s.category === 'data' && s.resourceType === resourceType && (access === 'read' ? s.reads : s.writes),
  );
  if (rules.length === 0) return false;
  if (rules.some(isUnlimited)) return true;
  const logged = rules.flatMap((s) => s.resources).map((text) => resourcePattern(text, true));
  return includes(logged, resourcePattern(resource, true));
}

/** Whether a rule holds for all resources of its type: all of S3 or Lambda, when it says so, is no less. */
export const isUnlimited = ({ resources }: Selector): boolean =>
  resources.some((text) => text === '*' || /^arn:[^:]+:[^:]+(:::)?\*$/.test(text));

/** Whether the trails log every management event of a source. */
export const logsManagement = (config: TrailConfig, eventSource: string, access: 'read' | 'write'): boolean =>
  config.selectors.some(
    (s) =>
      s.category === 'management' &&
      (access === 'read' ? s.reads : s.writes) &&
      !s.excludedSources.includes(eventSource),
  );
