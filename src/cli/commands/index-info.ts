import { InputError } from '../../iam/input-error.ts';
import { withIndex } from '../access.ts';
import type { Command } from '../command.ts';

interface IndexFlags {
  readonly what: string | undefined;
}

export const indexInfo: Command<IndexFlags> = {
  command: 'index <what>',
  needs: 'the word info: iam-minimize index info',
  describe: 'index info: coverage with its gaps, versions, integrity of the index',
  group: 'Run',
  flags: (yargs) => yargs.positional('what', { type: 'string', describe: 'info' }),
  async run(args, terminal) {
    if (args.what !== 'info')
      throw new InputError(`index ${String(args.what)}: unknown; use: iam-minimize index info`);
    const { indexSummary } = await import('../../synth/usage/index-summary.ts');
    const { indexJson } = await import('../../emit/json/index-info.ts');
    const { indexText } = await import('../../emit/text/index-info.ts');
    return withIndex(args.db, (index) => {
      const summary = indexSummary(index);
      terminal.out.write(args.json ? `${JSON.stringify(indexJson(summary))}\n` : indexText(summary, args.db));
      return summary.integrity === 'ok' ? (summary.faults.length > 0 ? 3 : 0) : 1;
    });
  },
};
