import { printable } from '../../iam/printable.ts';
import { toJson } from '../../iam/policy/policy-json.ts';
import { ingestCommand, type TrailView } from '../json/trails.ts';
import { counted, someOf } from '../review/words.ts';
import type { Colors } from '../review/colors.ts';

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

function eventsText({ events, otherRules }: TrailView, kind: '' | 'data'): string {
  if (events === undefined) return 'unknown';
  const texts = events
    .filter(({ resourceType }) => (resourceType === '') === (kind === ''))
    .map(({ resourceType, resources, reads, writes, excludedSources }) =>
      [
        resourceType,
        reads && writes ? 'reads and writes' : reads ? 'reads' : 'writes',
        resources.includes('*') ? '' : `of ${someOf(resources, 3)}`,
        excludedSources.length === 0 ? '' : `without ${excludedSources.join(', ')}`,
      ]
        .filter(Boolean)
        .join(' '),
    );
  if (kind === 'data' && otherRules > 0)
    texts.push(`${counted(otherRules, 'rule')} limited in other ways, which no decision rests on`);
  return texts.length === 0 ? 'off' : texts.join('; ');
}
