import { overlaps } from '../../iam/pattern/language.ts';
import { byCodeUnit, groupBy } from '../../iam/order.ts';
import { resourcePattern } from '../../iam/pattern/pattern.ts';
import { arnName, type ArnName } from './arn-name.ts';
import { appliesTo, type CompiledStatement } from '../../iam/decide/compiled.ts';
import { ready, type Held, type Wanted } from '../held/current-grants.ts';
import { machineMade } from './machine-made-names.ts';
import type { Use } from '../usage/use.ts';

/**
 * Why a resource was widened. Each rule is a closure: more evidence never reaches less.
 * - `transient`: a type whose things come and go under ids AWS makes (instances, tasks, executions, streams, stacks)
 * - `machine-made`: an object key, stream or parameter with a date, UUID, hash or counter in its path
 * - `many-ids`: at least three ids of one shape and type were used
 * - `created`: the principal makes things of this type itself
 * - `siblings`: more than five names in one folder
 * - `regions`: the same thing in more than three Regions or accounts
 */
export type Rule = 'transient' | 'machine-made' | 'many-ids' | 'created' | 'siblings' | 'regions';

/** A widening, with what it stands for. */
export interface Fold {
  readonly rule: Rule;
  readonly action: string;
  readonly resource: string;
  /** Distinct resources seen that it replaces. */
  readonly seen: number;
}

/** How much evidence a rule needs. */
export interface Widening {
  /** Ids of one shape from which on they are a kind. */
  readonly manyIds: number;
  /** Names in one folder above which they are the folder. */
  readonly siblings: number;
  /** Regions or accounts above which they are any. */
  readonly regions: number;
}

/** The usual evidence; then, only where a policy does not fit, less and less, cheapest reach first. */
export const widening: readonly Widening[] = [
  { manyIds: 3, siblings: 5, regions: 3 },
  { manyIds: 2, siblings: 2, regions: 3 },
  { manyIds: 2, siblings: 1, regions: 2 },
];

/** Types whose things come and go; their ids are AWS's, and yesterday's is worth nothing tomorrow. */
const transient = new Set([
  'autoscaling:autoScalingGroup',
  'batch:job',
  'bedrock:async-invoke',
  'cloudformation:stack',
  'cloudformation:changeSet',
  'codebuild:build',
  'codebuild:build-batch',
  'ec2:fleet',
  'ec2:instance',
  'ec2:network-interface',
  'ec2:snapshot',
  'ec2:spot-fleet-request',
  'ec2:spot-instances-request',
  'ec2:volume',
  'ecs:container-instance',
  'ecs:service-deployment',
  'ecs:task',
  'elasticmapreduce:cluster',
  'glue:session',
  'logs:log-stream',
  'rds:auto-backup',
  'redshift-data:statement',
  'ssm:automation-execution',
  'ssm:session',
  'states:execution',
  'states:express',
  'textract:adapter',
]);

/** Types whose last part is a number that every change raises: yesterday's is not tomorrow's. */
const revisioned = new Set(['batch:job-definition', 'ecs:task-definition', 'lambda:layer']);

/** Actions that make things: what they made is theirs to touch, whatever id it got. */
const creating =
  /:(?:Create|Run|Register|Allocate|Request|Import|Copy|Restore|Launch|Publish|Start)([A-Z].*)/;

/** Whom a principal may become or hand on is never widened. */
const exact = new Set([
  'iam:PassRole',
  'sts:AssumeRole',
  'sts:AssumeRoleWithWebIdentity',
  'sts:AssumeRoleWithSAML',
]);

interface Wide {
  readonly use: Use;
  resource: string;
  rule: Rule | undefined;
  /** Of `use.resource`. */
  readonly cut: ArnName | undefined;
  /** The name of `cut`, its ids as `*`. */
  readonly pattern: string;
}

/** What uses ask for, in their order, with the resource that a person would write after reading all of them; and the reasons. */
export function generalize(
  uses: readonly Use[],
  held: Held | undefined,
  level: Widening,
): { readonly uses: readonly Wanted[]; readonly folds: readonly Fold[] } {
  const wide = uses.map((use): Wide => {
    const cut = arnName(use.resource);
    return { use, resource: use.resource, rule: undefined, cut, pattern: cut ? machineMade(cut.name) : '' };
  });
  const created = new Set(uses.flatMap(createdHead));
  const shapes = new Map<string, Set<string>>();
  for (const { resource, cut, pattern } of wide) {
    const shape = cut && cut.head + pattern;
    if (shape !== undefined) shapes.set(shape, (shapes.get(shape) ?? new Set()).add(resource));
  }
  const foldable = wide.filter(({ use }) => !exact.has(use.action));
  for (const item of foldable) foldIds(item, created, shapes, level);
  foldSiblings(foldable, level);
  foldRegions(foldable, level);
  const denies = (held?.denies ?? []).map(ready);
  const folded = wide.map((item) =>
    crossesDeny(item, denies) ? { ...item, resource: item.use.resource, rule: undefined } : item,
  );
  return { uses: folded.map(wanted), folds: foldsOf(folded) };
}

function wanted({ use, resource }: Wide): Wanted {
  if (resource === use.resource) return use;
  const { action, condition, context, star } = use;
  return { action, resource, condition, context, star };
}

/** Where the things lie that a use makes: its resource is their pattern, or of the type that the action names. */
function createdHead({ action, resource }: Use): readonly string[] {
  const noun = creating.exec(action)?.[1]?.toLowerCase();
  if (noun === undefined) return [];
  if (/[/:]\*$/.test(resource)) return [resource.slice(0, -1)];
  const cut = arnName(resource);
  const type = cut?.type.split(':')[1]?.replaceAll('-', '').toLowerCase();
  return cut && type !== undefined && noun.includes(type) ? [cut.head] : [];
}

/** Ids become `*` at their place. */
function foldIds(
  item: Wide,
  created: ReadonlySet<string>,
  shapes: ReadonlyMap<string, ReadonlySet<string>>,
  level: Widening,
): void {
  const { cut } = item;
  if (!cut) return;
  const name = revisioned.has(cut.type) && /^\d+$/.test(cut.name) ? '*' : item.pattern;
  if (name === cut.name) return;
  const seen = shapes.get(cut.head + name)?.size ?? 0;
  const rule = idRule(cut, created, seen >= level.manyIds);
  if (rule === undefined) return;
  item.resource = cut.head + name;
  item.rule = rule;
}

function idRule(
  { head, type, isPath }: ArnName,
  created: ReadonlySet<string>,
  isMany: boolean,
): Rule | undefined {
  if (transient.has(type) || revisioned.has(type)) return 'transient';
  if (isPath) return 'machine-made';
  if (created.has(head)) return 'created';
  // Ids of things that stay (a key, a subnet, a zone) are names: only many of them are a kind.
  return isMany && !type.startsWith('iam:') && type !== 'kms:key' ? 'many-ids' : undefined;
}

/** More than a few names of one action in one folder become the folder; the highest such folder counts. */
function foldSiblings(wide: readonly Wide[], level: Widening): void {
  for (const ofAction of groupBy(wide, ({ use }) => use.action).values()) {
    const children = new Map<string, Set<string>>();
    for (const { resource } of ofAction) {
      for (const { folder, child, isCounted } of foldersOf(resource)) {
        if (!isCounted) continue;
        const known = children.get(folder);
        if (known) known.add(child);
        else children.set(folder, new Set([child]));
      }
    }
    for (const member of ofAction) {
      const crowd = foldersOf(member.resource).find(
        ({ folder }) => (children.get(folder)?.size ?? 0) > level.siblings,
      );
      if (!crowd) continue;
      member.resource = `${crowd.folder}*`;
      member.rule = 'siblings';
    }
  }
}

interface Folder {
  readonly folder: string;
  /** What of the name stands next in it. */
  readonly child: string;
  /** In the parent itself only names count, not folders: six folders are no reason for a whole bucket. */
  readonly isCounted: boolean;
}

/** The folders a path lies in, from its parent down; none for what is no path. */
function foldersOf(resource: string): readonly Folder[] {
  const cut = arnName(resource);
  if (!cut?.isPath) return [];
  const found: Folder[] = [];
  let start = 0;
  while (start < cut.name.length) {
    const slash = cut.name.indexOf('/', start);
    const end = slash < 0 ? cut.name.length : slash + 1;
    const child = cut.name.slice(start, end);
    if (child !== '*')
      found.push({ folder: cut.head + cut.name.slice(0, start), child, isCounted: start > 0 || slash < 0 });
    start = end;
  }
  return found;
}

/** The same thing in many Regions or accounts. */
function foldRegions(wide: readonly Wide[], level: Widening): void {
  for (const field of [3, 4]) {
    const inField = wide.filter(({ resource }) => fieldOf(resource, field) !== '');
    const places = new Set(inField.map(({ resource }) => fieldOf(resource, field)));
    if (places.size <= level.regions) continue;
    const without = (resource: string): string => {
      const fields = resource.split(':');
      return [...fields.slice(0, field), '', ...fields.slice(field + 1)].join(':');
    };
    for (const members of groupBy(
      inField,
      ({ use, resource }) => `${use.action} ${without(resource)}`,
    ).values()) {
      if (new Set(members.map(({ resource }) => fieldOf(resource, field))).size <= level.regions) continue;
      for (const member of members) {
        const fields = member.resource.split(':');
        member.resource = [...fields.slice(0, field), '*', ...fields.slice(field + 1)].join(':');
        member.rule = 'regions';
      }
    }
  }
}

/** A field of an ARN; '' for what is no ARN. */
function fieldOf(resource: string, field: number): string {
  if (!resource.startsWith('arn:')) return '';
  let start = 0;
  for (let i = 0; i < field; i++) {
    start = resource.indexOf(':', start) + 1;
    if (start === 0) return '';
  }
  const end = resource.indexOf(':', start);
  return resource.slice(start, end < 0 ? undefined : end);
}

/** Whether a widened resource reaches into something that is denied today and the used one does not. */
function crossesDeny({ use, resource, rule }: Wide, denies: readonly CompiledStatement[]): boolean {
  if (rule === undefined || denies.length === 0) return false;
  const wider = resourcePattern(resource, true);
  const used = resourcePattern(use.resource, true);
  return denies.some(
    (deny) =>
      appliesTo(deny, use.action) &&
      (deny.resources.kind === 'except' ||
        deny.resources.patterns.some((pattern) => overlaps(pattern, wider) && !overlaps(pattern, used))),
  );
}

function foldsOf(wide: readonly Wide[]): readonly Fold[] {
  const groups = groupBy(
    wide.filter(({ rule }) => rule !== undefined),
    ({ use, resource }) => `${use.action}\u0000${resource}`,
  );
  return [...groups]
    .sort(([a], [b]) => byCodeUnit(a, b))
    .flatMap(([, list]) => {
      const [first] = list;
      if (!first?.rule) return [];
      return [
        {
          rule: first.rule,
          action: first.use.action,
          resource: first.resource,
          seen: new Set(list.map(({ use }) => use.resource)).size,
        },
      ];
    });
}
