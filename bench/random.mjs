/**
 * A seeded source of random choices: the same seed gives the same data on every machine.
 * @param {number} seed
 */
export function random(seed) {
  let state = seed >>> 0;
  /** The next number, 0 to 1 (mulberry32). */
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  /** A whole number from 0 to n - 1. @param {number} n */
  const below = (n) => Math.floor(next() * n);
  /** @template T @param {readonly T[]} list @returns {T} */
  const pick = (list) => {
    const found = list[below(list.length)];
    if (found === undefined) throw new RangeError('nothing to pick from');
    return found;
  };
  /** Like `pick`, the first entries much more often. @template T @param {readonly T[]} list */
  const pickSkewed = (list) => pick(list.slice(0, 1 + Math.floor(list.length * next() ** 3)));
  /** @param {number} length */
  const hex = (length) => {
    let text = '';
    while (text.length < length) text += below(0x1_0000_0000).toString(16).padStart(8, '0');
    return text.slice(0, length);
  };
  const uuid = () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
  return { next, below, pick, pickSkewed, hex, uuid };
}

/** @typedef {ReturnType<typeof random>} Random */
