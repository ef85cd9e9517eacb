import { withIndex, command } from '../command.ts';
import { windowFlags } from '../flags.ts';
import { printableJson } from '../../iam/printable.ts';

export const principals = command({
  flags: { ...windowFlags },
  examples: [
    ['iam-minimize principals', 'a table of all principals'],
    ['iam-minimize principals --json', 'one JSON object per principal'],
  ],
  async run(args, terminal) {
    const { summarize } = await import('../../synth/usage/summary.ts');
    const { principalJson, principalTable } = await import('../../emit/text/principals.ts');
    const { windowOf } = await import('../../app/settings/window.ts');
    const { knownDays } = await import('../../synth/usage/deliveries.ts');
    return withIndex(args.db, (index) => {
      const summaries = summarize(index, windowOf(args, knownDays(index.coverage())));
      terminal.out.write(
        args.json
          ? summaries.map((s) => printableJson(principalJson(s))).join('')
          : principalTable(summaries),
      );
      return 0;
    });
  },
});
