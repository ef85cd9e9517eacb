import { arnPattern, isArn, parseArn } from '../arn-format.ts';
import { fieldsOf, firstText, type Mentions } from '../mentions.ts';
import type { Finder } from '../sighting.ts';
import { escapeText, patternOf, type Text } from '../text.ts';

const local = ({ place }: Mentions, service: string, account = place.account): string =>
  `arn:${place.partition}:${service}:${place.region || '*'}:${account || '*'}`;

const shows = (mentions: Mentions, service: string): boolean =>
  mentions.arns.some(({ arn, from }) => from === 'resources' && arn.service === service);

/** `https://sqs.us-east-1.amazonaws.com/123456789012/jobs` (SQS Developer Guide, sqs-queue-message-identifiers.html). */
export const findSqs: Finder = ({ mentions }) => {
  if (shows(mentions, 'sqs')) return new Map();
  const urls = fieldsOf(mentions, 'queueurl').flatMap(({ value }) => {
    const found = /\/(?:([0-9]{12})\/)?([^/]+)$/.exec(value.text);
    return found?.[2] === undefined || value.folded
      ? []
      : [`${local(mentions, 'sqs', found[1])}:${escapeText(found[2])}`];
  });
  const name = firstText(mentions, 'queuename');
  const owner = firstText(mentions, 'queueownerawsaccountid')?.text;
  const queues = name === undefined ? urls : [...urls, `${local(mentions, 'sqs', owner)}:${patternOf(name)}`];
  return queues.length === 0 ? new Map() : new Map([['queue', queues]]);
};

/** Subscriptions are `topic-arn:id`, authorised on the topic. */
export const findSns: Finder = ({ mentions }) => {
  // A message to a phone is matched against `*` (Step Functions Developer Guide, sns-iam.html).
  if (mentions.present.has('phonenumber')) return new Map([['topic', ['*']]]);
  const topics = mentions.arns
    .filter(({ arn, from }) => arn.service === 'sns' && from !== 'response' && !/[:/]/.test(arn.resource))
    .map(({ value }) => arnPattern(value));
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
export const findLambda: Finder = ({ mentions }, action) => {
  const name = firstText(mentions, 'functionname');
  const parts = name === undefined || name.folded ? null : functionName.exec(name.text);
  if (parts === null) return new Map();
  const [, partition, region, account, bare = '', inName] = parts;
  const { place } = mentions;
  const arn = `arn:${partition ?? place.partition}:lambda:${(region ?? place.region) || '*'}:${(account ?? place.account) || '*'}:function:${escapeText(bare)}`;
  const qualifier = inName ?? firstText(mentions, 'qualifier')?.text;
  if (qualifier === undefined || qualifier === '$LATEST') return new Map([['function', [arn]]]);
  const qualified = `${arn}:${escapeText(qualifier)}`;
  return new Map([
    ['function', [action.name.startsWith('lambda:Invoke') ? qualified : arn]],
    [/^[0-9]+$/.test(qualifier) ? 'function version' : 'function alias', [qualified]],
  ]);
};

/** The tagging actions take the log group's ARN without `:*`, all others with it (CloudWatch Logs User Guide, iam-access-control-overview-cwl.html). */
const withoutStar = new Set(['logs:TagResource', 'logs:UntagResource', 'logs:ListTagsForResource']);

export const findLogs: Finder = ({ mentions }, action) => {
  const groups = [
    ...fieldsOf(mentions, 'loggroupname'),
    ...fieldsOf(mentions, 'loggroupidentifier'),
    ...fieldsOf(mentions, 'resourceidentifier'),
  ]
    .map(({ value }) => value)
    .concat(
      mentions.arns
        .filter(({ name }) => name === 'resourcearn' || name === 'loggrouparn' || name === 'resource')
        .map(({ value }) => value),
    );
  const patterns = groups.flatMap((group) => {
    const found = /^arn:.*?:log-group:([^:]+)/s.exec(group.text);
    if (group.text.startsWith('arn:') && found === null) return [];
    const arn =
      found === null ? `${local(mentions, 'logs')}:log-group:${patternOf(group)}` : escapeText(found[0]);
    return [withoutStar.has(action.name) ? arn : `${arn}:*`];
  });
  return patterns.length === 0 ? new Map() : new Map([['log-group', [...new Set(patterns)]]]);
};

const isWhole = (text: string): boolean => /^arn:.*:secret:.*-[A-Za-z0-9]{6}$/s.test(text);

/** A secret's ARN ends in six random characters that its name lacks (Secrets Manager User Guide, reference_iam-permissions.html). */
export const findSecret: Finder = ({ mentions, call }) => {
  const names = ['secretid', 'secretidlist']
    .flatMap((name) => fieldsOf(mentions, name))
    .map(({ value }) => value);
  const made =
    call.operation.eventName === 'CreateSecret' ? fieldsOf(mentions, 'name').map(({ value }) => value) : [];
  const shown = mentions.arns.filter(({ arn }) => arn.service === 'secretsmanager');
  const answered = (name: Text): string | undefined =>
    shown
      .map(({ value }) => value.text)
      .find((text) => isWhole(text) && text.slice(0, -7).endsWith(`:secret:${name.text}`));
  const patterns = [...new Set([...names, ...made])].map((name) => {
    if (isWhole(name.text)) return patternOf(name);
    if (isArn(name.text)) return `${patternOf(name)}-??????`;
    const whole = call.operation.eventName === 'CreateSecret' ? undefined : answered(name);
    return whole === undefined
      ? `${local(mentions, 'secretsmanager')}:secret:${patternOf(name)}-??????`
      : escapeText(whole);
  });
  return patterns.length === 0 ? new Map() : new Map([['Secret', [...new Set(patterns)]]]);
};

/** Rules of the default bus have no bus in their ARN (EventBridge User Guide, eb-manage-iam-access.html). */
export const findEvents: Finder = ({ mentions, call }) => {
  const about = /Rule|Target/.test(call.operation.eventName);
  const rule = about ? firstText(mentions, 'rulename', 'rule', 'name') : undefined;
  const found = new Map<string, readonly string[]>();
  if (rule !== undefined && !rule.text.startsWith('arn:')) {
    const bus = firstText(mentions, 'eventbusname', 'eventbus');
    const busName =
      bus?.text.startsWith('arn:') === true
        ? bus.text.slice(bus.text.lastIndexOf('/') + 1)
        : (bus?.text ?? 'default');
    const isDefault = busName === 'default';
    const place = bus === undefined ? undefined : parseArn(bus.text);
    const arn =
      place === undefined
        ? local(mentions, 'events')
        : `arn:${place.partition}:events:${place.region}:${place.account}`;
    found.set('rule-on-default-event-bus', isDefault ? [`${arn}:rule/${patternOf(rule)}`] : []);
    found.set(
      'rule-on-custom-event-bus',
      isDefault ? [] : [`${arn}:rule/${escapeText(busName)}/${patternOf(rule)}`],
    );
  }
  // PutEvents without a bus goes to the default one (EventBridge API Reference, PutEventsRequestEntry).
  if (call.operation.eventName === 'PutEvents' && firstText(mentions, 'eventbusname') === undefined) {
    found.set('event-bus', [`${local(mentions, 'events')}:event-bus/default`]);
  }
  return found;
};

/** The id that Config gives a rule starts so; its name is in no ARN (AWS Config API Reference, ConfigRule). */
export const findConfig: Finder = ({ mentions }) => {
  const shown = mentions.arns.some(({ arn, from }) => arn.service === 'config' && from !== 'response');
  return shown
    ? new Map()
    : new Map([['ConfigRule', [`${local(mentions, 'config')}:config-rule/config-rule-*`]]]);
};
