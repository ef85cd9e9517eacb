import type { TrailState } from '../../aws/trails.ts';
import { documentJson } from '../../iam/policy/policy-json.ts';
import type { PolicyDocument } from '../../iam/policy/policy.ts';
import type { Selector } from '../../permissions/selectors.ts';

/** A trail with what can be made of it. */
export interface TrailView extends Omit<TrailState, 'selectors'> {
  /** Undefined where AWS does not tell. */
  readonly events: readonly Selector[] | undefined;
  /** Rules that limit in ways which no decision is built on. */
  readonly otherRules: number;
  /** The SOURCE of `ingest`. */
  readonly source: string;
  /** What reading it needs. */
  readonly policy: PolicyDocument;
}

/** One line of `trails --json`; see docs/schema/trails.json. */
export const trailJson = (trail: TrailView): object => ({
  name: trail.name,
  arn: trail.arn,
  bucket: trail.bucket,
  prefix: trail.prefix,
  organization: trail.organization,
  homeRegion: trail.home,
  allRegions: trail.allRegions,
  logging: trail.logging ?? null,
  kmsKey: trail.kmsKey ?? null,
  digests: trail.digests,
  managementEvents: trail.events === undefined ? null : trail.events.filter(isManagement).map(managementJson),
  dataEvents: trail.events === undefined ? null : trail.events.filter((e) => !isManagement(e)).map(dataJson),
  otherRules: trail.otherRules,
  unknown: trail.refusals,
  source: trail.source,
  ingest: ingestCommand(trail.source),
  policy: documentJson(trail.policy),
});

const isManagement = ({ resourceType }: Selector): boolean => resourceType === '';

const managementJson = ({ reads, writes, excludedSources }: Selector): object => ({
  reads,
  writes,
  excludedSources,
});

const dataJson = ({ resourceType, resources, reads, writes }: Selector): object => ({
  resourceType,
  resources,
  reads,
  writes,
});

/** For a shell to take as it is, whatever a key prefix holds. */
export const ingestCommand = (source: string): string =>
  `iam-minimize ingest ${/^[\w./:-]+$/.test(source) ? source : `'${source.replaceAll("'", `'\\''`)}'`}`;
