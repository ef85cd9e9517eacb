import { isIP } from 'node:net';
import { words } from '../json.ts';
import { once } from '../memo.ts';
import type { Operator } from '../policy/operator.ts';

/** A number as AWS compares it: an integer or a decimal; undefined for other text. */
export function numberOf(text: string): number | undefined {
  return /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/.test(text) ? Number(text) : undefined;
}

const W3C_DATE =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2}))?)?)?$/;

/**
 * Milliseconds since 1970 UTC of a W3C date (a year alone included) or of Unix seconds
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date).
 */
export function dateOf(text: string): number | undefined {
  const trimmed = text.trim();
  const parts = W3C_DATE.exec(trimmed);
  if (parts === null) return /^-?\d{1,12}$/.test(trimmed) ? Number(trimmed) * 1000 : undefined;
  const [, year, month = '01', day = '01', hour = '00', minute = '00', second = '00'] = parts;
  const local = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(local)) return undefined;
  const [fraction = '0', zone = 'Z'] = parts.slice(7);
  const offset =
    zone === 'Z'
      ? 0
      : Number(`${zone.slice(0, 1)}1`) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2)));
  return local + Math.trunc(Number(`0.${fraction}`) * 1000) - offset * 60_000;
}

/** Where a range begins or ends: at a value, or just below or above it. */
type End = readonly [value: number | bigint, beside: -1 | 0 | 1];

/** Numbers, milliseconds or addresses (those of IPv6 behind those of IPv4) from one end to another. */
export interface ValueRange {
  readonly first: End;
  readonly last: End;
}

const isUpTo = ([a, besideA]: End, [b, besideB]: End): boolean => a < b || (a === b && besideA <= besideB);

/** Whether one range lies within another. */
export const contains = (outer: ValueRange, inner: ValueRange): boolean =>
  isUpTo(outer.first, inner.first) && isUpTo(inner.last, outer.last);

/** Whether something is in both ranges. */
export const doMeet = (a: ValueRange, b: ValueRange): boolean =>
  isUpTo(a.first, b.last) && isUpTo(b.first, a.last);

/** What stands in an order to a text (numbers and dates), or is in it (addresses); undefined for a text that cannot be read. */
export function rangeOf(
  kind: 'number' | 'date' | 'ip',
  text: string,
  order: Operator['order'] = '=',
): ValueRange | undefined {
  if (kind === 'ip') return addressRange(text);
  const value = kind === 'number' ? numberOf(text) : dateOf(text);
  if (value === undefined) return undefined;
  return {
    first: order.startsWith('<') ? [-Infinity, -1] : [value, order === '>' ? 1 : 0],
    last: order.startsWith('>') ? [Infinity, 1] : [value, order === '<' ? -1 : 0],
  };
}

/** The address of IPv6 that stands behind all of IPv4. */
const firstOf6 = 1n << 32n;

/** `203.0.113.0/24`, `2001:db8::/32` or one address; undefined for other text. Host bits are ignored. */
export function addressRange(text: string): ValueRange | undefined {
  const [, address = '', length] = /^([\da-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text.trim()) ?? [];
  const version = isIP(address);
  const bits = version === 4 ? 32 : 128;
  const prefix = length === undefined ? bits : Number(length);
  if (version === 0 || prefix > bits) return undefined;
  const host = BigInt(bits - prefix);
  const [value, before] = bits === 32 ? [ipv4(address), 0n] : [ipv6(address), firstOf6];
  const first = before + ((value >> host) << host);
  return { first: [first, 0], last: [first + (1n << host) - 1n, 0] };
}

/** An address as text. */
export function addressText(address: bigint): string {
  const [own, count, bits, base, mark] =
    address < firstOf6 ? [address, 4, 8, 10, '.'] : [address - firstOf6, 8, 16, 16, ':'];
  const parts = Array.from({ length: count }, (_, at) => BigInt.asUintN(bits, own >> BigInt(at * bits)));
  return parts
    .reverse()
    .map((part) => part.toString(base))
    .join(mark);
}

const privateRanges = once(() =>
  words('10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 fc00::/7').flatMap(
    (text) => addressRange(text) ?? [],
  ),
);

/**
 * Whether a range is of private addresses, which aws:SourceIp never holds: it is the public one a request came from
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html, aws:SourceIp).
 */
export const isPrivate = (range: ValueRange): boolean =>
  privateRanges().some((outer) => contains(outer, range));

const ipv4 = (address: string): bigint =>
  address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);

function ipv6(address: string): bigint {
  // A URL has no dotted tail in its host, and one `::` at most.
  const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const [left, right] = [head.split(':'), tail.split(':')];
  const groups = [...left, ...Array<string>(8).fill('0')].slice(0, 8);
  if (tail !== '') groups.splice(8 - right.length, right.length, ...right);
  return groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group || '0'}`), 0n);
}
