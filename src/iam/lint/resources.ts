import { serviceInfo, type ActionInfo } from '../catalogue.ts';
import { overlaps } from '../pattern/language.ts';
import type { Finding } from './finding.ts';
import { actionPattern, matches, parsePattern, resourcePattern, type Pattern } from '../pattern/pattern.ts';
import type { PolicyDocument, Statement } from '../policy/policy.ts';

/** What a statement is judged beside. */
export interface Surroundings {
  readonly version: PolicyDocument['version'];
  /** The catalogue's actions that the statement is about. */
  readonly actions: readonly ActionInfo[];
  /** Every document of the principal, the statement's own among them. */
  readonly together: readonly PolicyDocument[];
}

/** Findings on the Resource element: its grammar, and whether the actions take what it names. */
export function checkResources(statement: Statement, path: string, around: Surroundings): Finding[] {
  const { kind, patterns } = statement.resources;
  const own = `${path}.${kind === 'only' ? 'Resource' : 'NotResource'}`;
  const findings = patterns.flatMap((text) => lintResource(text, own, around.version));
  if (patterns.length === 0) {
    findings.push({
      code: 'empty-list',
      severity: 'warning',
      path: own,
      message: kind === 'only' ? 'is empty: the statement does nothing' : 'is empty: it means every resource',
      fix: 'name resources, or delete the statement',
    });
  }
  if (kind === 'except' || findings.some(({ severity }) => severity === 'error') || patterns.includes('*'))
    return findings;
  return [...findings, ...lintTypes(statement, own, around)];
}

function lintResource(text: string, path: string, version: PolicyDocument['version']): Finding[] {
  if (text === '*') return [];
  const error = (message: string, fix: string): Finding[] => [
    { code: 'resource-grammar', severity: 'error', path, message, fix },
  ];
  if (!/^arn[:*]/.test(text))
    return error(`${JSON.stringify(text)} is neither an ARN nor "*"`, 'write the ARN in full');
  const fields = text.split(':');
  // No wildcard in the service segment (IAM User Guide, "Using wildcards in resource ARNs").
  const service = fields[2];
  if (service !== undefined && fields.length > 3 && /[*?]/.test(service)) {
    return error(`${JSON.stringify(text)} has a wildcard in its service`, 'name the service, or use "*"');
  }
  if (fields.slice(0, 5).some((field) => field.includes('${')) && version === '2012-10-17') {
    return error(
      `${JSON.stringify(text)} has a policy variable before its fifth colon`,
      'use variables in the last part of the ARN only',
    );
  }
  if (version === '2012-10-17' || !text.includes('${')) return [];
  const message = `${JSON.stringify(text)} holds a variable, which is plain text in version 2008-10-17`;
  return [
    {
      code: 'variable-in-old-version',
      severity: 'warning',
      path,
      message,
      fix: 'set "Version": "2012-10-17"',
    },
  ];
}

/** The patterns of a resource type: every variable of its ARN formats may be anything. */
const typePatterns = (service: string, type: string): Pattern[] =>
  (serviceInfo(service)?.resourceTypes.get(type.toLowerCase())?.arns ?? []).map((arn) =>
    parsePattern(arn.replace(/\$\{[^}]*\}/g, '*'), { variables: false, arn: 'condition' }),
  );

/**
 * Whether some statement allows the action on resources of the type. Each resource of a call may be allowed by another
 * statement: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
function isAllowedOn(
  type: readonly Pattern[],
  action: string,
  documents: readonly PolicyDocument[],
): boolean {
  return documents.some(({ statements, version }) =>
    statements.some(({ effect, actions, resources }) => {
      if (effect !== 'Allow') return false;
      const isNamed = actions.patterns.some((text) => matches(actionPattern(text), action.toLowerCase()));
      if (isNamed !== (actions.kind === 'only')) return false;
      if (resources.kind === 'except') return true;
      return resources.patterns
        .map((text) => resourcePattern(text, version === '2012-10-17'))
        .some((resource) => type.some((pattern) => overlaps(pattern, resource)));
    }),
  );
}

function lintTypes(
  statement: Statement,
  path: string,
  { version, actions, together }: Surroundings,
): Finding[] {
  const findings: Finding[] = [];
  const resources = statement.resources.patterns.map((text) =>
    resourcePattern(text, version === '2012-10-17'),
  );
  const taken = new Set<Pattern>();
  let isJudged = actions.length > 0;
  for (const { name, resourceTypes } of actions) {
    const service = name.slice(0, name.indexOf(':'));
    if (resourceTypes.length === 0) {
      isJudged = false;
      findings.push({
        code: 'resource-type-not-taken',
        severity: 'error',
        path,
        message: `${name} takes no resource type: it is granted by "*" only`,
        fix: `move ${name} to a statement with "Resource": "*"`,
      });
      continue;
    }
    const types = resourceTypes.map((type) => ({ ...type, patterns: typePatterns(service, type.name) }));
    if (types.some(({ patterns }) => patterns.length === 0)) isJudged = false;
    const namesOf = (patterns: readonly Pattern[]): Pattern[] =>
      resources.filter((resource) => patterns.some((pattern) => overlaps(pattern, resource)));
    for (const { patterns } of types) for (const resource of namesOf(patterns)) taken.add(resource);
    // A Deny of one resource of a call refuses all of it.
    if (statement.effect === 'Deny') continue;
    const absent = types.filter(
      ({ patterns }) =>
        patterns.length > 0 && namesOf(patterns).length === 0 && !isAllowedOn(patterns, name, together),
    );
    const missing = absent.filter((type) => type.required);
    const [first] = missing;
    if (first === undefined) continue;
    const isCertain = absent.length === types.length;
    const names = missing.map((type) => type.name).join(' or ');
    findings.push({
      code: 'resource-type-missing',
      // Types that AWS lists as required may be alternatives (a model, an inference profile), or needed at times only.
      severity: isCertain ? 'error' : 'warning',
      path,
      message: isCertain
        ? `${name} needs a resource of type ${names}, and no statement names one`
        : `${name} may need a resource of type ${names} too, and no statement names one`,
      fix: `add ${serviceInfo(service)?.resourceTypes.get(first.name.toLowerCase())?.arns[0] ?? first.name}${isCertain ? '' : ', if the calls touch one'}`,
    });
  }
  for (const resource of resources) {
    if (!isJudged || taken.has(resource)) continue;
    const message = `${JSON.stringify(resource.text)} is no resource that an action of this statement takes`;
    const fix = 'remove it, or move it to the actions that need it';
    findings.push({
      code: 'resource-type-not-taken',
      severity: 'error',
      path,
      message,
      fix,
    });
  }
  return findings;
}
