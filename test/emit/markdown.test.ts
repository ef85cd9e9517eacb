import MarkdownIt from 'markdown-it';
import { array, assert, constantFrom, oneof, property, string, type Arbitrary } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { code, fenced, gitHubLimit, shares, tableMarkdown } from '../../src/emit/markdown/markdown.ts';
import { proposalMarkdown } from '../../src/emit/markdown/proposal.ts';
import { unusedLine } from '../../src/emit/review/unused-principal.ts';
import type { PolicyDocument } from '../../src/iam/policy/policy.ts';
import { propose } from '../../src/synth/generate.ts';
import type { Proposal } from '../../src/synth/proposal.ts';
import { identity, inputOf, observedOf, partsOf, useOf } from '../synth/arbitrary.ts';

/** As GitHub reads it: HTML passes, bare URLs become links. */
const markdown = new MarkdownIt({ html: true, linkify: true });

const hostile: Arbitrary<string> = array(
  oneof(
    constantFrom(
      '`',
      '``',
      '```',
      '|',
      '\\',
      '\\|',
      '*',
      '_',
      '#',
      '[x](http://e.example)',
      '![i](//e/x.png)',
    ),
    constantFrom('<img src=x onerror=y>', '</details>', '<!--', '-->', '&lt;', '&#124;', '@octocat', '#123'),
    constantFrom(
      'http://e.example',
      'www.e.example',
      'a@b.example',
      '\n',
      '\r\n',
      '\n\n# x',
      '\u2028',
      '\t',
      ' ',
    ),
    constantFrom(
      '\u202e',
      '\u0000',
      '\u001b[31m',
      '~~~',
      '---',
      '\n```\n',
      '| a |',
      '$x$',
      ':tada:',
      '__proto__',
    ),
    string({ unit: 'binary', maxLength: 5 }),
  ),
  { minLength: 1, maxLength: 8 },
).map((parts) => parts.join(''));

/** Everything in a text that does something: HTML that is not ours, links, images, emphasis; and rows of tables by width. */
function effectsOf(text: string): { readonly effects: string[]; readonly widths: Set<number> } {
  const effects: string[] = [];
  const widths = new Set<number>();
  let cells = 0;
  for (const token of markdown.parse(text, {})) {
    if (
      token.type === 'html_block' &&
      !/^(<details><summary>[\w ,:/-]+<\/summary>|<\/details>)\n*$/.test(token.content)
    )
      effects.push(token.content);
    if (token.type === 'tr_open') cells = 0;
    if (token.type === 'th_open' || token.type === 'td_open') cells++;
    if (token.type === 'tr_close') widths.add(cells);
    for (const child of token.children ?? [])
      if (!['text', 'code_inline', 'strong_open', 'strong_close', 'softbreak'].includes(child.type))
        effects.push(`${child.type} ${child.content}`);
      else if (child.type === 'text' && /[@#[\]<>]|:\/\//.test(child.content.replaceAll('->', '')))
        effects.push(child.content);
  }
  return { effects, widths };
}

const policy = (actions: readonly string[], resources: readonly string[]): PolicyDocument => ({
  version: '2012-10-17',
  statements: [
    {
      sid: resources[0],
      effect: 'Allow',
      actions: { kind: 'only', patterns: actions },
      resources: { kind: 'only', patterns: resources },
      conditions: [],
    },
  ],
});

/** A proposal in which the names stand wherever a log or a policy can put one. */
function proposalOf(names: readonly string[]): Proposal {
  const [name = ''] = names;
  const uses = names.map((n) => useOf({ action: 's3:GetObject', resource: `arn:aws:s3:::b/${n}` }));
  const proposal = propose(
    inputOf({
      identity: { ...identity, name, account: names.at(-1) ?? '' },
      observed: {
        ...observedOf(uses, [useOf({ action: 's3:PutObject', resource: 'x', errorCode: name })]),
        unmapped: [
          {
            ...partsOf(useOf({ action: 'a:b', resource: '*' })),
            eventSource: name,
            eventName: name,
            reason: name,
            readOnly: true,
            services: [],
          },
        ],
        notes: [...names],
      },
      today: {
        identity: [policy(['s3:*', `${name}:x`], [...names, 'arn:aws:s3:::b/*'])],
        boundary: undefined,
        holdings: [{ source: 'managed', name, arn: name, sharedWith: [...names] }],
      },
    }),
  );
  return { ...proposal, blocks: [...names] };
}

describe('what stands in names has no effect', () => {
  test.each(['<img src=x>', '[a](b)', 'http://e.example', '@octocat', '#123', '*a*'])(
    '%s would have',
    (text) => {
      expect(effectsOf(`a ${text} b`).effects).not.toEqual([]);
    },
  );

  test('in code spans, code blocks and tables', () => {
    assert(
      property(hostile, (name) => {
        const span = markdown.parseInline(`a ${code(name)} b`, {})[0]?.children ?? [];
        expect(span.map(({ type }) => type)).toEqual(['text', 'code_inline', 'text']);
        const table = tableMarkdown(['x', 'y'], [[code(name), '1']]);
        expect(effectsOf(table)).toEqual({ effects: [], widths: new Set([2]) });
        const lines = name.split(/[\n\r]/);
        expect(markdown.parse(fenced(lines, 'text'), {}).map(({ type }) => type)).toEqual(['fence']);
      }),
    );
  });

  test('on the page of a proposal', () => {
    assert(
      property(array(hostile, { minLength: 1, maxLength: 3 }), (names) => {
        const page = proposalMarkdown(proposalOf(names), { rest: 'see `policy.json`' });
        const { effects, widths } = effectsOf(page);
        expect(effects).toEqual([]);
        expect([...widths].every((width) => width === 6 || width <= 7)).toBe(true);
        expect(/[\p{Cc}\u202e\u2028]/u.test(page.replaceAll('\n', ''))).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  test('on the page of one never seen', () => {
    assert(
      property(hostile, (name) => {
        const facts = { days: 3, isCovered: false, isAdministrator: false, attention: [], actions: 2 };
        const holder = { kind: 'role', account: name, name, arn: name, policies: [{ name }] };
        expect(effectsOf(`- ${unusedLine(holder, facts, code)}`).effects).toEqual([]);
      }),
    );
  });
});

describe('the room of a page', () => {
  const many = Array.from({ length: 700 }, (_, i) => `folder-${i}/${'x'.repeat(200)}`);
  const proposal = proposalOf(many);

  test('is kept, and every part that is cut says where the rest is', () => {
    const rest = 'see `policy.json`';
    const page = proposalMarkdown(proposal, { rest });
    expect(page.length).toBeLessThanOrEqual(gitHubLimit);
    expect(page.length).toBeGreaterThan(gitHubLimit / 2);
    expect(page).toMatch(/[\d,]+ more lines: see `policy\.json`/);
    expect(effectsOf(page).effects).toEqual([]);
    for (const room of [6000, 20_000])
      expect(proposalMarkdown({ ...proposal, blocks: [] }, { rest, room }).length).toBeLessThanOrEqual(room);
  });

  test('goes to the short first', () => {
    expect(shares([10, 500, 20], 130)).toEqual([10, 100, 20]);
    expect(shares([10, 20], 100)).toEqual([10, 20]);
    expect(shares([], 5)).toEqual([]);
  });
});
