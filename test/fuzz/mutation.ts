import * as fc from 'fast-check';

/** Stands in the corpus where nothing is to be kept, and is copied to no place where something is. */
export const secret = 'S3cr3t-value-never-to-be-kept';

/** Values that programs trip over, put in the place of others. */
const nasty: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  '',
  '*',
  '${aws:username}',
  '${',
  '\u0000',
  '\ud800',
  '\u009b31m',
  '../../..',
  'arn:aws:iam::111122223333:role/',
  'arn:aws:s3:::',
  'a'.repeat(5000),
  '9'.repeat(400),
  [],
  [[[[[[[[[[]]]]]]]]]],
  {},
  Array.from({ length: 101 }, (_, i) => `i-${i}`),
  JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  { toString: 1, valueOf: 1 },
];
const nastyNames = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '',
  'length',
  'Records',
  'arn',
  'items',
];

/** One change of a JSON value or of its text. */
interface Change {
  readonly kind: 'value' | 'name' | 'remove' | 'copy' | 'byte' | 'cut' | 'deepen';
  readonly place: number;
  readonly with: number;
}

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('value', 'value', 'value', 'name', 'remove', 'copy', 'byte', 'cut', 'deepen'),
  place: fc.nat(1_000_000),
  with: fc.nat(1_000_000),
});

interface Slot {
  readonly holder: object;
  readonly name: string;
}

function slotsOf(value: unknown, slots: Slot[] = []): readonly Slot[] {
  if (typeof value !== 'object' || value === null) return slots;
  for (const [name, inner] of Object.entries(value)) {
    slots.push({ holder: value, name });
    slotsOf(inner, slots);
  }
  return slots;
}

const valueAt = ({ holder, name }: Slot): unknown => Object.getOwnPropertyDescriptor(holder, name)?.value;

/** Defined, not assigned: a name may be `__proto__`. */
function put(holder: Slot['holder'], name: string, value: unknown): void {
  Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true });
}

function changed(json: unknown, { kind, place, with: choice }: Change): unknown {
  const slots = slotsOf(json);
  const slot = slots[place % Math.max(1, slots.length)];
  const other = slots[choice % Math.max(1, slots.length)];
  if (!slot || !other) return nasty[choice % nasty.length];
  const value = valueAt(slot);
  switch (kind) {
    case 'value':
      put(slot.holder, slot.name, structuredClone(nasty[choice % nasty.length]));
      break;
    case 'name':
      put(slot.holder, nastyNames[choice % nastyNames.length] ?? '', value);
      break;
    case 'remove':
      Reflect.deleteProperty(slot.holder, slot.name);
      break;
    case 'copy':
      if (!JSON.stringify(valueAt(other))?.includes(secret))
        put(slot.holder, slot.name, structuredClone(valueAt(other)));
      break;
    case 'deepen':
      put(
        slot.holder,
        slot.name,
        Array.from({ length: choice % 40 }).reduce<unknown>((inner) => ({ a: [inner] }), value),
      );
      break;
    case 'byte':
    case 'cut':
      break;
  }
  return json;
}

function changedText(text: string, { kind, place, with: choice }: Change): string {
  const at = place % (text.length + 1);
  if (kind === 'cut') return text.slice(0, at);
  if (kind === 'byte') return text.slice(0, at) + String.fromCharCode(choice % 256) + text.slice(at + 1);
  return text;
}

/** Texts of a corpus after some changes, by structure and by character. */
export const mutated = (corpus: readonly string[]): fc.Arbitrary<string> =>
  fc.tuple(fc.nat(1_000_000), fc.array(change, { maxLength: 6 })).map(([n, changes]) => {
    const text = corpus[n % corpus.length] ?? '';
    let json: unknown;
    try {
      json = JSON.parse(text);
      for (const one of changes) json = changed(json, one);
      const written = JSON.stringify(json) ?? '';
      return changes.reduce(changedText, written);
    } catch {
      return changes.reduce(changedText, text);
    }
  });
