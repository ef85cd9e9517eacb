import type { DiffItem } from '../../iam/compare/diff.ts';
import { groupBy } from '../../iam/order.ts';
import { printable } from '../../iam/printable.ts';
import type { Proposal } from '../../synth/proposal.ts';
import { changeLine, pad } from './change-lines.ts';
import type { Colors } from './colors.ts';
import { reasonsOf, remarksOn, reviewed, sharedRemarks, type Reasons } from './remarks.ts';
import type { Section } from './section.ts';
import { counted, wrapped } from './words.ts';

/** Removed actions of one service that are named one by one; more become a count. */
const namedRemovals = 3;
/** Services of which nothing stays that are named one by one; more become a count. */
const namedServices = 8;
/** Actions with one change in common that get a line each; more stand together. */
const namedAlike = 3;
/** Resources of one group of actions shown where room is short. */
const namedResources = 12;

/** What changes, service by service; empty where today's policies are not known. */
export function changeSections(p: Proposal, c: Colors, isShort: boolean): readonly Section[] {
  if (!p.diff) return [];
  const reasons = reasonsOf(p);
  const services = groupBy(reviewed(p, reasons), serviceOf);
  const gone = [...services].filter(([, list]) =>
    list.every((item) => item.kind === 'removed' && !item.isDeny),
  );
  const folded = new Set(gone.length > namedServices ? gone.map(([service]) => service) : []);
  const shown = [...services].filter(([service]) => !folded.has(service));
  return [
    ...lostSection(p),
    ...shown.map(([service, list]) =>
      serviceSection(service, list, unreadOf(p, service), reasons, isShort, c),
    ),
    ...goneSection(
      gone.filter(([service]) => folded.has(service)),
      c,
    ),
  ];
}

const serviceOf = ({ action }: Pick<DiffItem, 'action'>): string => action.split(':')[0] ?? '';

/** Services that an `Action: "*"` reaches and nobody used: one line for all of them. */
function goneSection(
  services: readonly (readonly [string, readonly DiffItem[]])[],
  c: Colors,
): readonly Section[] {
  if (services.length === 0) return [];
  const items = services.flatMap(([, list]) => list);
  const actions = new Set(items.map((item) => item.action)).size;
  const loud = new Set(items.filter((item) => item.privilegeEscalation).map((item) => item.action)).size;
  const escalation = loud > 0 ? `, ${counted(loud, 'action')} of privilege escalation among them` : '';
  return [
    {
      title: `${counted(services.length, 'more service')} of which nothing was used`,
      lines: [c.removed(`  - ${pad(counted(actions, 'action'))}  unused${escalation} (--json shows all)`)],
    },
  ];
}

function lostSection(p: Proposal): readonly Section[] {
  const lost = p.unseen.filter((u) => !u.kept);
  if (lost.length === 0) return [];
  const services = [...groupBy(lost, serviceOf)];
  const names = services
    .slice(0, 8)
    .map(([service, list]) => `${service} (${new Set(list.map((u) => u.action)).size})`);
  const [about, remedy] =
    p.unobservable === 'drop'
      ? [
          'given up because of --unobservable drop; the log could not have shown them',
          'without --unobservable drop, those that a policy names or of a service in use stay',
        ]
      : [
          'only Action "*" reaches them, and nothing of their service was used',
          'turn data events on, or name these services in a policy, to keep them',
        ];
  const more = services.length > 8 ? ` and ${services.length - 8} more services` : '';
  return [
    {
      title: 'Removed though unseen',
      about,
      lines: [`  - ${printable(names.join(', '))}${more}`, `    ${remedy}`],
    },
  ];
}

/** Calls that may be of a service and that nobody can read: what is removed of it is removed in spite of them. */
const unreadOf = ({ unmapped }: Proposal, service: string): number =>
  unmapped.filter(({ services }) => services.includes(service)).length;

function serviceSection(
  service: string,
  items: readonly DiffItem[],
  unread: number,
  reasons: Reasons,
  isShort: boolean,
  c: Colors,
): Section {
  const removed = [
    ...groupBy(
      items.filter((i) => i.kind === 'removed' && !i.isDeny),
      (i) => i.action,
    ),
  ];
  const quiet = removed.filter(([, list]) => !list.some((i) => i.privilegeEscalation));
  const loud = removed.filter(([, list]) => list.some((i) => i.privilegeEscalation));
  const others = items.filter((i) => i.kind !== 'removed' || i.isDeny);
  const beside = unread > 0 ? `, ${counted(unread, 'unmapped call')}` : '';
  const fewNamed = (list: readonly (readonly [string, readonly DiffItem[]])[], why: string): string[] =>
    list.length <= namedRemovals
      ? list.map(([action]) => c.removed(`  - ${pad(action)}  ${why}${beside}`))
      : [c.removed(`  - ${pad(`${list.length} actions`)}  ${why}${beside}`)];
  return {
    title: printable(service.toUpperCase()),
    lines: statementsOf(others).flatMap((changes) => statementLines(changes, reasons, isShort, c)),
    last: [...fewNamed(loud, 'unused, privilege escalation'), ...fewNamed(quiet, 'unused')],
  };
}

/** One change, with an item for each action it is made to. */
type Change = readonly DiffItem[];

/** Changes by the actions they are made to, as a statement puts actions and resources together: never their product. */
function statementsOf(items: readonly DiffItem[]): readonly (readonly Change[])[] {
  const changes = groupBy(items, (item) => JSON.stringify({ ...item, action: '', accessLevel: '' }));
  return [...groupBy(changes.values(), (change) => change.map(({ action }) => action).join()).values()];
}

function statementLines(
  changes: readonly Change[],
  reasons: Reasons,
  isShort: boolean,
  c: Colors,
): readonly string[] {
  const [first = []] = changes;
  if (changes.length === 1 && first.length <= namedAlike)
    return first.map((item) => changeLine(item, remarksOn(item, reasons), c));
  const shown = isShort ? changes.slice(0, namedResources) : changes;
  const names = first.map(({ action }) => action);
  const nameOf = (i: number): string | undefined =>
    names.length === 1 ? names[0] : i === 0 ? counted(names.length, 'action') : '';
  const lines = shown.flatMap((change, i) => {
    const [item] = change;
    return item ? [changeLine(item, sharedRemarks(change, reasons), c, nameOf(i))] : [];
  });
  const more = changes.length - shown.length;
  return [
    ...lines,
    ...(more > 0 ? [`    and ${counted(more, 'more resource')} (--json shows all)`] : []),
    ...(names.length > 1
      ? wrapped(
          names.map((action) => printable(action.slice(action.indexOf(':') + 1))),
          '      ',
        )
      : []),
  ];
}
