import type { TrailState } from '../../aws/trails.ts';
import type { Colors } from '../review/layout.ts';
import { counted, someOf } from '../review/words.ts';
import { documentJson, toJson } from '../../iam/policy/policy-json.ts';
import type { PolicyDocument } from '../../iam/policy/policy.ts';
import { printable } from '../../iam/printable.ts';
import type { Selector } from '../../permissions/selectors.ts';

/** One trail for a person: how it is set up, how to read it, and what that needs. */
export function trailText(trail: TrailView, c: Colors): string {
  const state =
    trail.logging === undefined ? 'unknown whether it logs' : trail.logging ? 'logging' : 'stopped';
  const regions = trail.allRegions ? `all Regions, home ${trail.home}` : `${trail.home} alone`;
  const lines: readonly (readonly [string, string])[] = [
    ['state', `${state}, ${regions}, ${trail.organization ? 'organization trail' : 'one account'}`],
    ['bucket', `${trail.bucket}${trail.prefix === '' ? '' : `, prefix ${trail.prefix}`}`],
    ['KMS key', trail.kmsKey ?? 'none'],
    ['digests', trail.digests ? 'on' : 'off'],
    ['management', eventsText(trail, '')],
    ['data events', eventsText(trail, 'data')],
    ...trail.refusals.map((line) => ['unknown', line] as const),
    ['read it', ingestCommand(trail.source)],
  ];
  return [
    `${c.strong(printable(trail.name))}  ${printable(trail.arn)}\n`,
    ...lines.map(([label, text]) => `  ${label.padEnd(12)} ${printable(text)}\n`),
    '  needs\n',
    toJson(trail.policy)
      .trimEnd()
      .split('\n')
      .map((line) => `    ${printable(line)}\n`)
      .join(''),
  ].join('');
}

/** Management events, or those of data. */
const ofKind = ({ events }: TrailView, kind: '' | 'data'): readonly Selector[] | undefined =>
  events?.filter(({ resourceType }) => (resourceType === '') === (kind === ''));

function eventsText(trail: TrailView, kind: '' | 'data'): string {
  const { otherRules } = trail;
  const texts = ofKind(trail, kind)?.map(({ resourceType, resources, reads, writes, excludedSources }) =>
    [
      resourceType,
      reads && writes ? 'reads and writes' : reads ? 'reads' : 'writes',
      resources.includes('*') ? '' : `of ${someOf(resources, 3)}`,
      excludedSources.length === 0 ? '' : `without ${excludedSources.join(', ')}`,
    ]
      .filter(Boolean)
      .join(' '),
  );
  if (texts === undefined) return 'unknown';
  if (kind === 'data' && otherRules > 0)
    texts.push(`${counted(otherRules, 'rule')} limited in other ways, which no decision rests on`);
  return texts.length === 0 ? 'off' : texts.join('; ');
}

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
  managementEvents:
    ofKind(trail, '')?.map(({ reads, writes, excludedSources }) => ({ reads, writes, excludedSources })) ??
    null,
  dataEvents:
    ofKind(trail, 'data')?.map(({ resourceType, resources, reads, writes }) => ({
      resourceType,
      resources,
      reads,
      writes,
    })) ?? null,
  otherRules: trail.otherRules,
  unknown: trail.refusals,
  source: trail.source,
  ingest: ingestCommand(trail.source),
  policy: documentJson(trail.policy),
});

/** For a shell to take as it is, whatever a key prefix holds. */
export const ingestCommand = (source: string): string =>
  `iam-minimize ingest ${/^[\w./:-]+$/.test(source) ? source : `'${source.replaceAll("'", `'\\''`)}'`}`;
