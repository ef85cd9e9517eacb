import { groupBy } from '../../iam/order.ts';
import type { Use } from '../usage/use.ts';
import { arnName, type ArnName, counted, machineMade } from './arn-name.ts';
import type { Alike, Rule, Wide, Widening } from './fold.ts';

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

/** What becomes of uses where ids, counters and common prefixes are `*` at their place. */
export function foldNames(all: readonly Alike[], uses: readonly Use[], level: Widening): readonly Wide[] {
  const made = all.filter(({ isMade }) => isMade);
  const created = new Set(
    made.map(({ resource, cut, pattern }) =>
      cut && !resource.endsWith('*') ? cut.head + pattern : resource.slice(0, -1),
    ),
  );
  const shapes = new Map<string, Set<string | undefined>>();
  for (const { cut, pattern, at } of all) {
    const ids = cut && (shapes.get(cut.head + pattern) ?? new Set());
    if (ids) shapes.set(cut.head + pattern, ids);
    // More than enough need not be counted.
    for (const one of at) if (ids && ids.size < level.manyIds) ids.add(uses[one]?.resource);
  }
  const wide = all.flatMap((of) => {
    const item: Wide = { of, resource: of.resource, rule: undefined };
    foldId(item, created, shapes, level);
    return item.rule === undefined ? apart(of, uses) : item;
  });
  foldSecrets(wide, made);
  const named = wide.filter(({ of }) => of.cut !== undefined);
  // What the principal makes under many names is its own in whatever it does with it.
  for (const some of groupBy(named, ({ of: { cut } }) => cut?.head ?? '').values()) {
    if (!isOwn(some)) continue;
    foldCounters(some, level.manyIds, isOwn);
    if (some[0].of.cut?.isPath === false) foldPrefixes(some, level.manyIds - 1, isOwn);
  }
  // Whom other names of a role or user mean is not for a name to say.
  const others = named.filter(({ of }) => of.cut?.type.startsWith('iam:') === false);
  for (const some of groupBy(others, ({ of: { action, cut } }) => `${action} ${cut?.head ?? ''}`).values()) {
    foldCounters(some, level.manyIds);
    if (some[0].of.cut?.isPath === false) foldPrefixes(some, level.siblings);
  }
  return wide;
}

const isOwn = (some: readonly Wide[]): boolean => some.some(({ of }) => of.isMade);

/** What a secret's ARN ends in is not known before it is made: one that the principal makes is any of its name. */
function foldSecrets(wide: readonly Wide[], made: readonly Alike[]): void {
  const secrets = new Set(made.flatMap(({ cut }) => (cut?.tail === '-??????' ? [cut.head + cut.name] : [])));
  for (const item of wide) {
    const { cut } = item.of;
    if (cut?.tail.startsWith('-') === true && secrets.has(cut.head + cut.name))
      rename(item, nameOf(item), 'created');
  }
}

function widen(item: Wide, resource: string, rule: Rule): void {
  if (resource === item.resource) return;
  item.resource = resource;
  item.rule = rule;
}

/** Groups uses, in the order of the first of each. Whether those fold that lose an id to `*` hangs on the rest of their names alone. */
export function alikeOf(uses: readonly Use[]): readonly Alike[] {
  const groups = new Map<string, Map<string, Alike>>();
  for (const [at, { action, resource }] of uses.entries()) {
    const cut = arnName(resource);
    const pattern = cut ? machineMade(cut.name) : '';
    const isShaped = cut && pattern !== cut.name && cut.tail === '' && !resource.endsWith('*');
    const shape = isShaped ? `\u0000${cut.head}\u0000${pattern}\u0000${cut.type}` : resource;
    const ofAction = groups.get(action) ?? new Map<string, Alike>();
    groups.set(action, ofAction);
    const known = ofAction.get(shape);
    if (known) known.at.push(at);
    else
      ofAction.set(shape, { action, at: [at], resource, cut, pattern, isMade: makes(action, resource, cut) });
  }
  return [...groups.values()]
    .flatMap((ofAction) => [...ofAction.values()])
    .sort(({ at: [a = 0] }, { at: [b = 0] }) => a - b);
}

/** Uses of which no id folds, each resource by itself. */
const apart = (of: Alike, uses: readonly Use[]): readonly Wide[] =>
  of.at.length === 1
    ? [{ of, resource: of.resource, rule: undefined }]
    : [...groupBy(of.at, (at) => uses[at]?.resource ?? '')].map(([resource, at]) => ({
        of: { ...of, at, resource, cut: arnName(resource) },
        resource,
        rule: undefined,
      }));

function makes(action: string, resource: string, cut: ArnName | undefined): boolean {
  const noun = creating.exec(action)?.[1]?.toLowerCase();
  if (noun === undefined) return false;
  const type = cut?.type.split(':')[1]?.replaceAll('-', '').toLowerCase();
  return /[/:]\*$/.test(resource) || (type !== undefined && noun.includes(type));
}

function foldId(
  item: Wide,
  created: ReadonlySet<string>,
  shapes: ReadonlyMap<string, ReadonlySet<unknown>>,
  level: Widening,
): void {
  const { cut, pattern } = item.of;
  if (!cut) return;
  const name = revisioned.has(cut.type) && /^\d+$/.test(cut.name) ? '*' : pattern;
  if (name === cut.name) return;
  const seen = shapes.get(cut.head + name)?.size ?? 0;
  const isCreated = created.has(cut.head) || created.has(cut.head + pattern);
  const rule = idRule(cut, isCreated, seen >= level.manyIds);
  if (rule === undefined) return;
  // What is made is asked for as all of its type; what was made is then no other thing (`i-*` beside `*`).
  const isAll = created.has(cut.head) && cut.type.startsWith('ec2:') && /^[a-z]+-\*$/.test(name);
  rename(item, isAll ? '*' : name, rule);
}

function idRule({ type, isPath }: ArnName, isCreated: boolean, isMany: boolean): Rule | undefined {
  if (transient.has(type) || revisioned.has(type)) return 'transient';
  if (isPath) return 'machine-made';
  if (isCreated) return 'created';
  // Ids of things that stay (a key, a subnet, a zone) are names: only many of them are a kind.
  return isMany && !type.startsWith('iam:') && type !== 'kms:key' ? 'many-ids' : undefined;
}

/** The name that a use has by now. */
const nameOf = ({ of: { cut }, resource }: Wide): string =>
  cut ? resource.slice(cut.head.length, resource.length - cut.tail.length) : '';

/** Whether names that are alike may fold. */
type IsMeant = (alike: readonly Wide[]) => boolean;

/** Names that differ in their numbers alone: `secret-0` to `secret-19`. */
function foldCounters(some: readonly Wide[], enough: number, isMeant: IsMeant = () => true): void {
  // An id that stays what it is has no part that counts.
  const plain = some.filter(({ of, rule }) => rule !== undefined || of.pattern === of.cut?.name);
  for (const [shape, alike] of groupBy(plain, (item) => counted(nameOf(item))))
    if (new Set(alike.map(nameOf)).size >= enough && isMeant(alike))
      for (const item of alike) rename(item, shape, 'machine-made');
}

const words = (item: Wide): readonly string[] => nameOf(item).split(/(?<=[-_./])/);

/** More names than so many whose first two words are the same become what they all begin with. */
function foldPrefixes(some: readonly Wide[], above: number, isMeant: IsMeant = () => true): void {
  for (const alike of groupBy(some, (item) => JSON.stringify(words(item).slice(0, 2))).values()) {
    const lists = alike.map(words);
    if (new Set(lists.map((list) => list.join(''))).size <= above || !isMeant(alike)) continue;
    const shortest = Math.min(...lists.map((list) => list.length)) - 1;
    const [first = []] = lists;
    const differs = first.findIndex((word, i) => lists.some((list) => list[i] !== word));
    const prefix = first.slice(0, differs < 0 ? shortest : Math.min(differs, shortest));
    if (prefix.length >= 2 && !prefix.join('').includes('*'))
      for (const item of alike) rename(item, `${prefix.join('')}*`, 'prefix');
  }
}

function rename(item: Wide, name: string, rule: Rule): void {
  const { cut } = item.of;
  // What ends a name by chance is of one thing; all such things end differently.
  if (cut) widen(item, cut.head + name + (cut.tail.startsWith('-') ? '-??????' : cut.tail), rule);
}
