import { isObject } from '../../iam/json.ts';

/** Top-level members whose array holds one log record per element. */
const CONTAINER_NAMES = ['Records', 'records', 'Events', 'events', 'logEvents', 'results'];
const CONTAINER_MEMBER = new RegExp(`[{,]\\s*"(?:${CONTAINER_NAMES.join('|')})"\\s*:\\s*$`);

/** Whether the text of an object, up to where an array begins, ends with the name of a member that holds log records. */
export function endsWithContainerName(text: string): boolean {
  return CONTAINER_MEMBER.test(text);
}

/** Whether a top-level value may be a wrapper around log records. */
export function hasContainer(value: unknown): boolean {
  return isObject(value) && CONTAINER_NAMES.some((name) => Array.isArray(value[name]));
}

/** Whether the first members of an object show that it is an event itself: its arrays are then no containers. */
export function isEventHead(head: unknown): boolean {
  return isObject(head) && Object.hasOwn(head, 'eventName');
}
