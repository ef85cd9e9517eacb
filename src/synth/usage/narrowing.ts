import { noFacet } from '../../cloudtrail/call.ts';
import { InputError } from '../../iam/input-error.ts';
import { addressRange, isPrivate } from '../../iam/decide/condition-value.ts';
import { sortedUnique } from '../../iam/order.ts';
import { type Condition, byOperatorAndKey } from '../../iam/policy/policy.ts';
import type { PermissionReason } from '../../permissions/mapping.ts';
import type { FacetRow } from '../../store/reader.ts';
import type { Observed, Use } from './use.ts';
import { sourceAddressKey } from '../../iam/decide/condition.ts';

/** What grants can be narrowed by beyond action and resource. */
const narrowings = ['region', 'vpce', 'source-ip', 'mfa', 'tls'] as const;
export type Narrowing = (typeof narrowings)[number];

/** Reads `region,vpce`. @throws InputError for a word that is none of them */
export function parseNarrowings(text: string): readonly Narrowing[] {
  return text.split(',').map((part) => {
    const word = part.trim();
    const known = narrowings.find((narrowing) => narrowing === word);
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
const isDirect = ({ sources, reason }: Pick<Use, 'sources' | 'reason'>): boolean =>
  !sources.has('') && direct.has(reason);

/** Whether some ranges are known, and all of public addresses. */
const arePublic = (ranges: readonly string[]): boolean =>
  ranges.length > 0 && ranges.map(addressRange).every((range) => range !== undefined && !isPrivate(range));

/** What all calls to some services have in common, or why it does not narrow. */
type Finding = { readonly condition: Condition } | { readonly obstacle: string };

/** How a principal's own calls to each service arrived. */
export class Arrivals {
  private readonly values = new Map<string, Set<string>>();

  constructor(facets: readonly FacetRow[]) {
    for (const { source, kind, value } of facets) this.add(source, kind, value);
  }

  add(source: string, kind: string, value: string): void {
    const key = `${source} ${kind}`;
    const known = this.values.get(key);
    if (known) known.add(value);
    else this.values.set(key, new Set([value]));
  }

  /** Sorted; empty when nothing is known of one of the services. */
  of(sources: readonly string[], kind: string): readonly string[] {
    const all = sources.map((source) => this.values.get(`${source} ${kind}`));
    return all.includes(undefined) ? [] : sortedUnique(all.flatMap((values) => [...(values ?? [])]));
  }
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
const find: Readonly<Record<Narrowing, (valuesOf: (kind: string) => readonly string[]) => Finding>> = {
  region: (valuesOf) => {
    const values = valuesOf('region');
    return values.length > 0 && !values.includes('')
      ? { condition: { operator: 'StringEquals', key: 'aws:RequestedRegion', values } }
      : { obstacle: 'a call without a Region' };
  },
  vpce: (valuesOf) => {
    const values = valuesOf('vpce');
    return values.length > 0 && values.every((value) => /^vpce-[0-9a-f]{8,17}$/.test(value))
      ? { condition: { operator: 'StringEquals', key: 'aws:SourceVpce', values } }
      : { obstacle: 'not all calls came through a VPC endpoint' };
  },
  'source-ip': (valuesOf) => {
    const values = valuesOf('ip');
    // The key is absent from requests that come through a VPC endpoint (same page, aws:SourceIp).
    if (valuesOf('vpce').some((value) => value !== noFacet))
      return { obstacle: 'calls came through a VPC endpoint, where aws:SourceIp is absent' };
    if (!arePublic(values)) return { obstacle: 'not all calls show a public IP address' };
    return values.length <= maxRanges
      ? { condition: { operator: 'IpAddress', key: 'aws:SourceIp', values } }
      : { obstacle: `calls came from ${values.length} address ranges` };
  },
  mfa: (valuesOf) =>
    valuesOf('mfa').join() === 'true'
      ? { condition: { operator: 'Bool', key: 'aws:MultiFactorAuthPresent', values: ['true'] } }
      : { obstacle: 'not all calls were made with MFA' },
  tls: (valuesOf) => {
    const values = valuesOf('tls');
    return values.length > 0 && !values.includes(noFacet)
      ? { condition: { operator: 'Bool', key: 'aws:SecureTransport', values: ['true'] } }
      : { obstacle: 'not all calls show a TLS version' };
  },
};

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
      const finding = find[narrowing]((kind) => arrivals.of(sources, kind));
      if ('obstacle' in finding) {
        const text = `not by ${narrowing} (${finding.obstacle})`;
        const services = obstacles.get(text) ?? new Set();
        for (const source of sources) services.add(source.replace(/\.amazonaws\.com$/, ''));
        obstacles.set(text, services);
        continue;
      }
      const { condition } = finding;
      if (use.condition.some(({ key }) => key.toLowerCase() === condition.key.toLowerCase())) continue;
      conditions.push(condition);
      if (narrowing !== 'region') context.set(condition.key.toLowerCase(), condition.values);
    }
    return { ...use, condition: [...use.condition, ...conditions].sort(byOperatorAndKey), context };
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
  return { ...observed, uses, inconclusive, notes: sortedUnique([...observed.notes, ...notes]) };
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
  // Uses of the same circumstances go on sharing them.
  const contexts = new Map<string, Map<Use['context'], Use['context']>>();
  const uses = observed.uses.map((use): Use => {
    // Of what failed no address may be kept.
    if (!isDirect(use) || use.errorCode !== '') return use;
    const sources = sortedUnique(use.sources);
    const ranges = sourceAddresses(sources, arrivals);
    if (!ranges) return use;
    const id = sources.join();
    const known = contexts.get(id) ?? new Map<Use['context'], Use['context']>();
    contexts.set(id, known);
    const context = known.get(use.context) ?? new Map([...use.context, [sourceAddressKey, ranges]]);
    known.set(use.context, context);
    return { ...use, context };
  });
  return { ...observed, uses };
}

function sourceAddresses(sources: readonly string[], arrivals: Arrivals): readonly string[] | undefined {
  const endpoints = arrivals.of(sources, 'vpce');
  if (endpoints.length > 0 && !endpoints.includes(noFacet)) return [];
  const ranges = arrivals.of(sources, 'ip');
  return endpoints.every((value) => value === noFacet) && arePublic(ranges) ? ranges : undefined;
}
