/** Room `services`: the services whose resources the tables cannot say. */
import { arnIn, parseArn } from '../arn-format.ts';
import type { Finder } from '../mentions.ts';
import { escapeText, patternOf } from '../text.ts';
import { findDynamoDb } from './dynamodb.ts';
import { findEc2 } from './ec2.ts';
import { findIam } from './iam.ts';
import { findKms } from './kms.ts';
import { findS3, findS3Express } from './s3.ts';

/** Subscriptions are `topic-arn:id`, authorised on the topic. */
const findSns: Finder = ({ mentions }) => {
  // A message to a phone is matched against `*` (Step Functions Developer Guide, sns-iam.html).
  if (mentions.present.has('phonenumber')) return new Map([['topic', ['*']]]);
  const topics = mentions.arns
    .filter(({ arn, from }) => arn.service === 'sns' && from !== 'response' && !/[:/]/.test(arn.resource))
    .map(({ value }) => patternOf(value));
  if (topics.length > 0) return new Map([['topic', topics]]);
  const subscription = mentions.arns.find(
    ({ arn, from }) => arn.service === 'sns' && from === 'request' && arn.resource.includes(':'),
  );
  return subscription === undefined ? new Map() : new Map([['topic', []]]);
};

/** Name, `name:qualifier`, partial ARN or ARN (Lambda API Reference, Invoke, FunctionName). */
const functionName =
  /^(?:arn:([a-z-]+):lambda:([a-z0-9-]+):)?(?:([0-9]{12}):)?(?:function:)?([^:]+)(?::([^:]+))?$/s;

/**
 * An invocation of a version or alias is authorised on the qualified ARN (Lambda Developer Guide,
 * lambda-api-permissions-ref.html); other calls on the function, unless they accept nothing but versions and aliases.
 */
const findLambda: Finder = ({ mentions }, action) => {
  const name = mentions.first('functionname');
  const parts = name === undefined || name.folded ? null : functionName.exec(name.text);
  if (parts === null) return new Map();
  const [, partition, region, account, bare = '', inName] = parts;
  const { place } = mentions;
  const own = {
    partition: partition ?? place.partition,
    region: region ?? place.region,
    account: account ?? place.account,
  };
  const arn = arnIn(own, 'lambda', `function:${escapeText(bare)}`);
  const qualifier = inName ?? mentions.first('qualifier')?.text;
  if (qualifier === undefined || qualifier === '$LATEST') return new Map([['function', [arn]]]);
  const qualified = `${arn}:${escapeText(qualifier)}`;
  return new Map([
    ['function', [action.name.startsWith('lambda:Invoke') ? qualified : arn]],
    [/^[0-9]+$/.test(qualifier) ? 'function version' : 'function alias', [qualified]],
  ]);
};

/** Rules of the default bus have no bus in their ARN (EventBridge User Guide, eb-manage-iam-access.html). */
const findEvents: Finder = ({ mentions, call }) => {
  const about = /Rule|Target/.test(call.operation.eventName);
  const rule = about ? mentions.first('rulename', 'rule', 'name') : undefined;
  const found = new Map<string, readonly string[]>();
  if (rule !== undefined && !rule.text.startsWith('arn:')) {
    const bus = mentions.first('eventbusname', 'eventbus');
    const place = bus === undefined ? undefined : parseArn(bus.text);
    const name =
      place === undefined
        ? (bus?.text ?? 'default')
        : place.resource.slice(place.resource.lastIndexOf('/') + 1);
    const arn = (path: string): string =>
      arnIn(place ?? mentions.place, 'events', `rule/${path}${patternOf(rule)}`);
    found.set('rule-on-default-event-bus', name === 'default' ? [arn('')] : []);
    found.set('rule-on-custom-event-bus', name === 'default' ? [] : [arn(`${escapeText(name)}/`)]);
  }
  // Without a bus it is the default one (EventBridge API Reference, PutEventsRequestEntry and DescribeEventBus).
  const { eventName } = call.operation;
  const named = mentions.first('eventbusname', ...(eventName === 'PutEvents' ? [] : ['name']));
  if (/^(PutEvents|DescribeEventBus)$/.test(eventName) && named === undefined) {
    found.set('event-bus', [arnIn(mentions.place, 'events', 'event-bus/default')]);
  }
  return found;
};

/** The id that Config gives a rule starts so; its name is in no ARN (AWS Config API Reference, ConfigRule). */
const findConfig: Finder = ({ mentions }) => {
  const shown = mentions.arns.some(({ arn, from }) => arn.service === 'config' && from !== 'response');
  return shown
    ? new Map()
    : new Map([['ConfigRule', [arnIn(mentions.place, 'config', 'config-rule/config-rule-*')]]]);
};

/** `anthropic.claude-3-haiku-20240307-v1:0`: ids of other models, deployments and profiles have no dot. */
const modelId = /^[a-z0-9-]+\../;

/** An area in front of a foundation model's id: `us.anthropic.claude-…` is a profile of AWS's own. */
const profileId =
  /^(?:us|us-gov|eu|apac|au|ca|jp|kr|in|id|il|me|mx|my|nz|sa|sg|th|uk|za|global)\.([a-z0-9-]+\..+)$/;

/**
 * A foundation model or an inference profile named by its id. A profile may send the request to other Regions, and asks
 * for the model there too (https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html).
 */
const findBedrock: Finder = ({ mentions }, action) => {
  const named = action.name.startsWith('bedrock:InvokeModel') ? mentions.first('modelid') : undefined;
  const inArn = /^arn:[^:]*:bedrock:[^:]*:[^:]*:inference-profile\/(.+)$/.exec(named?.text ?? '')?.[1];
  const id = inArn === undefined || named === undefined ? named : { ...named, text: inArn };
  if (id === undefined || id.folded || id.text.startsWith('arn:') || !modelId.test(id.text)) return new Map();
  const { place } = mentions;
  const model = profileId.exec(id.text)?.[1];
  const found = new Map<string, readonly string[]>(action.resourceTypes.map(({ name }) => [name, []]));
  const region = model === undefined ? place.region || '*' : '*';
  found.set('foundation-model', [
    `arn:${place.partition}:bedrock:${region}::foundation-model/${escapeText(model ?? id.text)}`,
  ]);
  if (model !== undefined)
    found.set('inference-profile', [arnIn(place, 'bedrock', `inference-profile/${escapeText(id.text)}`)]);
  return found;
};

/** Services whose requests the general rules read wrongly or not at all, by IAM prefix. */
export const finders: ReadonlyMap<string, Finder> = new Map([
  ['bedrock', findBedrock],
  ['config', findConfig],
  ['dynamodb', findDynamoDb],
  ['ec2', findEc2],
  ['events', findEvents],
  ['iam', findIam],
  ['kms', findKms],
  ['lambda', findLambda],
  ['s3', findS3],
  ['s3express', findS3Express],
  ['sns', findSns],
]);
