import { canBeOn, expandActions, actionInfo, serviceInfo, serviceOf, type ActionInfo } from '../catalogue.ts';
import { checkArn } from './arn.ts';
import { few, fewQuoted, found, type Finding } from './finding.ts';
import { isOnAll, type CompiledStatement, type StatementIndex } from '../decide/compiled.ts';
import { memo } from '../memo.ts';
import { overlaps } from '../pattern/language.ts';
import { parsePattern, type Pattern } from '../pattern/pattern.ts';
import type { PolicyDocument } from '../policy/policy.ts';

/** What a statement is judged beside. */
export interface Surroundings {
  readonly version: PolicyDocument['version'];
  /** The statements of every document of the principal. */
  readonly index: StatementIndex;
}

/** Findings on the Resource element: its grammar, and whether the actions take what it names. */
export function checkResources(statement: CompiledStatement, path: string, around: Surroundings): Finding[] {
  const { kind, patterns } = statement.source.resources;
  const own = `${path}.${kind === 'only' ? 'Resource' : 'NotResource'}`;
  if (patterns.length === 0) return [found('empty-list.resources', own)];
  const findings = patterns.flatMap((text) => checkArn(text, own, around.version));
  if (kind === 'except')
    return statement.effect === 'Allow' ? [...findings, found('not-resource-allow', own)] : findings;
  if (findings.some(({ severity }) => severity === 'error') || patterns.includes('*')) return findings;
  return [...findings, ...checkTypes(statement, own, around)];
}

type Type = ActionInfo['resourceTypes'][number];

/** The resources of types: a variable of an ARN format may be anything, but a bucket's name has no slash, and a Region is not empty. */
const patternsOf = (action: string, types: readonly Pick<Type, 'name'>[]): readonly Pattern[] =>
  types
    .flatMap(({ name }) => serviceInfo(serviceOf(action))?.resourceTypes.get(name)?.arns ?? [])
    .map(typePattern);
const typePattern = memo((arn: string) =>
  parsePattern(
    // User names hold what bucket names do (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html).
    arn.replace(/\$\{([^}]*)\}/g, (_, name) =>
      name === 'BucketName' ? '${aws:username}' : name === 'Region' ? '?*' : '*',
    ),
    { variables: true, arn: 'condition' },
  ),
);

/**
 * Whether some statement allows the action on one of its resources. Each resource of a call may be allowed by another
 * statement: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
const isAllowedOn = (types: readonly Type[], action: string, index: StatementIndex): boolean =>
  index.candidates(action).allow.some((each) => {
    if (types.length === 0 || each.resources.kind === 'except') return isOnAll(each);
    return patternsOf(action, types).some((pattern) => each.resources.meeting(pattern).length > 0);
  });

/**
 * An action as written, the actions that it stands for, and the best of what they have to do with the resources of the
 * statement: they take some, they may take some, they take none.
 */
interface Use {
  readonly text: string;
  readonly actions: readonly ActionInfo[];
  readonly part: 'some' | 'perhaps' | 'none';
}

function checkTypes(statement: CompiledStatement, path: string, { index }: Surroundings): Finding[] {
  const { actions, resources } = statement.source;
  if (actions.kind === 'except' || actions.patterns.some((text) => /^\*(:\*)?$/.test(text))) return [];
  const taken = new Set<string>();
  const uses = actions.patterns.map((text): Use => {
    const known = expandActions(text).flatMap((name) => actionInfo(name) ?? []);
    return { text, actions: known, part: partOf(known, statement, taken) };
  });
  // Of names that the reference lacks nothing is known.
  const isKnown = uses.every((use) => use.actions.length > 0);
  if (isKnown && uses.every(({ part }) => part === 'none')) {
    const names = few(uses.map(({ text }) => text));
    const typed = uses[0]?.actions.find(({ resourceTypes }) => resourceTypes.length > 0);
    const fix = typed ? `name ${formatOf(typed)}` : `move ${names} to a statement with "Resource": "*"`;
    return [found('resource-type-not-taken', path, [names, fix])];
  }
  const isAllow = statement.effect === 'Allow';
  const grave = isAllow ? 'error' : 'warning';
  const findings: Finding[] = [];
  const [open, typeless, idle]: [string[], string[], string[]] = [[], [], []];
  for (const {
    text,
    part,
    actions: [action],
  } of uses) {
    if (action === undefined) continue;
    const { name, resourceTypes } = action;
    const said = [name, resourceTypes.map((type) => type.name).join(' or '), formatOf(action)];
    if (/[*?]/.test(text)) {
      if (part === 'none') idle.push(text);
    } else if (part === 'some') {
      // Required types may be alternatives (a model, an inference profile), or needed at times only. A Deny of one
      // resource of a call refuses all of it.
      const absent = resourceTypes.filter(
        (type) => isAllow && type.required && !isAllowedOn([type], name, index),
      );
      const words = [name, absent.map((type) => type.name).join(' or '), formatOf(action, absent)];
      if (absent.length > 0) findings.push(found('resource-type-missing.also', path, words));
    } else if (isAllow && isAllowedOn(resourceTypes, name, index)) continue;
    else if (resourceTypes.length === 0) (part === 'perhaps' ? open : typeless).push(name);
    else findings.push(found('resource-type-missing', path, said, part === 'none' ? grave : 'warning'));
  }
  const untaken = isKnown ? resources.patterns.filter((text) => !taken.has(text)) : [];
  if (idle.length > 0) findings.push(found('resource-type-not-taken.wildcard', path, [fewQuoted(idle)]));
  if (typeless.length > 0) findings.push(found('resource-type-not-taken.star', path, [few(typeless)], grave));
  if (open.length > 0) findings.push(found('resource-type-not-taken.open', path, [few(open)]));
  if (untaken.length > 0)
    findings.push(found('resource-type-not-taken.resource', path, [fewQuoted(untaken)]));
  return findings;
}

/**
 * AWS matches actions that have no resource type, and those of which no type of their service is required, against ARNs of
 * their service that the reference does not list for them, as its refusals print them
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html).
 * @param taken gets the resources that an action takes, or may take
 */
function partOf(
  actions: readonly ActionInfo[],
  { resources }: CompiledStatement,
  taken: Set<string>,
): Use['part'] {
  const listed = new Set(actions.flatMap(({ name, resourceTypes }) => patternsOf(name, resourceTypes)));
  const some = new Set([...listed].flatMap((pattern) => resources.meeting(pattern)));
  const perhaps = resources.patterns.filter(
    (resource) => !some.has(resource) && actions.some((action) => mayTake(action, resource)),
  );
  for (const { text } of [...some, ...perhaps]) taken.add(text);
  if (some.size > 0) return 'some';
  return perhaps.length > 0 ? 'perhaps' : 'none';
}

function mayTake({ name, resourceTypes }: ActionInfo, resource: Pattern): boolean {
  const prefix = serviceOf(name);
  const own = resourceTypes.filter((type) =>
    patternsOf(name, [type]).some(({ text }) => text.split(':')[2] === prefix),
  );
  if (own.some(({ required }) => required) || !canBeOn(name, resource.text)) return false;
  // What the service has another type for is no resource of an action with types, unless it makes or tags it.
  if (own.length === 0 || /:(?:Create|Tag|Untag)/.test(name)) return true;
  const types = [...(serviceInfo(prefix)?.resourceTypes.values() ?? [])];
  return !patternsOf(name, types).some((type) => overlaps(type, resource));
}

/** The shortest ARN format of some types: the plainest of them. */
const formatOf = ({ name, resourceTypes }: ActionInfo, types = resourceTypes): string =>
  types
    .flatMap((type) => serviceInfo(serviceOf(name))?.resourceTypes.get(type.name)?.arns ?? [])
    .sort((a, b) => a.length - b.length)[0] ?? '';
