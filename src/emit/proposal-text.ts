import { dayText } from '../iam/days.ts';
import type { DiffItem } from '../iam/diff.ts';
import { groupBy } from '../iam/order.ts';
import { toJson } from '../iam/policy-json.ts';
import type { Proposal } from '../synth/generate.ts';
import { actionCounts, changeLine, isManagement, limited, pad } from './change-text.ts';
import { colors, type Colors } from './colors.ts';
import { elsewhereReason } from './elsewhere.ts';
import { pinLines } from './pins.ts';
import { planLines } from './plan.ts';
import { reasonsOf, remarksOn, unseenText, type Reasons } from './remarks.ts';
import { counted, grouped } from './text.ts';
import { printable } from '../iam/printable.ts';

/** How the review is written. */
export interface TextOptions {
  readonly color: boolean;
  /** `none`: headline and proof alone. */
  readonly diff: 'text' | 'none';
  /** Lines of one kind shown in a section; all of them without. */
  readonly most?: number;
}

/** Removed actions of one service that are named one by one; more become a count. */
const namedRemovals = 3;
/** Services of which nothing stays that are named one by one; more become a count. */
const namedServices = 8;

/** The review of one proposal: headline, changes by service, what was kept unseen, what was not added, proof. */
export function proposalText(p: Proposal, options: TextOptions): string {
  const c = colors(options.color);
  const { most } = options;
  const sections =
    options.diff === 'none'
      ? []
      : [
          ...(p.diff ? changes(p, c, most) : [policies(p)]),
          ...unseenSections(p, c, most),
          ...pinLines(p.pins, c, most),
          ...elsewhere(p, c, most),
          ...openQuestions(p, c, most),
          ...(p.plan.length > 0 ? [`${c.strong('Plan')}\n${limited(planLines(p.plan), most)}`] : []),
        ];
  return [headline(p, c), ...sections, proof(p, c)].join('');
}

function headline(p: Proposal, c: Colors): string {
  const { kind, name, account } = p.identity;
  const days = p.window.until - p.window.since + 1;
  const missing = p.gaps.reduce((sum, gap) => sum + gap.until - gap.since + 1, 0);
  const gaps = missing > 0 ? `, ${grouped(missing)} of them without any log` : '';
  const title = c.strong(`${kind}/${printable(name)}`);
  const window = `${dayText(p.window.since)} to ${dayText(p.window.until)}, ${counted(days, 'day')}${gaps}`;
  const line = `${title}  ${printable(account)}        ${window}\n`;
  if (!p.diff)
    return `${line}${counted(p.actionsAfter, 'action')} used; give --current to see what changes\n`;
  const blocks = p.blocks.map((line) => c.narrowed(`${printable(line)}\n`)).join('');
  const { before, after } = actionCounts(p.diff.items, isManagement);
  const broadened = p.diff.broadened ? c.removed('BROADENED') : 'not broadened';
  return `${line}${grouped(p.actionsBefore)} -> ${counted(p.actionsAfter, 'action')}   permissions management ${before} -> ${after}   ${broadened}\n${blocks}`;
}

const policies = (p: Proposal): string => p.documents.map(toJson).join('');

function changes(p: Proposal, c: Colors, most: number | undefined): readonly string[] {
  const unseen = new Set(
    [...p.unseen.filter((u) => u.kept).map((u) => u.action), ...p.pins.flatMap((pin) => pin.actions)].map(
      (action) => action.toLowerCase(),
    ),
  );
  const reasons = reasonsOf(p);
  const isUnchanged = (p.diff?.items ?? []).every((item) => item.kind === 'kept');
  const items = (p.diff?.items ?? []).filter(
    (i) =>
      reasons.uses.has(i.action.toLowerCase()) ||
      i.kind === 'removed' ||
      (!isUnchanged && !unseen.has(i.action.toLowerCase())),
  );
  const services = groupBy(items, (item) => item.action.split(':')[0] ?? '');
  const gone = [...services].filter(([, list]) =>
    list.every((item) => item.kind === 'removed' && !item.isDeny),
  );
  const folded = new Set(gone.length > namedServices ? gone.map(([service]) => service) : []);
  const shown = [...services].filter(([service]) => !folded.has(service));
  return [
    lostSection(p, c),
    ...shown.map(([service, list]) => serviceSection(service, list, reasons, most, c)),
    goneSection(
      gone.filter(([service]) => folded.has(service)),
      c,
    ),
  ];
}

/** Services that an `Action: "*"` reaches and nobody used: one line for all of them. */
function goneSection(services: readonly (readonly [string, readonly DiffItem[]])[], c: Colors): string {
  if (services.length === 0) return '';
  const items = services.flatMap(([, list]) => list);
  const actions = new Set(items.map((item) => item.action)).size;
  const loud = new Set(items.filter((item) => item.privilegeEscalation).map((item) => item.action)).size;
  const escalation = loud > 0 ? `, ${counted(loud, 'action')} of privilege escalation among them` : '';
  return (
    `${c.strong(`${counted(services.length, 'more service')} of which nothing was used`)}\n` +
    c.removed(`  - ${pad(counted(actions, 'action'))}  unused${escalation} (--json shows all)`) +
    '\n'
  );
}

function lostSection(p: Proposal, c: Colors): string {
  const lost = p.unseen.filter((u) => !u.kept);
  if (lost.length === 0) return '';
  const services = [...groupBy(lost, (u) => u.action.split(':')[0] ?? '')];
  const names = services
    .slice(0, 8)
    .map(([service, list]) => `${service} (${new Set(list.map((u) => u.action)).size})`);
  const [why, remedy] =
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
  return (
    `${c.strong('Removed though unseen')}: ${why}\n` +
    `  - ${printable(names.join(', '))}${more}\n` +
    `    ${remedy}\n`
  );
}

function serviceSection(
  service: string,
  items: readonly DiffItem[],
  reasons: Reasons,
  most: number | undefined,
  c: Colors,
): string {
  const removed = [
    ...groupBy(
      items.filter((i) => i.kind === 'removed' && !i.isDeny),
      (i) => i.action,
    ),
  ];
  const quiet = removed.filter(([, list]) => !list.some((i) => i.privilegeEscalation));
  const loud = removed.filter(([, list]) => list.some((i) => i.privilegeEscalation));
  const others = items.filter((i) => i.kind !== 'removed' || i.isDeny);
  const lines = others.map((item) => changeLine(item, remarksOn(item, reasons), c));
  const fewNamed = (list: readonly (readonly [string, readonly DiffItem[]])[], why: string): string[] =>
    list.length <= namedRemovals
      ? list.map(([action]) => c.removed(`  - ${pad(action)}  ${why}`))
      : [c.removed(`  - ${pad(`${list.length} actions`)}  ${why}`)];
  lines.push(...fewNamed(loud, 'unused, privilege escalation'), ...fewNamed(quiet, 'unused'));
  return `${c.strong(service.toUpperCase())}\n${limited(lines, most)}`;
}

function unseenSections(p: Proposal, c: Colors, most: number | undefined): readonly string[] {
  const kept = p.unseen.filter((u) => u.kept);
  if (kept.length === 0) return [];
  const groups = [...groupBy(kept, (u) => JSON.stringify([u.action.split(':')[0], u.resource, u.reason]))];
  const lines = groups.map(([, list]) => {
    const [first] = list;
    if (!first) return '';
    const more = list.length > 1 ? ` and ${list.length - 1} more` : '';
    return `  = ${pad(first.action + more)}  ${printable(first.resource)}   ${unseenText(first)}`;
  });
  return [`${c.strong('Kept: the log could not have shown them')}\n${limited(lines, most)}`];
}

function elsewhere(p: Proposal, c: Colors, most: number | undefined): readonly string[] {
  const uses = p.verdicts.filter(({ verdict }) => verdict.kind === 'granted-elsewhere').map(({ use }) => use);
  if (uses.length === 0) return [];
  const groups = [...groupBy(uses, (use) => JSON.stringify([use.action, use.resource]))];
  const lines = groups.map(([, list]) => {
    const [first] = list;
    if (!first) return '';
    return `  ! ${pad(first.action)}  ${printable(first.resource)}   ${counted(list.length, 'use')} (${elsewhereReason(first, p.identity.accounts)})`;
  });
  return [`${c.strong('Not added: allowed by something else than these policies')}\n${limited(lines, most)}`];
}

function openQuestions(p: Proposal, c: Colors, most: number | undefined): readonly string[] {
  const sections: string[] = [];
  if (p.overflow.length > 0) {
    const lines = p.overflow.map((line) => c.removed(`  ${printable(line)}`));
    sections.push(`${c.strong('Does not fit')}\n${limited(lines, most)}`);
  }
  if (p.unmapped.length > 0) {
    const groups = [...groupBy(p.unmapped, (u) => `${u.eventSource} ${u.eventName}`)];
    const lines = groups.map(([name, list]) => `  ? ${pad(name)}  ${printable(list[0]?.reason ?? '')}`);
    sections.push(
      `${c.strong('Unmapped: which permission these calls need is not known')}\n${limited(lines, most)}`,
    );
  }
  const open = p.verdicts.flatMap(({ use, verdict }) =>
    verdict.kind === 'undetermined' ? [{ use, keys: verdict.keys }] : [],
  );
  if (open.length > 0) {
    const lines = open.map(
      ({ use, keys }) =>
        `  ? ${pad(use.action)}  ${printable(use.resource)}   depends on ${printable(keys.join(', '))}`,
    );
    sections.push(
      `${c.strong('Undetermined: the log does not show what these depend on')}\n${limited(lines, most)}`,
    );
  }
  if (p.inconclusive.length > 0) {
    const lines = p.inconclusive.map(
      ({ use, kept }) =>
        `  ? ${pad(use.action)}  ${printable(use.resource)}   ${printable(use.errorCode)}${kept ? ', kept' : ', not granted'}`,
    );
    sections.push(
      `${c.strong('Inconclusive: these calls failed in a way that proves nothing')}\n${limited(lines, most)}`,
    );
  }
  if (p.notes.length > 0)
    sections.push(
      `${c.strong('Notes')}\n${limited(
        p.notes.map((note) => `  ${printable(note)}`),
        most,
      )}`,
    );
  return sections;
}

function proof(p: Proposal, c: Colors): string {
  const { proof: f } = p;
  const judged = f.allowed + f.denied;
  const denied = f.denied > 0 ? c.removed(`${grouped(f.denied)} DENIED`) : '0 denied';
  const excluded =
    p.excluded > 0 ? `       left out by --exclude: ${counted(p.excluded, 'kind')} of call\n` : '';
  return (
    `proof  ${grouped(f.allowed)} of ${counted(judged, 'use')} still allowed, ${denied} (${counted(f.callsAsDelivered, 'call')} as delivered in all)\n` +
    `       not judged: ${grouped(f.grantedElsewhere)} granted elsewhere, ${grouped(f.undetermined)} undetermined, ${grouped(f.unmapped)} unmapped, ${grouped(f.noPermission)} needing no permission\n` +
    excluded
  );
}
