import { existsSync, statSync } from 'node:fs';
import { printable } from '../../iam/printable.ts';
import { InputError } from '../../iam/input-error.ts';
import type { Command } from '../command.ts';

interface RetightenFlags {
  readonly config: string;
  readonly current: string | undefined;
  readonly 'new-days': string | undefined;
  readonly restore: boolean;
  readonly check: boolean;
}

export const retighten: Command<RetightenFlags> = {
  command: 'retighten',
  describe: 'The scheduled run: ingest what is new, propose again, write what changed and a pull request',
  group: 'Run',
  flags: (yargs) =>
    yargs
      .option('config', {
        type: 'string',
        demandOption: true,
        describe: 'YAML file with principals, sources, current, out and more',
      })
      .option('current', {
        type: 'string',
        describe: "Today's policies, in place of those of the file: a path, or aws",
      })
      .option('new-days', {
        type: 'string',
        defaultDescription: '7d',
        describe: 'Use first seen in so many last days is marked as new',
      })
      .option('restore', {
        type: 'boolean',
        default: false,
        describe: 'Give back every permission that was taken away and is refused since',
      })
      .option('check', {
        type: 'boolean',
        default: false,
        describe: 'Write nothing but the index; exit 1 when files would change, or a permission is missed',
      })
      .example('iam-minimize retighten --config iam-minimize.yaml', 'once a week')
      .example(
        'iam-minimize retighten --config iam-minimize.yaml --current aws --check',
        'is anything to do?',
      ),
  async run(args, terminal) {
    const { keepApart } = await import('../../app/tree/output-folder.ts');
    const { readConfig } = await import('../../app/settings/config.ts');
    const { proposalSettings } = await import('../../app/settings/settings.ts');
    const { daysOf } = await import('../../app/settings/window.ts');
    const { RetightenRun } = await import('../retighten-run.ts');
    const { treeLock } = await import('../../app/tree/tree-lock.ts');
    const config = readConfig(args.config);
    const { out, principals, sources } = config;
    if (principals.length === 0)
      throw new InputError(`${args.config}: names no principals; add "principals:" (- "*" for all)`);
    if (config.mergeAccounts.length > 0)
      throw new InputError(
        `${args.config}: "merge-accounts" is for generate; retighten proposes for each account, take it out`,
      );
    if (out === undefined) throw new InputError(`${args.config}: names no folder; add "out:"`);
    if (sources.length === 0 && !existsSync(args.db))
      throw new InputError(`${args.config}: names no logs, and there is no index ${args.db}; add "sources:"`);
    if (existsSync(out) && !statSync(out).isDirectory())
      throw new InputError(`${out}: is no folder; give another one as "out:" in ${args.config}`);
    const settings = {
      ...proposalSettings({ current: args.current }, config),
      principals,
      sources,
      out,
      format: config.format ?? 'json',
      newDays: daysOf(args.newDays ?? config.newDays ?? '7d', '--new-days'),
      restore: args.restore,
      check: args.check,
      global: args,
    };
    keepApart(out, settings.current, `"out:" of ${args.config}`);
    const warn = (line: string): void => {
      terminal.err.write(`${printable(line)}\n`);
    };
    const lock = await treeLock(out, terminal.signal, () =>
      warn(`${out}: another run is at work; waiting for its end`),
    );
    try {
      return await new RetightenRun(settings, terminal, warn).run();
    } finally {
      lock.release();
    }
  },
};
