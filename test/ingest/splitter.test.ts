import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RecordSplitter } from '../../src/ingest/formats/splitter.ts';
import { split } from './split.ts';

const a = { eventVersion: '1.08', eventName: 'A', resources: [{ ARN: 'x' }], text: 'br{a}c]e"s \\ and ü' };
const b = { eventVersion: '1.08', eventName: 'B', nested: { Records: [1, { deep: [[]] }] } };
const [A, B] = [JSON.stringify(a), JSON.stringify(b)];

describe('wrappings', () => {
  const cases: [name: string, text: string, values: unknown[]][] = [
    ['nothing', '', []],
    ['white space', ' \r\n\t', []],
    ['a bare object', A, [a]],
    ['objects one after the other', A + B, [a, b]],
    ['one per line', `${A}\n${B}\n`, [a, b]],
    ['one per line, Windows', `${A}\r\n${B}\r\n`, [a, b]],
    ['commas between', `${A},\n${B},\n`, [a, b]],
    ['a byte order mark', `\uFEFF${A}`, [a]],
    ['time stamps', `2024-01-01T00:00:00.000Z ${A}\n2024-01-01 00:00:01 ${B}`, [a, b]],
    ['an array', `[${A},${B}]`, [a, b]],
    ['an empty array', '[]', []],
    ['two arrays', `[${A}][${B}]`, [a, b]],
    ['an array of strings', JSON.stringify([A, B]), [A, B]],
    ['an array of arrays', `[[${A}],[${B}]]`, [[a], [b]]],
    ['Records', `{"Records":[${A},${B}]}`, [a, b]],
    ['Records, pretty', JSON.stringify({ Records: [a, b] }, null, 2), [a, b]],
    ['Records, spaced', `{ "Records" : [ ${A} , ${B} ] }`, [a, b]],
    [
      'Records after and before other members',
      `{"x":{"y":[1]},"Records":[${A}],"z":[{"q":[{}]}],"k":"]}"}${B}`,
      [a, b],
    ],
    ['two containers in an object', `{"Records":[${A}],"n":1,"events":[${B}]}`, [a, b]],
    ['Records per line', `{"Records":[${A}]}\n{"Records":[${B}]}\n{"Records":[]}\n`, [a, b]],
    ['logEvents', `{"owner":"1","logEvents":[{"message":"m"}]}`, [{ message: 'm' }]],
    ['LookupEvents', `{"Events":[{"CloudTrailEvent":"{}"}],"NextToken":"t"}`, [{ CloudTrailEvent: '{}' }]],
    [
      'a container name in another place',
      `{"a":{"Records":[1]},"b":"Records","c":[2]}`,
      [{ a: { Records: [1] }, b: 'Records', c: [2] }],
    ],
    [
      'an event with a member named as a container',
      '{"eventName":"X","events":[1]}',
      [{ eventName: 'X', events: [1] }],
    ],
    ['scalars', '1 "two" true null -3.5e2', [1, 'two', true, null, -350]],
    ['an own __proto__', '{"__proto__":{"x":1}}', [JSON.parse('{"__proto__":{"x":1}}')]],
  ];
  test.each(cases)('%s', (_, text, values) => {
    const result = split([text]);
    expect(result.values).toEqual(values);
    expect(result.faults).toEqual([]);
  });

  test('offsets count bytes', () => {
    expect(split([`{"Records":[${A}, ${B}]}`]).offsets).toEqual([12, 12 + Buffer.byteLength(A) + 2]);
  });
});

describe('faults', () => {
  const cases: [name: string, text: string, values: unknown[], faults: string[]][] = [
    ['cut in a bare object', `${A}\n${B.slice(0, -3)}`, [a], [`truncated ${Buffer.byteLength(A) + 1}`]],
    [
      'cut in a record',
      `{"Records":[${A},${B.slice(0, 20)}`,
      [a],
      [`truncated ${Buffer.byteLength(A) + 13}`],
    ],
    ['cut between records', `{"Records":[${A},`, [a], ['truncated 0']],
    ['cut after the records', `{"Records":[${A}]`, [a], ['truncated 0']],
    ['cut in a string', '["abc', [], ['truncated 1']],
    ['junk before', `hello prog[7]: ${A}`, [a], ['malformed 0']],
    ['a line of junk', `${A}\nwhat is this\n${B}`, [a, b], [`malformed ${Buffer.byteLength(A) + 1}`]],
    [
      'junk between records',
      `{"Records":[${A},\n ...more entries\n]}${B}`,
      [a, b],
      [`malformed ${Buffer.byteLength(A) + 15}`],
    ],
    ['a balanced unit that is no JSON', `[{"x":1,},${A}]`, [a], ['malformed 1']],
    ['a line cut short', `{"a":{"b":1\n${A}\n${B}`, [a, b], ['malformed 0']],
    ['a line cut short in a string', `{"a":"b\n${A}\n${B}`, [a, b], ['malformed 0']],
    [
      'a file cut short before another',
      `{"Records":[${A},{"x":[1\n{"Records":[${B}]}`,
      [a, b],
      [`malformed ${Buffer.byteLength(A) + 13}`],
    ],
    ['brackets that nothing opened', `]}${A}`, [a], ['malformed 0']],
    [
      'a closing brace for a bracket',
      `{"Records":[${A}}\n${B}`,
      [a, b],
      [`malformed ${Buffer.byteLength(A) + 12}`],
    ],
    ['no JSON at all', 'this is not json at all {{{', [], ['malformed 0', 'truncated 24']],
  ];
  test.each(cases)('%s', (_, text, values, faults) => {
    const result = split([text]);
    expect(result.values).toEqual(values);
    expect(result.faults.map((f) => `${f.reason} ${f.offset}`)).toEqual(faults);
  });

  test('a value over the limit is reported, the next one is read', () => {
    const long = JSON.stringify({ long: 'x'.repeat(100) });
    const result = split([`[${long},{"a":1}]`, long], { maxUnitBytes: 50 });
    expect(result.values).toEqual([{ a: 1 }]);
    expect(result.faults.map((f) => f.reason)).toEqual(['too-large', 'too-large']);
  });
});

function chunksOf(bytes: Buffer, cuts: number[]): Buffer[] {
  const at = [0, ...cuts.map((c) => c % (bytes.length + 1)).sort((x, y) => x - y), bytes.length];
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

describe('laws', () => {
  const members = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5 });
  const record = fc.oneof(
    members,
    members.map((m) => ({ eventVersion: '1.08', ...m })),
    members.map((m) => ({
      eventVersion: '1.08',
      nested: [{ x: 1 }, { eventVersion: '1' }, { eventVersion: '2' }],
      ...m,
    })),
  );
  const records = fc.array(record, { maxLength: 6 });
  const wrapped = records.chain((list) => {
    const texts = list.map((r) => JSON.stringify(r));
    return fc.constantFrom(
      texts.join('\n'),
      texts.join(''),
      `[${texts.join(', ')}]`,
      `{"Records":[${texts.join(',')}]}`,
      `{"a":[1],"logEvents":[${texts.join(',\n')}],"b":"}"}`,
      JSON.stringify({ x: {}, Records: list }, null, 2),
      JSON.stringify(list, null, 1),
    );
  });
  const cuts = fc.array(fc.nat(), { maxLength: 12 });

  test('any wrapping gives the records', () => {
    fc.assert(
      fc.property(records, (list) => {
        const plain: unknown = JSON.parse(JSON.stringify(list));
        const texts = list.map((r) => JSON.stringify(r));
        for (const text of [`[${texts.join()}]`, `{"Records":[${texts.join()}]}`]) {
          expect(split([text]).values).toEqual(plain);
        }
      }),
    );
  });

  test('the cuts between chunks change nothing', () => {
    const broken = fc
      .tuple(wrapped, fc.nat(), fc.constantFrom('', '{', '}', '"', '\n', ']', 'x', '\\'))
      .map(([t, n, junk]) => {
        const at = n % (t.length + 1);
        return t.slice(0, at) + junk + t.slice(at + (n % 2));
      });
    fc.assert(
      fc.property(fc.oneof(wrapped, broken), cuts, fc.constantFrom(undefined, 40), (text, cuts, max) => {
        const bytes = Buffer.from(text);
        const options = max === undefined ? {} : { maxUnitBytes: max };
        const whole = split([bytes], options);
        expect(split(chunksOf(bytes, cuts), options)).toEqual(whole);
        expect(
          split(
            [...bytes].map((byte) => Buffer.from([byte])),
            options,
          ),
        ).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });

  test('any bytes are survived', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(split([Buffer.from(bytes)]).values.length).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});

test('records stream: only the current one is held', () => {
  let values = 0;
  const splitter = new RecordSplitter({ value: () => values++, fault: () => expect.unreachable() });
  const block = Buffer.from(`${A},`.repeat(500));
  splitter.push(Buffer.from('{"Records":['));
  const before = process.memoryUsage().rss;
  for (let i = 0; i < 500; i++) splitter.push(block);
  splitter.push(Buffer.from(`${A}]}`));
  splitter.end();
  expect(values).toBe(250_001);
  expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
});

const delivered = (texts: readonly string[]): string => `{"Records":[${texts.join()}]}`;
/** A space hides where the next begins: each is cut byte by byte. */
const hidden = (text: string): string => text.replaceAll('},{"eventVersion":', '}, {"eventVersion":');
const found = (text: string): { values: unknown[]; faults: string[] } => {
  const { values, faults } = split([text]);
  return { values, faults: faults.map(({ reason }) => reason) };
};

/** Where a quote went missing, the space is in a text. */
const shown = (text: string): string => JSON.stringify(found(text)).replaceAll('}, {', '},{');

describe('records as CloudTrail delivers them', () => {
  const tricky = fc.constantFrom(
    '"},{\\"eventVersion\\":"',
    '[{"a":1},{"eventVersion":"1.08"}]',
    '"\\u00fc\\ud83d\\ude00 \\\\ \\" ü 😀 \\ud800"',
    '123456789012345678901234567890.5e-3',
    '1e400',
    '{"":{"__proto__":[[[{}]]]}}',
    '{"a":1,"a":[2]}',
  );
  const member = fc.tuple(
    fc.constantFrom('requestParameters', 'eventName', 'eventVersion', '__proto__', 'Records', 'ü', ''),
    fc.oneof(tricky, fc.json({ maxDepth: 3 })),
  );
  const record = fc.array(member, { maxLength: 5 }).map((members) => {
    const texts = members.map(([name, value]) => `${JSON.stringify(name)}:${value}`);
    return `{${['"eventVersion":"1.08"', ...texts].join()}}`;
  });

  test('each is what a parser of the whole finds, and what is cut byte by byte', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 8 }), (texts) => {
        const text = delivered(texts);
        const values = texts.map((one): unknown => JSON.parse(one));
        expect(found(text)).toEqual({ values, faults: [] });
        expect(found(hidden(text))).toEqual({ values, faults: [] });
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  test('cut off at any byte, or with any byte of it another, they are those that are cut byte by byte', () => {
    const [before = '', ...texts] = fc.sample(record, { numRuns: 51, seed: 2 });
    for (const text of texts) {
      const begin = `{"Records":[${before},`;
      for (let i = 0; i < text.length; i++)
        for (const damage of ['', `"${text.slice(i + 1)},${before}]}`, `}${text.slice(i + 1)},${before}]}`]) {
          const broken = begin + text.slice(0, i) + damage;
          expect(shown(broken)).toBe(shown(hidden(broken)));
        }
    }
  });
});
