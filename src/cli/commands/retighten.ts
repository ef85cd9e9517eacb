import { existsSync, statSync } from 'node:fs';
import { printable, printableJson } from '../../iam/printable.ts';
import { InputError } from '../../iam/input-error.ts';
import { retightening, type Retightening, type RetightenSettings } from '../../app/retightening.ts';
import { retightenedJson, type Retightened } from '../../emit/json/retightened.ts';
import { accessOf, command, text, yes, type ExitCode, type Terminal } from '../command.ts';
import { readSummary, surroundingsOf } from '../surroundings.ts';
import { keepApart } from '../../app/tree/tree.ts';
import { readConfig } from '../../app/settings/config.ts';
import { proposalSettings } from '../../app/settings/settings.ts';
import { retightenText } from '../../emit/text/retightened.ts';

export const retighten = command({
  flags: {
    config: { ...text('YAML file with principals, sources, current, out and more'), demandOption: true },
    current: text("Today's policies, in place of those of the file: a path, or aws"),
    'new-days': { ...text('Use first seen in so many last days is marked as new'), defaultDescription: '7d' },
    restore: yes('Give back every permission that was taken away and is refused since'),
    check: yes('Write nothing but the index; exit 1 when files would change, or a permission is missed'),
  },
  examples: [
    ['iam-minimize retighten --config iam-minimize.yaml', 'once a week'],
    ['iam-minimize retighten --config iam-minimize.yaml --current aws --check', 'is anything to do?'],
  ],
  async run(args, terminal) {
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
      ...proposalSettings({ current: args.current, newDays: args.newDays }, config),
      db: args.db,
      principals,
      sources,
      out,
      format: config.format ?? 'json',
      groupBy: config.groupBy,
      restore: args.restore,
      check: args.check,
    };
    keepApart(out, settings.current, `"out:" of ${args.config}`);
    const surroundings = surroundingsOf(terminal, args);
    for await (const done of retightening(settings, accessOf(args), surroundings)) {
      if (done.kind === 'compared') {
        await show(done, settings, args.json, terminal);
        return codeOf(done.found, args.check);
      }
      const { report, seconds } = done;
      for (const { object, reason } of report.failures)
        surroundings.warn(`not read in full: ${object}: ${reason}`);
      if (!args.quiet) terminal.err.write(readSummary(report, seconds));
    }
    surroundings.warn('stopped; the policies are as they were, run the same command again to go on');
    return 3;
  },
});

async function show(
  { found, change }: Retightening & { readonly kind: 'compared' },
  { out, check }: Pick<RetightenSettings, 'out' | 'check'>,
  json: boolean,
  terminal: Terminal,
): Promise<void> {
  if (json) {
    terminal.out.write(printableJson(retightenedJson(found)));
    return;
  }
  terminal.out.write(retightenText(found, terminal.color));
  if (!found.changed) return;
  const line = (state: string, path: readonly string[]): void =>
    void terminal.out.write(`${state}  ${printable([out, ...path].join('/'))}\n`);
  for (const { path } of change.write) line(check ? 'differs' : 'wrote  ', path);
  for (const path of change.remove) line(check ? 'surplus' : 'removed', path);
}

function codeOf({ changed, entries, left, unread }: Retightened, check: boolean): ExitCode {
  const isWrong = entries.some(
    ({ proposal: { proof, overflow } }) => proof.denied > 0 || overflow.length > 0,
  );
  const isToDo = changed || entries.some(({ regressions }) => regressions.some((one) => one.isNamed));
  if (isWrong || (check && isToDo)) return 1;
  return unread > 0 || left.some(({ reason }) => reason === 'unreadable' || reason === 'not-in-current')
    ? 3
    : 0;
}
