import type { Place } from './arn-format.ts';
import { placeOf } from './mentions.ts';
import type { Sighting } from './sighting.ts';
import { escapeText, patternOf, type Text } from './text.ts';

/** The ARN patterns that a name stands for; undefined where the name stands in the ARN as it is. */
type Speller = (value: Text, place: Place, sighting: Sighting) => readonly string[] | undefined;

const local = ({ partition, region, account }: Place, service: string): string =>
  `arn:${partition}:${service}:${region || '*'}:${account || '*'}`;
const global = ({ partition, region }: Place, service: string): string =>
  `arn:${partition}:${service}:${region || '*'}:`;

/** RDS and ElastiCache keep identifiers in lower case (RDS API Reference, CreateDBInstance; ElastiCache API Reference, CreateCacheCluster). */
const lowerCased = new Set(['rds', 'elasticache', 'dms']);

/** Documents of AWS belong to no account (Systems Manager User Guide, documents.html). */
const awsDocument = /^(AWS|Amazon)[A-Za-z]*-/;

const document: Speller = (value, place) => {
  if (value.text.startsWith('arn:')) return undefined;
  const start = awsDocument.test(value.text) ? global(place, 'ssm') : local(place, 'ssm');
  return [`${start}:document/${patternOf(value)}`];
};

/**
 * A version or label after the name is none of the ARN, `/aws/` parameters are public and belong to no account, and the path
 * `/` is the root (Systems Manager User Guide, sysman-paramstore-access.html, parameter-store-public-parameters.html).
 */
const parameter: Speller = (value, place) => {
  const arn = /^(arn:[^:]*:ssm:[^:]*:[^:]*:parameter\/[^:]+)/.exec(value.text);
  if (arn !== null) return [escapeText(arn[1] ?? '')];
  if (value.text.startsWith('arn:')) return [];
  const text = value.text.replace(/:[^:/]*$/, '');
  const name = patternOf({ ...value, text: text.replace(/^\//, '') });
  const start = text.startsWith('/aws/') ? global(place, 'ssm') : local(place, 'ssm');
  return [`${start}:parameter/${name.length > 1 ? name.replace(/\/$/, '') : name}`];
};

/** `mi-` is a managed node outside EC2, `i-` an instance (Systems Manager User Guide, activations.html). `*` is every one. */
const instance: Speller = (value, place) => {
  if (value.text.startsWith('arn:')) return undefined;
  if (value.text.startsWith('i-')) return [`${local(place, 'ec2')}:instance/${patternOf(value)}`];
  return value.text === '*' ? [`${local(place, 'ec2')}:instance/*`] : [];
};

/** `ecs:CLUSTER_TASK_RUNTIME` (Systems Manager User Guide, session-manager-working-with-sessions-start.html). */
const task: Speller = ({ text }, place) => {
  if (text.startsWith('arn:')) return undefined;
  const found = /^ecs:(.+)_([0-9a-f]{32})_[^_]+$/.exec(text);
  return found === null ? [] : [`${local(place, 'ecs')}:task/${escapeText(found[1] ?? '')}/${found[2]}`];
};

/** The verified address or its domain is the identity (SES Developer Guide, sending-authorization-identity-owner-tasks-policy.html). */
const identity: Speller = (value, place) => {
  if (value.text.startsWith('arn:')) return undefined;
  const address = /<([^>]+)>\s*$/.exec(value.text)?.[1] ?? value.text;
  const domain = address.slice(address.indexOf('@') + 1);
  return [...new Set([address, domain])].map((name) => `${local(place, 'ses')}:identity/${escapeText(name)}`);
};

/** A build's id is `project:uuid`, and a build is authorised as its project (CodeBuild User Guide, auth-and-access-control-iam-identity-based-access-control.html). */
const project: Speller = (value, place) => {
  const text = /^arn:.*:build(?:-batch)?\/([^:]+):/.exec(value.text)?.[1] ?? value.text;
  if (text.startsWith('arn:')) return undefined;
  return [`${local(place, 'codebuild')}:project/${patternOf({ ...value, text: text.replace(/:.*$/s, '') })}`];
};

/** A report is authorised as its group (CodeBuild User Guide, report-permissions.html). */
const reportGroup: Speller = ({ text }) => {
  const found = /^(arn:[^:]*:codebuild:[^:]*:[^:]*):report\/([^:]+):/.exec(text);
  return found === null ? undefined : [`${found[1]}:report-group/${escapeText(found[2] ?? '')}`];
};

/** `name`, `name:revision` or ARN; without a revision the latest one is used (Batch API Reference, SubmitJob). */
const jobDefinition: Speller = (value, place) => {
  const text = /:job-definition\/(.+)$/s.exec(value.text)?.[1] ?? value.text;
  const start = value.text.startsWith('arn:')
    ? value.text.slice(0, value.text.indexOf(':job-definition/'))
    : local(place, 'batch');
  return [`${start}:job-definition/${text.includes(':') ? escapeText(text) : `${escapeText(text)}:*`}`];
};

/** `family:revision` or `family`, alone or in an ARN (ECS API Reference, RunTask). */
const taskDefinition: Speller = (value, place) => {
  const text = /:task-definition\/(.+)$/s.exec(value.text)?.[1] ?? value.text;
  const start = value.text.startsWith('arn:')
    ? value.text.slice(0, value.text.indexOf(':task-definition/'))
    : local(place, 'ecs');
  return [
    `${start}:task-definition/${text.includes(':') || value.folded ? patternOf({ ...value, text }) : `${escapeText(text)}:*`}`,
  ];
};

/**
 * A version or alias is authorised as its state machine unless the action is about it; the executions of a distributed map
 * have `machine/label` (Step Functions Developer Guide, auth-version-alias.html, iam-policies-eg-dist-map.html).
 */
const stateMachine: Speller = ({ text }) => {
  const found = /^(arn:[^:]*:states:[^:]*:[^:]*:stateMachine:[^:/]+)(?:[:/].*)?$/s.exec(text);
  return found === null ? undefined : [escapeText(found[1] ?? '')];
};

/** The operation's name tells what the execution is; a label after the machine's name stays. */
const execution: Speller = ({ text }) =>
  /^arn:[^:]*:states:[^:]*:[^:]*:(execution|express|mapRun):.+$/s.test(text) ? [escapeText(text)] : undefined;

const spellers = new Map<string, Speller>([
  ['batch:job-definition', jobDefinition],
  ['batch:job-definition-revision', jobDefinition],
  ['codebuild:project', project],
  ['codebuild:report-group', reportGroup],
  ['ecs:task-definition', taskDefinition],
  ['ses:identity', identity],
  ['ssm:document', document],
  ['ssm:instance', instance],
  ['ssm:parameter', parameter],
  ['ssm:task', task],
  ['states:statemachine', stateMachine],
  ['states:execution', execution],
]);

/**
 * Names that a service's ARNs spell otherwise than its requests, as whole ARN patterns.
 * @returns undefined where the name stands in the ARN as it is; empty where it names none of the type
 */
export function spelled(
  prefix: string,
  type: string,
  value: Text,
  sighting: Sighting,
): readonly string[] | undefined {
  return spellers.get(`${prefix}:${type}`)?.(value, placeOf(sighting.mentions), sighting);
}

/** A name as the service keeps it. */
export const keptName = (prefix: string, value: Text): Text =>
  lowerCased.has(prefix) && !value.text.startsWith('arn:')
    ? { ...value, text: value.text.toLowerCase() }
    : value;
