import { noFacet, type Facet } from '../../cloudtrail/call.ts';
import { dayText } from '../../iam/days.ts';
import { InputError } from '../../iam/input-error.ts';
import { memo } from '../../iam/memo.ts';
import { addressRange, isPrivate } from '../../iam/decide/condition-value.ts';
import { sortedUnique } from '../../iam/order.ts';
import { type Condition, byOperatorAndKey } from '../../iam/policy/policy.ts';
import type { PermissionReason } from '../../permissions/mapping.ts';
import type { FacetRow } from '../../store/reader.ts';
import { inContext, type Observed, Use } from './use.ts';
import { sourceAddressKey } from '../../iam/decide/condition.ts';

/** What grants can be narrowed by beyond action and resource. */
const narrowings = ['region', 'vpce', 'source-ip', 'mfa', 'tls'] as const;
export type Narrowing = (typeof narrowings)[number];

/**
 * Why there is no `org`. CloudTrail names no organization. AWS sends aws:ResourceOrgID for no list of actions that is complete, and
 * what AWS or a partner owns is in another organization; aws:PrincipalOrgID says of the holder of a policy what it always is
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html).
 */
const noOrganization =
  '--conditions org: no log shows whose organization a resource is in, and not every action sends aws:ResourceOrgID: a policy with it could refuse what was used; ask for aws:PrincipalOrgID in resource policies, aws:ResourceOrgID in an SCP';

/** Reads `region,vpce`. @throws InputError for a word that is none of them */
export function parseNarrowings(text: string): readonly Narrowing[] {
  return text.split(',').map((part) => {
    const word = part.trim();
    const known = narrowings.find((narrowing) => narrowing === word);
    if (word === 'org') throw new InputError(noOrganization);
    if (known === undefined)
      throw new InputError(
        `--conditions ${JSON.stringify(word)}: use ${narrowings.join(', ')}, separated by commas`,
      );
    return known;
  });
}

/** Keys that have one value in a request and several in the context of a narrowed use; ranges of addresses are judged together. */
const narrowedKeys = ['aws:sourcevpce', 'aws:multifactorauthpresent'];

/** More address ranges than this are no place that calls come from. */
const maxRanges = 40;
/** Days that a note names. */
const mostDays = 3;

/**
 * Permissions that the called service asks for in the request itself. What another service is asked for on the way (a
 * key, a role that is passed, a tag) may not carry where the request came from
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html).
 */
const direct: ReadonlySet<PermissionReason> = new Set([
  'operation',
  'version',
  'acl',
  'object-lock',
  'list-on-missing',
]);

/** Whether the principal's own requests, and no service's, asked for it. */
const isDirect = ({ sources, kind }: Pick<Use, 'sources' | 'kind'>): boolean =>
  !sources.has('') && direct.has(kind.reason);

/** Whether an address range is known, and of public addresses: aws:SourceIp never holds others. */
function isPublic(text: string): boolean {
  const range = addressRange(text);
  return range !== undefined && !isPrivate(range);
}

/** What all calls to some services have in common, or why it does not narrow. */
type Finding = { readonly condition: Condition } | { readonly obstacle: string };

/** How a principal's own calls to each service arrived. */
export class Arrivals {
  /** Of a service and a kind of facet the values, each with its days. */
  private readonly values = new Map<string, Map<string, Set<number>>>();

  constructor(facets: readonly FacetRow[]) {
    for (const { source, kind, value, on } of facets) this.add(source, kind, value, on);
  }

  add(source: string, kind: string, value: string, on: readonly number[] = []): void {
    const key = `${source} ${kind}`;
    const known = this.values.get(key) ?? new Map<string, Set<number>>();
    this.values.set(key, known);
    const days = known.get(value) ?? new Set();
    known.set(value, days);
    for (const day of on) days.add(day);
  }

  /** Sorted; empty when nothing is known of one of the services. */
  of(sources: readonly string[], kind: string): readonly string[] {
    const all = sources.map((source) => this.values.get(`${source} ${kind}`));
    return all.includes(undefined) ? [] : sortedUnique(all.flatMap((values) => [...(values?.keys() ?? [])]));
  }

  /** On which days calls to a service did not fit, and how; undefined unless these are less than half of its days. */
  exceptions(source: string, { kind, fits }: Way): Exceptions | undefined {
    const all = [...(this.values.get(`${source} ${kind}`) ?? [])];
    const odd = all.filter(([value]) => !fits(value));
    const days = new Set(all.flatMap(([, on]) => [...on])).size;
    const not = [...new Set(odd.flatMap(([, on]) => [...on]))].sort((a, b) => a - b);
    return not.length > 0 && not.length * 2 < days
      ? { days, not, values: odd.map(([value]) => value) }
      : undefined;
  }
}

interface Exceptions {
  readonly days: number;
  readonly not: readonly number[];
  readonly values: readonly string[];
}

/** What a condition narrows by: the values of a kind of facet, where all of them fit. */
interface Way {
  readonly kind: Facet['kind'] | 'region';
  readonly fits: (value: string) => boolean;
  readonly obstacle: string;
  readonly condition: readonly [operator: string, key: string, value?: string];
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
const ways: Readonly<Record<Narrowing, Way>> = {
  region: {
    kind: 'region',
    fits: (value) => value !== '',
    obstacle: 'a call without a Region',
    condition: ['StringEquals', 'aws:RequestedRegion'],
  },
  vpce: {
    kind: 'vpce',
    fits: (value) => /^vpce-[0-9a-f]{8,17}$/.test(value),
    obstacle: 'not all calls came through a VPC endpoint',
    condition: ['StringEquals', 'aws:SourceVpce'],
  },
  'source-ip': {
    kind: 'ip',
    fits: isPublic,
    obstacle: 'not all calls show a public IP address',
    condition: ['IpAddress', 'aws:SourceIp'],
  },
  mfa: {
    kind: 'mfa',
    fits: (value) => value === 'true',
    obstacle: 'not all calls were made with MFA',
    condition: ['Bool', 'aws:MultiFactorAuthPresent', 'true'],
  },
  tls: {
    kind: 'tls',
    fits: (value) => value !== noFacet,
    obstacle: 'not all calls show a TLS version',
    condition: ['Bool', 'aws:SecureTransport', 'true'],
  },
};

function find(narrowing: Narrowing, valuesOf: (kind: string) => readonly string[]): Finding {
  const { kind, fits, obstacle, condition } = ways[narrowing];
  const [operator, key, value] = condition;
  const values = valuesOf(kind);
  // The key is absent from requests that come through a VPC endpoint (same page, aws:SourceIp).
  if (narrowing === 'source-ip' && valuesOf('vpce').some((endpoint) => endpoint !== noFacet))
    return { obstacle: 'calls came through a VPC endpoint, where aws:SourceIp is absent' };
  if (values.length === 0 || !values.every(fits)) return { obstacle };
  if (narrowing === 'source-ip' && values.length > maxRanges)
    return { obstacle: `calls came from ${values.length} address ranges` };
  return { condition: { operator, key, values: value === undefined ? values : [value] } };
}

/** What nearly holds for a service, in a line. */
function nearText(narrowing: Narrowing, service: string, { days, not, values }: Exceptions): string {
  const shown = [...not.slice(0, mostDays).map(dayText), ...(not.length > mostDays ? ['...'] : [])].join(
    ', ',
  );
  const share = Math.floor((100 * (days - not.length)) / days);
  return `conditions: ${narrowing} would nearly hold for ${service}: on ${days - not.length} of ${days} days (${share}%); not on ${shown} (${values.join(', ')})`;
}

/** The Region an ARN names; '' for none or a pattern. */
function regionOf(resource: string): string {
  const region = resource.split(':')[3] ?? '';
  return /[*?]/.test(region) ? '' : region;
}

/**
 * What was observed, its uses to be granted only under the circumstances that all of the principal's own calls to the
 * service had in common; their context holds these too, so that a replay tells whether they still hold. Never for what
 * a service did with the principal's credentials. A note says for each service what does not narrow it, and why.
 */
export function narrowed(
  observed: Observed,
  chosen: readonly Narrowing[],
  facets: readonly FacetRow[],
): Observed {
  const arrivals = new Arrivals(facets);
  const all = [...observed.uses, ...observed.inconclusive];
  for (const use of all)
    for (const source of use.sources)
      for (const region of use.context.get('aws:requestedregion') ?? [''])
        arrivals.add(source, 'region', region);
  const obstacles = new Map<string, Set<string>>();
  const near = new Set<string>();
  let indirect = false;
  const narrow = (use: Use): Use => {
    if (!isDirect(use)) {
      indirect = true;
      return use;
    }
    const sources = sortedUnique(use.sources);
    const conditions: Condition[] = [];
    const context = new Map(use.context);
    for (const narrowing of chosen) {
      if (narrowing === 'region' && regionOf(use.resource) !== '') continue;
      const finding = find(narrowing, (kind) => arrivals.of(sources, kind));
      if ('obstacle' in finding) {
        const text = `not by ${narrowing} (${finding.obstacle})`;
        const services = obstacles.get(text) ?? new Set();
        obstacles.set(text, services);
        for (const source of sources) {
          const service = source.replace(/\.amazonaws\.com$/, '');
          services.add(service);
          const exceptions =
            finding.obstacle === ways[narrowing].obstacle
              ? arrivals.exceptions(source, ways[narrowing])
              : undefined;
          if (exceptions) near.add(nearText(narrowing, service, exceptions));
        }
        continue;
      }
      const { condition } = finding;
      if (use.condition.some(({ key }) => key.toLowerCase() === condition.key.toLowerCase())) continue;
      conditions.push(condition);
      if (narrowing !== 'region') context.set(condition.key.toLowerCase(), condition.values);
    }
    const condition = [...use.condition, ...conditions].sort(byOperatorAndKey);
    return new Use({ ...use.kind, condition, context }, use.resource, use);
  };
  const uses = observed.uses.map(narrow);
  const inconclusive = observed.inconclusive.map(narrow);
  const notes = [...obstacles].map(
    ([text, services]) => `conditions: ${text}: ${sortedUnique(services).join(', ')}`,
  );
  if (indirect)
    notes.push(
      "conditions: none on what a service does with the principal's credentials, or asks another service for",
    );
  return { ...observed, uses, inconclusive, notes: sortedUnique([...observed.notes, ...notes, ...near]) };
}

/** The contexts of single requests that the context of a use stands for: each value seen is in at least one. */
export function contextsOf({ context }: Pick<Use, 'context'>): readonly Use['context'][] {
  const several = narrowedKeys.map((key) => [key, context.get(key) ?? []] as const);
  const count = Math.max(1, ...several.map(([, values]) => values.length));
  if (count === 1) return [context];
  return Array.from({ length: count }, (_, i) => {
    const one = new Map(context);
    for (const [key, values] of several) {
      const value = values[Math.min(i, values.length - 1)];
      if (value !== undefined) one.set(key, [value]);
    }
    return one;
  });
}

/**
 * The uses with what the log says of `aws:SourceIp`: the ranges that the calls to their services came from, absent where
 * all came through a VPC endpoint, and not said (unknown) where it differs, where no public address is logged, and of
 * whatever a service did (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html, aws:SourceIp).
 */
export function withSourceAddresses(observed: Observed, facets: readonly FacetRow[]): Observed {
  const arrivals = new Arrivals(facets);
  const wordsOf = memo((sources: ReadonlySet<string>) => sortedUnique(sources).join(' '));
  const addressed = memo((words: string): ((use: Use) => Use) => {
    const ranges = sourceAddresses(words.split(' '), arrivals);
    return ranges
      ? inContext(memo((context) => new Map([...context, [sourceAddressKey, ranges]])))
      : (use) => use;
  });
  // Of what failed no address may be kept.
  const uses = observed.uses.map((use) =>
    isDirect(use) && use.kind.errorCode === '' ? addressed(wordsOf(use.sources))(use) : use,
  );
  return { ...observed, uses };
}

function sourceAddresses(sources: readonly string[], arrivals: Arrivals): readonly string[] | undefined {
  const endpoints = arrivals.of(sources, 'vpce');
  if (endpoints.length > 0 && !endpoints.includes(noFacet)) return [];
  const ranges = arrivals.of(sources, 'ip');
  const arePublic = ranges.length > 0 && ranges.every(isPublic);
  return endpoints.every((value) => value === noFacet) && arePublic ? ranges : undefined;
}
