import { isIP } from 'node:net';

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

/** A range of addresses; IPv4 and IPv6 are apart. */
export interface AddressRange {
  readonly bits: 32 | 128;
  readonly first: bigint;
  readonly last: bigint;
}

/** `203.0.113.0/24`, `2001:db8::/32` or one address; undefined for other text. Host bits are ignored. */
export function addressRange(text: string): AddressRange | undefined {
  const [, address = '', length] = /^([\da-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text.trim()) ?? [];
  const version = isIP(address);
  const bits = version === 4 ? 32 : 128;
  const prefix = length === undefined ? bits : Number(length);
  if (version === 0 || prefix > bits) return undefined;
  const host = BigInt(bits - prefix);
  const first = ((bits === 32 ? ipv4(address) : ipv6(address)) >> host) << host;
  return { bits, first, last: first + (1n << host) - 1n };
}

/** Whether one range lies within another. */
export const containsRange = (outer: AddressRange, inner: AddressRange): boolean =>
  outer.bits === inner.bits && outer.first <= inner.first && inner.last <= outer.last;

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
