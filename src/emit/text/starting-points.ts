import type { Identity } from '../../cloudtrail/identity.ts';
import { actionInfo } from '../../iam/catalogue.ts';
import { dayText, type Window } from '../../iam/days.ts';
import { groupBy } from '../../iam/order.ts';
import { printable } from '../../iam/printable.ts';
import type { Pin } from '../../synth/keep/pins.ts';
import type { Beyond, ManagedCover } from '../../synth/managed-cover.ts';
import type { Cluster, Duty } from '../../synth/usage/duties.ts';
import type { Use } from '../../synth/usage/use.ts';
import { principalJson } from '../json/changes.ts';
import type { Colors } from '../review/layout.ts';
import { counted, grouped, servicesText, someOf, spanText, table } from '../review/words.ts';

/** Where to begin with a principal: for those who have no policy yet, or want none of their own. */
export interface StartingPoint {
  readonly identity: Identity;
  readonly window: Window;
  readonly uses: readonly Use[];
  readonly cover: ManagedCover;
  /** Undefined where nobody has the same duty. */
  readonly cluster: Cluster | undefined;
  /** Undefined without today's policies, of which alone something can be kept. */
  readonly pins: readonly Pin[] | undefined;
}

/** Names that are written out; more are counted. */
const most = 5;

const percent = (share: number): string => `${Math.floor(100 * share)}%`;
const nameOf = ({ kind, name }: Identity): string => `${kind}/${name}`;
const gainOf = ({ used }: Duty, { actions }: Cluster): readonly string[] =>
  actions.filter((action) => !used.has(action));

/** Principals with the same duty, and what each would gain by a policy for all of them. */
export function clustersText(clusters: readonly Cluster[], from: number): string {
  const alike = `at least ${percent(from)} of actions and services in common`;
  if (clusters.length === 0) return `no two principals with the same duty (${alike})\n`;
  const blocks = clusters.map((cluster) =>
    [
      `\n${counted(cluster.members.length, 'principal')}, ${percent(cluster.likeness)} in common   ${counted(cluster.actions.length, 'action')} together: ${servicesText(cluster.actions, most)}\n`,
      membersTable(cluster),
    ].join(''),
  );
  return [`same duty: ${counted(clusters.length, 'group')} (${alike})\n`, ...blocks].join('');
}

/** Each member with what it uses, and what a policy of all that any of them uses would add. */
const membersTable = (cluster: Cluster): string =>
  table(
    cluster.members.map((duty) => {
      const gain = gainOf(duty, cluster);
      const writes = gain.filter((action) => isGrave(action)).length;
      const some =
        gain.length === 0 ? '' : `: ${someOf(gain, 3)}${writes > 0 ? `, ${grouped(writes)} can write` : ''}`;
      return [
        `  ${nameOf(duty.identity)}`,
        duty.identity.account,
        counted(duty.used.size, 'action'),
        `a shared policy adds ${grouped(gain.length)}${some}`,
      ];
    }),
  );

const isGrave = (action: string): boolean =>
  !['List', 'Read'].includes(actionInfo(action)?.accessLevel ?? '');

/** One line of `principals --alike --json`. */
export const clusterJson = (cluster: Cluster): object => ({
  likeness: cluster.likeness,
  actions: cluster.actions,
  members: cluster.members.map((duty) => ({
    principal: principalJson(duty.identity),
    actions: duty.used.size,
    gains: gainOf(duty, cluster),
  })),
});

/** Where to begin with one principal. */
export function startingPointText(
  { identity, window, uses, cover, cluster, pins }: StartingPoint,
  c: Colors,
): string {
  const actions = new Set(uses.map(({ action }) => action)).size;
  return [
    c.strong(printable(`${nameOf(identity)}  ${identity.account}`)),
    `   ${spanText(window)}   ${counted(uses.length, 'use')} of ${counted(actions, 'action')}\n`,
    ...(uses.length === 0 ? [] : coverLines(cover, uses.length, c)),
    ...(cluster
      ? [
          `\n${c.strong('Same duty')}   ${counted(cluster.members.length, 'principal')}, ${percent(cluster.likeness)} in common\n`,
          membersTable(cluster),
        ]
      : []),
    ...pinLines(identity, pins, c),
    '\n',
  ].join('');
}

function coverLines(cover: ManagedCover, uses: number, c: Colors): readonly string[] {
  const { policies, left, beyond, escalations } = cover;
  const title = `\n${c.strong('AWS managed policies')}   as of ${cover.date}\n`;
  const rest = [...groupBy(left, ({ action }) => action)].map(
    ([action, own]) => `${action}${own.length > 1 ? ` (${grouped(own.length)} uses)` : ''}`,
  );
  return [
    title,
    ...policies.map(({ arn }) => `  ${arn}\n`),
    left.length === 0
      ? `  allow all ${counted(uses, 'use')}\n`
      : `  none covers all: ${grouped(left.length)} of ${counted(uses, 'use')} left over, ${printable(someOf(rest, most))}\n`,
    ...(policies.length > 0
      ? [
          `  ${counted(beyond.length, 'action')} beyond its use${beyond.length > 0 ? `: ${riskCounts(beyond)}` : ''}\n`,
          ...(beyond.length > 0
            ? [
                `    ${someOf(
                  beyond.map(({ action }) => action),
                  5,
                )}\n`,
              ]
            : []),
          ...escalations.slice(0, most).map((way) => `  ${c.removed('!')} ${way}\n`),
          ...(escalations.length > most
            ? [`  and ${counted(escalations.length - most, 'more way')} to more rights\n`]
            : []),
        ]
      : []),
  ];
}

const riskCounts = (beyond: readonly Beyond[]): string =>
  [...groupBy(beyond, ({ risk }) => risk)]
    .map(([risk, own]) => `${grouped(own.length)} ${risk.replace('-', ' ')}`)
    .join(', ');

/** Pins as the configuration file takes them, but for an owner. */
function pinLines(identity: Identity, pins: readonly Pin[] | undefined, c: Colors): readonly string[] {
  const title = `\n${c.strong('Likely to be needed')}   `;
  if (!pins) return [`${title}give --current: only what is held today can be kept\n`];
  if (pins.length === 0) return [`${title}nothing that is held today and was not used\n`];
  const members = ({ action, resource, reason, expires }: Pin): readonly string[] => [
    `principal: ${JSON.stringify(identity.arn)}`,
    `action: ${action}`,
    `resource: ${JSON.stringify(resource)}`,
    `reason: ${JSON.stringify(reason)}`,
    `owner: "" # who answers for it`,
    `expires: ${dayText(expires)}`,
  ];
  return [
    `${title}held today and not used; to keep it, into the file of --config with an owner:\n`,
    'pins:\n',
    ...pins.flatMap((pin) =>
      members(pin).map((line, i) => `${i === 0 ? '  - ' : '    '}${printable(line)}\n`),
    ),
  ];
}

/** One line of `principals --principal P --json`. */
export const startingPointJson = ({
  identity,
  window,
  uses,
  cover,
  cluster,
  pins,
}: StartingPoint): object => ({
  principal: principalJson(identity),
  window: { since: dayText(window.since), until: dayText(window.until) },
  uses: uses.length,
  managedPolicies: {
    date: cover.date,
    arns: cover.policies.map(({ arn }) => arn),
    left: cover.left.map(({ action, resource }) => ({ action, resource })),
    beyond: cover.beyond,
    escalations: cover.escalations,
  },
  alike: cluster ? clusterJson(cluster) : null,
  foreseen:
    pins?.map(({ action, resource, reason, expires }) => ({
      action,
      resource,
      reason,
      expires: dayText(expires),
    })) ?? null,
});
