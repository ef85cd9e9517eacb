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
  const [
    ,
    year,
    month = '01',
    day = '01',
    hour = '00',
    minute = '00',
    second = '00',
    fraction = '0',
    zone = 'Z',
  ] = parts;
  const local = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(local)) return undefined;
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
  const [address = '', length, ...rest] = text.trim().split('/');
  const value = address.includes(':') ? ipv6(address) : ipv4(address);
  if (value === undefined || rest.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length)))
    return undefined;
  const bits = address.includes(':') ? 128 : 32;
  const prefix = length === undefined ? bits : Number(length);
  if (prefix > bits) return undefined;
  const host = BigInt(bits - prefix);
  const first = (value >> host) << host;
  return { bits, first, last: first + (1n << host) - 1n };
}

/** Whether one range lies within another. */
export const containsRange = (outer: AddressRange, inner: AddressRange): boolean =>
  outer.bits === inner.bits && outer.first <= inner.first && inner.last <= outer.last;

function ipv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255))
    return undefined;
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));

function ipv6(text: string): bigint | undefined {
  if (text.length > 45) return undefined;
  const dotted = text.lastIndexOf(':') + 1;
  const tail = text.includes('.') ? ipv4(text.slice(dotted)) : undefined;
  if (text.includes('.') && tail === undefined) return undefined;
  const groupsText =
    tail === undefined
      ? text
      : `${text.slice(0, dotted)}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`;
  const [head = '', after, ...more] = groupsText.split('::');
  const [left, right] = [groups(head), groups(after ?? '')];
  const missing = 8 - left.length - right.length;
  if (more.length > 0 || (after === undefined ? missing !== 0 : missing < 1)) return undefined;
  const all = [...left, ...Array<string>(Math.max(missing, 0)).fill('0'), ...right];
  if (!all.every((group) => /^[\da-fA-F]{1,4}$/.test(group))) return undefined;
  return all.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}
