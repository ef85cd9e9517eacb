import { sourceAddressKey } from '../../iam/decide/condition.ts';
import { sortedUnique } from '../../iam/order.ts';
import { noFacet } from '../../cloudtrail/call.ts';
import type { FacetRow } from '../../store/reader.ts';
import { arePublic, Arrivals, isDirect } from './narrowing.ts';
import type { Observed, Use } from './use.ts';

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
