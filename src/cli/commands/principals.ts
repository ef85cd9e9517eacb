import { setFlagsFromString } from 'node:v8';
import { InputError } from '../../iam/input-error.ts';
import { printableJson } from '../../iam/printable.ts';
import { accessOf, command, text, withIndex, yes } from '../command.ts';
import { principalFlag, windowFlags } from '../flags.ts';
import { surroundingsOf } from '../surroundings.ts';

export const principals = command({
  flags: {
    ...windowFlags,
    ...principalFlag,
    alike: yes('Principals with the same duty, and what each would gain by a policy for all of them'),
    current: text("Today's policies, as in generate: what of them --principal is likely to need"),
  },
  examples: [
    ['iam-minimize principals', 'a table of all principals'],
    ['iam-minimize principals --json', 'one JSON object per principal'],
    ['iam-minimize principals --alike', 'who could share a policy or a group'],
    [
      'iam-minimize principals --principal app',
      'the AWS managed policies that cover it, and what it may need',
    ],
  ],
  async run(args, terminal) {
    // What each one adds up to is soon garbage (docs/performance.md).
    setFlagsFromString('--heap-growing-percent=50');
    const named = args.principal ?? [];
    if (args.alike && named.length > 0) throw new InputError('give --alike or --principal NAME, not both');
    if (args.current !== undefined && named.length === 0)
      throw new InputError('--current says what of it a principal is likely to need; give --principal NAME');
    const { windowOf } = await import('../../app/settings/window.ts');
    const { knownDays } = await import('../../synth/usage/deliveries.ts');
    /** Of very many in pieces: as one text they would stand in memory thrice. */
    const print = <T>(
      list: readonly T[],
      json: (one: T) => object,
      whole: (all: readonly T[]) => Iterable<string>,
    ) => {
      let piece = '';
      for (const line of args.json ? jsonLines(list, json) : whole(list)) {
        piece += line;
        if (piece.length < 65_536) continue;
        terminal.out.write(piece);
        piece = '';
      }
      terminal.out.write(piece);
    };
    return withIndex(args.db, async (index) => {
      if (named.length > 0) {
        const { startingPoints } = await import('../../app/starting-points.ts');
        const { startingPointJson, startingPointText } = await import('../../emit/text/starting-points.ts');
        const { colors } = await import('../../emit/review/layout.ts');
        const { since, until, current } = args;
        const asked = { since, until, current, principals: named };
        const { warn } = surroundingsOf(terminal, args);
        const c = colors(terminal.color);
        print(await startingPoints(index, asked, accessOf(args), warn), startingPointJson, (all) =>
          all.map((one) => startingPointText(one, c)),
        );
        return 0;
      }
      const window = windowOf(args, knownDays(index.coverage()));
      if (args.alike) {
        const { alikeIn } = await import('../../app/starting-points.ts');
        const { clusterJson, clustersText } = await import('../../emit/text/starting-points.ts');
        const { alikeFrom } = await import('../../synth/usage/duties.ts');
        print(alikeIn(index, window), clusterJson, (all) => [clustersText(all, alikeFrom)]);
        return 0;
      }
      const { summarize } = await import('../../synth/usage/summary.ts');
      const { principalJson, principalTable } = await import('../../emit/text/principals.ts');
      print(summarize(index, window), principalJson, principalTable);
      return 0;
    });
  },
});

function* jsonLines<T>(list: readonly T[], json: (one: T) => object): Generator<string> {
  for (const one of list) yield printableJson(json(one));
}
