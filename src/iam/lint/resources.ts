import { canBeOn, expandActions, actionInfo, serviceInfo, serviceOf, type ActionInfo } from '../catalogue.ts';
import { checkArn } from './arn.ts';
import { few, found, type Finding, type Severity } from './finding.ts';
import { appliesTo, isOnAll, type CompiledStatement } from '../decide/compiled.ts';
import { memo } from '../memo.ts';
import { overlaps } from '../pattern/language.ts';
import { parsePattern, resourcePattern, type Pattern } from '../pattern/pattern.ts';
import type { PolicyDocument } from '../policy/policy.ts';

/** What a statement is judged beside. */
export interface Surroundings {
  readonly version: PolicyDocument['version'];
  /** The Allows of every document of the principal. */
  readonly allows: readonly CompiledStatement[];
}

/** A function of two objects that remembers its answers as long as they live. */
function memoOf<A extends object, B extends object, V>(find: (a: A, b: B) => V): (a: A, b: B) => V {
  const known = new WeakMap<A, WeakMap<B, V>>();
  return (a, b) => {
    const ofA = known.get(a) ?? new WeakMap<B, V>();
    known.set(a, ofA);
    const value = ofA.get(b) ?? find(a, b);
    ofA.set(b, value);
    return value;
  };
}

/** Findings on the Resource element: its grammar, and whether the actions take what it names. */
export function checkResources(statement: CompiledStatement, path: string, around: Surroundings): Finding[] {
  const { kind, patterns } = statement.source.resources;
  const own = `${path}.${kind === 'only' ? 'Resource' : 'NotResource'}`;
  if (patterns.length === 0)
    return [
      found('empty-list', own, 'is empty, which IAM refuses', 'name resources, or delete the statement'),
    ];
  const findings = patterns.flatMap((text) => checkArn(text, own, around.version));
  if (kind === 'except') {
    if (statement.effect === 'Allow') {
      const message = 'with Allow grants on every other resource, and those made later';
      findings.push(found('not-resource-allow', own, message, 'list the resources in "Resource"'));
    }
    return findings;
  }
  if (findings.some(({ severity }) => severity === 'error') || patterns.includes('*')) return findings;
  return [...findings, ...checkTypes(statement, own, around)];
}

/** The resources of a type: every variable of its ARN formats may be anything, but a bucket's name, which has no slash. */
const typePatterns = memo((key: string): readonly Pattern[] => {
  const [prefix = '', type = ''] = key.split(' ', 1).concat(key.slice(key.indexOf(' ') + 1));
  return (serviceInfo(prefix)?.resourceTypes.get(type)?.arns ?? []).map((arn) =>
    parsePattern(
      // User names hold what bucket names do (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html).
      arn.replace(/\$\{([^}]*)\}/g, (_, name) => (name === 'BucketName' ? '${aws:username}' : '*')),
      { variables: true, arn: 'condition' },
    ),
  );
});
const patternsOf = (action: ActionInfo, type: string): readonly Pattern[] =>
  typePatterns(`${serviceOf(action.name)} ${type}`);

/** The resources of a statement that may be of a type: many actions have the same types. */
const named = memoOf((statement: CompiledStatement, type: Pattern): readonly string[] =>
  statement.resources.meeting(type).map(({ text }) => text),
);
const isNamed = (statement: CompiledStatement, type: readonly Pattern[]): boolean =>
  type.some((pattern) => named(statement, pattern).length > 0);

/**
 * Whether some statement allows the action on resources of the type. Each resource of a call may be allowed by another
 * statement: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
const isAllowedOn = (
  type: readonly Pattern[],
  action: string,
  allows: readonly CompiledStatement[],
): boolean =>
  allows.some(
    (statement) =>
      appliesTo(statement, action) && (statement.resources.kind === 'except' || isNamed(statement, type)),
  );

/** What an action has to do with the resources of a statement: it takes some, may take some, or takes none. */
type Part = 'some' | 'perhaps' | 'none';

/** An action as written, the catalogue's actions that it stands for, and the best part that one of them has. */
interface Use {
  readonly text: string;
  readonly actions: readonly ActionInfo[];
  readonly part: Part;
}

function checkTypes(statement: CompiledStatement, path: string, { allows }: Surroundings): Finding[] {
  const { actions, resources } = statement.source;
  const expanded = actions.patterns.map((text) => ({
    text,
    actions: expandActions(text).flatMap((name) => actionInfo(name) ?? []),
  }));
  // Of names that the reference lacks nothing is known.
  const isKnown = expanded.every(({ actions: known }) => known.length > 0);
  if (actions.kind === 'except' || actions.patterns.some((text) => /^\*(:\*)?$/.test(text))) return [];
  const taken = new Set<string>();
  const uses = expanded.map((use): Use => ({ ...use, part: bestPart(use.actions, statement, taken) }));
  const of = (part: Part, isWritten: boolean): Use[] =>
    uses.filter((use) => use.part === part && use.actions.length > 0 && /[*?]/.test(use.text) !== isWritten);
  if (isKnown && uses.every(({ part }) => part === 'none')) {
    const names = uses.map(({ text }) => text);
    const message = `names nothing that ${few(names)} ${names.length === 1 ? 'works' : 'work'} on`;
    const first = uses[0]?.actions.find(({ resourceTypes }) => resourceTypes.length > 0);
    const format = first && formatOf(first);
    return [found('resource-type-not-taken', path, message, format ? `name ${format}` : moved(names))];
  }
  const isAllow = statement.effect === 'Allow';
  const findings: Finding[] = [];
  const idle = of('none', false).map(({ text }) => JSON.stringify(text));
  if (idle.length > 0) {
    const message = `nothing that ${few(idle)} stands for takes a resource of this statement`;
    findings.push(
      found('resource-type-not-taken', path, message, 'move it to the resources that it is for', 'warning'),
    );
  }
  const open: string[] = [];
  const typeless: string[] = [];
  for (const {
    actions: [action],
    part,
  } of [...of('none', true), ...of('perhaps', true)]) {
    if (action === undefined || (isAllow && isAllowedElsewhere(action, allows))) continue;
    if (action.resourceTypes.length === 0) (part === 'perhaps' ? open : typeless).push(action.name);
    else findings.push(missing(action, path, isAllow && part === 'none' ? 'error' : 'warning'));
  }
  if (typeless.length > 0) {
    const message = `${few(typeless)} takes no resource type: it is granted by "*" only`;
    findings.push(
      found('resource-type-not-taken', path, message, moved(typeless), isAllow ? 'error' : 'warning'),
    );
  }
  if (open.length > 0) {
    const message = `AWS's reference gives ${few(open)} no resource type: only "*" surely grants it`;
    findings.push(found('resource-type-not-taken', path, message, moved(open), 'warning'));
  }
  // A Deny of one resource of a call refuses all of it.
  for (const {
    actions: [action],
  } of isAllow ? of('some', true) : []) {
    // Required types may be alternatives (a model, an inference profile), or needed at times only.
    const absent = (action?.resourceTypes ?? []).filter(({ name, required }) => {
      const type = action && patternsOf(action, name);
      return required && type && !isNamed(statement, type) && !isAllowedOn(type, action.name, allows);
    });
    if (action === undefined || absent.length === 0) continue;
    const types = absent.map(({ name }) => name).join(' or ');
    const message = `${action.name} may need a resource of type ${types} too, and no statement names one`;
    const fix = `add ${formatOf(action, absent) ?? types}, if the calls touch one`;
    findings.push(found('resource-type-missing', path, message, fix, 'warning'));
  }
  const untaken = isKnown ? resources.patterns.filter((text) => !taken.has(text)) : [];
  if (untaken.length > 0) {
    const message = `${few(untaken.map((text) => JSON.stringify(text)))} is no resource that an action of this statement takes`;
    const fix = 'remove it, or move it to the actions that need it';
    findings.push(found('resource-type-not-taken', path, message, fix, 'warning'));
  }
  return findings;
}

const moved = (names: readonly string[]): string => `move ${few(names)} to a statement with "Resource": "*"`;

/**
 * AWS matches actions that have no resource type, and those of which no type of their service is required, against ARNs of
 * their service that the reference does not list for them, as its refusals print them
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html).
 * @param taken gets the resources that an action takes, or may take
 */
function bestPart(actions: readonly ActionInfo[], statement: CompiledStatement, taken: Set<string>): Part {
  let best: Part = 'none';
  for (const action of actions) {
    for (const { name } of action.resourceTypes)
      for (const pattern of patternsOf(action, name))
        for (const text of named(statement, pattern)) {
          taken.add(text);
          best = 'some';
        }
    if (action.resourceTypes.some((type) => type.required && isOwn(action.name, type.name))) continue;
    for (const text of statement.source.resources.patterns) {
      if (!canBeOn(action.name, text) || isOfOther(action, text)) continue;
      taken.add(text);
      if (best === 'none') best = 'perhaps';
    }
  }
  return best;
}

/** Whether the service has a type for a resource, and the action lists others, and makes or tags none. */
function isOfOther({ name, resourceTypes }: ActionInfo, text: string): boolean {
  const isTyped = resourceTypes.some((type) => isOwn(name, type.name));
  if (!isTyped || /:(?:Create|Tag|Untag)/.test(name)) return false;
  const types = [...(serviceInfo(serviceOf(name))?.resourceTypes.keys() ?? [])];
  return types.some((type) =>
    typePatterns(`${serviceOf(name)} ${type}`).some((own) => overlaps(own, resourcePattern(text, true))),
  );
}

/** Whether a type is one of the action's own service. */
const isOwn = (action: string, type: string): boolean =>
  typePatterns(`${serviceOf(action)} ${type}`).some(({ text }) => text.split(':')[2] === serviceOf(action));

/** Whether another statement allows an action on what it works on. */
function isAllowedElsewhere(action: ActionInfo, allows: readonly CompiledStatement[]): boolean {
  const types = action.resourceTypes.flatMap(({ name }) => patternsOf(action, name));
  if (types.length > 0) return isAllowedOn(types, action.name, allows);
  return allows.some((each) => appliesTo(each, action.name) && isOnAll(each));
}

function missing(action: ActionInfo, path: string, severity: Severity): Finding {
  const types = action.resourceTypes.map(({ name }) => name).join(' or ');
  const message = `${action.name} needs a resource of type ${types}, and no statement names one`;
  return found('resource-type-missing', path, message, `add ${formatOf(action) ?? types}`, severity);
}

/** The shortest ARN format of some types: the plainest of them. */
const formatOf = ({ name, resourceTypes }: ActionInfo, types = resourceTypes): string | undefined =>
  types
    .flatMap((type) => serviceInfo(serviceOf(name))?.resourceTypes.get(type.name)?.arns ?? [])
    .sort((a, b) => a.length - b.length)[0];
