import type { ObservedCall } from '../cloudtrail/call.ts';
import type { ActionInfo } from '../iam/catalogue.ts';
import type { Mentions } from './mentions.ts';
import type { KnownEntities } from './mapping.ts';

/** What a service's own rules look at. */
export interface Sighting {
  readonly call: ObservedCall;
  readonly mentions: Mentions;
  readonly known: KnownEntities;
}

/**
 * A service's own reading of a call: patterns by resource type name. A type that is absent is resolved by the general
 * rules; one with an empty list is known not to be touched.
 */
export type Finder = (sighting: Sighting, action: ActionInfo) => ReadonlyMap<string, readonly string[]>;
