import { serviceOf } from '../../iam/catalogue.ts';
import { actionsWithout, isPattern, type DiffItem } from '../../iam/compare/diff.ts';
import { passedTo, type Condition } from '../../iam/policy/policy.ts';
import { groupBy } from '../../iam/order.ts';
import type { Proposal } from '../../synth/proposal.ts';
import { Reasons } from './remarks.ts';
import { seenOf, type Mark, type Row, type Section } from './section.ts';
import { commonest, counted, grouped, servicesText, someOf } from './words.ts';

/** Actions with one change in common that get a row each; more stand together. */
const namedAlike = 3;
/** Services named with what goes of them; more become a count. */
const namedServices = 24;

export const marks: Readonly<Record<DiffItem['kind'], Mark>> = {
  removed: '-',
  narrowed: '~',
  kept: '=',
  added: '+',
};

/** What changes for what evidence holds, then what goes; empty where today's policies are not known, or nothing may go. */
export function changeSections(p: Proposal): readonly Section[] {
  if (!p.diff || p.blocks.length > 0) return [];
  const reasons = new Reasons(p);
  const first = p.attention.flatMap((one) =>
    'resources' in one ? one.resources.map((resource) => `${one.action.toLowerCase()} ${resource}`) : [],
  );
  const said = new Set(first);
  const items = reasons
    .reviewed()
    .filter((item) => item.isDeny || !said.has(`${item.action.toLowerCase()} ${item.to ?? item.resource}`));
  return [...policyChanges(items, p.diff.items, reasons, p.unmapped), ...lostSection(p)];
}

/** What is added, narrowed, kept and removed. @param all those among which an action may stay on something else */
export function policyChanges(
  items: readonly DiffItem[],
  all: readonly DiffItem[],
  reasons?: Reasons,
  unmapped: Proposal['unmapped'] = [],
): readonly Section[] {
  const left = new Set(
    all.filter((item) => item.kind !== 'removed' && !item.isDeny).map(({ action }) => action),
  );
  const isGone = (item: DiffItem): boolean =>
    item.kind === 'removed' && !item.isDeny && !left.has(item.action);
  const parts = groupBy(items, isGone);
  const [gone = [], stays = []] = [true, false].map((is) => parts.get(is));
  const from = commonest(
    stays.flatMap((item) => (item.kind === 'narrowed' && !item.isDeny ? [item.from ?? ''] : [])),
  );
  const narrowed = stays.filter(({ kind }) => kind === 'narrowed' || kind === 'removed');
  const sections: readonly Section[] = [
    { title: 'Added', rows: changeRows(ofKind(stays, 'added'), reasons) },
    {
      title: 'Narrowed',
      ...(from === undefined ? {} : { about: `was ${from} unless said` }),
      rows: changeRows(narrowed, reasons, from),
    },
    { title: 'Kept', about: 'as today', rows: changeRows(ofKind(stays, 'kept'), reasons) },
    ...removedSection(gone, unmapped),
  ];
  return sections.filter(({ rows }) => rows.length > 0);
}

const ofKind = (items: readonly DiffItem[], kind: DiffItem['kind']): readonly DiffItem[] =>
  items.filter((item) => item.kind === kind);

/** One change, with an item for each action it is made to. */
type Change = readonly DiffItem[];

/** Changes by the actions they are made to, never their product; what was used apart from what only doubt holds. @param from what was granted before, where it goes without saying */
function changeRows(items: readonly DiffItem[], reasons?: Reasons, from?: string): readonly Row[] {
  const changes = groupBy(items, (item) =>
    JSON.stringify([{ ...item, action: '', accessLevel: '' }, reasons?.whyHeld(item)]),
  );
  const statements = groupBy(changes.values(), (change) => change.map(({ action }) => action).join());
  return [...statements.values()].flatMap((alike): readonly Row[] => {
    const [names] = alike;
    if (alike.length === 1 && names.length <= namedAlike)
      return names.map((item) => changeRow([item], item.action, reasons, from));
    return alike.map((change, i) => ({
      ...changeRow(change, names.length === 1 ? (names[0]?.action ?? '') : countText(names), reasons, from),
      ...(names.length > 1 ? { of: names[0]?.action ?? '' } : {}),
      ...(names.length > 1 && i === alike.length - 1 ? { names: names.map(({ action }) => action) } : {}),
    }));
  });
}

/** `5 ecs actions`, `7 actions` of several services. */
function countText(items: readonly DiffItem[]): string {
  const services = new Set(items.map(({ action }) => serviceOf(action)));
  const [service = ''] = services;
  return counted(items.length, services.size === 1 ? `${service} action` : 'action');
}

function changeRow(
  change: Change,
  what: string,
  reasons: Reasons | undefined,
  from: string | undefined,
): Row {
  const [item] = change;
  if (!item) return { mark: ' ', what };
  const { isDeny, kind, resource } = item;
  const to = item.to ?? resource;
  const because = reasons?.because(change);
  const why = [...whyParts(item, [...(reasons?.remarksOn(change) ?? []), ...(because?.why ?? [])])];
  return {
    mark: marks[kind],
    what,
    where: kind === 'narrowed' && !isDeny && item.from !== from ? `${item.from ?? ''} -> ${to}` : to,
    ...(because && because.calls.length > 0 ? { seen: seenOf(because.calls) } : {}),
    ...(why.length > 0 ? { why: why.join(', ') } : {}),
  };
}

/** What goes, service by service, and how much of it opened a way to more rights. */
function removedSection(items: readonly DiffItem[], unmapped: Proposal['unmapped']): readonly Section[] {
  const all = groupBy(new Set(items.map(({ action }) => action)), isPattern);
  const [actions = [], patterns = []] = [false, true].map((is) => all.get(is));
  if (items.length === 0) return [];
  if (actions.length + patterns.length <= namedAlike && unmapped.length === 0)
    return [{ title: 'Removed', rows: changeRows(items) }];
  const loud = [...new Set(items.filter((item) => item.privilegeEscalation).map(({ action }) => action))];
  const services = [...groupBy(actions, serviceOf)].sort(([, a], [, b]) => b.length - a.length);
  const texts = services.map(([service, list]) => {
    const unread = unmapped.filter((call) => call.services.includes(service)).length;
    const what = list.length > 1 ? `${service} ${grouped(list.length)}` : (list[0] ?? service);
    return `${what}${unread > 0 ? ` (${counted(unread, 'unmapped call')})` : ''}`;
  });
  return [
    {
      title: 'Removed',
      about: counted(actions.length, 'action'),
      rows: [
        ...(texts.length > 0 ? [someOf(texts, namedServices, 'service')] : []),
        ...(patterns.length > 0
          ? [`patterns that match no known action: ${someOf(patterns, namedAlike)}`]
          : []),
        ...(loud.length > 0 ? [`privilege escalation goes: ${someOf(loud, namedServices / 2)}`] : []),
      ].map((what) => ({ mark: '-', what })),
    },
  ];
}

function lostSection(p: Proposal): readonly Section[] {
  const lost = p.unseen.filter((u) => !u.kept);
  if (lost.length === 0) return [];
  const actions = lost.map(({ action }) => action);
  const [about, remedy] =
    p.unobservable === 'drop'
      ? [
          'given up because of --unobservable drop; the log could not have shown them',
          'without --unobservable drop, those that a policy names or of a service in use stay',
        ]
      : [
          'only Action "*" or NotAction reaches them, and nothing of their service was used',
          'turn data events on, or name these services in a policy, to keep them',
        ];
  return [
    {
      title: 'Removed though unseen',
      about,
      rows: [
        { mark: '-', what: servicesText(actions, 8) },
        { mark: ' ', what: remedy },
      ],
    },
  ];
}

/** What there is to say of a change beside its action and resource. @param remarks what else is known of it */
export const whyParts = (item: DiffItem, remarks: readonly string[]): readonly string[] => [
  ...(item.isDeny ? [item.kind === 'added' ? 'a Deny lifted' : 'a Deny put'] : []),
  ...((item.condition ?? []).length > 0 ? [conditionText(item.condition ?? [])] : []),
  ...remarks,
  ...(item.privilegeEscalation ? ['privilege escalation'] : []),
];

/** `if aws:SourceVpce StringEquals vpce-1`, as short as it can be said. */
export const conditionText = (conditions: readonly Condition[]): string =>
  conditions
    .map((condition) => {
      const receivers = passedTo(condition);
      const { operator, key, values } = condition;
      return receivers ? `to ${receivers.join(' or ')}` : `if ${key} ${operator} ${values.join(' or ')}`;
    })
    .join(' and ');

/** How many distinct actions were allowed and are allowed, out of those of a diff that a filter lets through. */
export function actionCounts(
  items: readonly DiffItem[],
  isCounted: (item: DiffItem) => boolean,
): { readonly before: number; readonly after: number } {
  const own = items.filter(isCounted);
  return { before: actionsWithout('added', own).length, after: actionsWithout('removed', own).length };
}

/** Actions that change who may do what (access level "Permissions management"). */
export const isManagement = (item: DiffItem): boolean => item.accessLevel === 'Permissions management';
