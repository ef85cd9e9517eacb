import type { Command } from './command.ts';

interface PrincipalsFlags {
  readonly since: string | undefined;
  readonly until: string | undefined;
}

export const principals: Command<PrincipalsFlags> = {
  command: 'principals',
  describe: 'Who is in the index, and what they did in numbers',
  group: 'Start',
  flags: (yargs) =>
    yargs
      .option('since', {
        type: 'string',
        describe: 'First day (YYYY-MM-DD), or days back from the last covered day (90d)',
      })
      .option('until', { type: 'string', describe: 'Last day' })
      .example('iam-minimize principals', 'a table of all principals')
      .example('iam-minimize principals --json', 'one JSON object per principal'),
  async run(args, terminal) {
    const { IndexReader } = await import('../store/reader.ts');
    const { summarize } = await import('../synth/summary.ts');
    const { principalJson, principalTable } = await import('../emit/principals.ts');
    const { windowOf } = await import('./window.ts');
    const { knownDays } = await import('../synth/coverage.ts');
    const index = IndexReader.open(args.db);
    try {
      const covered = knownDays(index.coverage());
      const summaries = summarize(
        index,
        windowOf({ since: args.since, until: args.until, asOf: undefined }, covered),
      );
      terminal.out.write(
        args.json
          ? summaries.map((s) => `${JSON.stringify(principalJson(s))}\n`).join('')
          : principalTable(summaries),
      );
      return 0;
    } finally {
      index.close();
    }
  },
};
