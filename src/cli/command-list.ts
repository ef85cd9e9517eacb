import { audit } from './commands/audit.ts';
import { backtest } from './commands/backtest.ts';
import type { ArgumentsCamelCase, Argv } from 'yargs';
import type { GlobalFlags, Registered } from './command.ts';
import { data } from './commands/data.ts';
import { diff } from './commands/diff.ts';
import { explainCommand } from './commands/explain.ts';
import { generate } from './commands/generate.ts';
import { index } from './commands/index.ts';
import { ingestCommand } from './commands/ingest.ts';
import { lint } from './commands/lint.ts';
import { principals } from './commands/principals.ts';
import { report } from './commands/report.ts';
import { retighten } from './commands/retighten.ts';
import { trails } from './commands/trails.ts';
import { verify } from './commands/verify.ts';
import { why } from './commands/why.ts';

const working: readonly Registered[] = [
  ingestCommand,
  principals,
  generate,
  explainCommand,
  why,
  verify,
  diff,
  lint,
  backtest,
  retighten,
  report,
  audit,
  trails,
  index,
  data,
];

type Done = (completions: string[]) => void;

/**
 * The script that makes a shell complete commands, flags and choices; the shell is told by SHELL (bash, zsh) or the
 * version variable that fish sets. yargs writes the script and knows the flags; the commands it has to be told.
 */
const completion = (commands: readonly Registered[]): Registered => {
  const names = [...commands.map(({ command }) => command.split(' ')[0] ?? ''), 'completion'];
  const complete = (
    current: string,
    { _: words }: ArgumentsCamelCase,
    flags: () => void,
    done: Done,
  ): void => {
    // The words are those of the line, the program first.
    const isCommand = words.slice(1).every((word) => !names.includes(String(word)));
    if (isCommand && !current.startsWith('-')) done(names.filter((name) => name.startsWith(current)));
    else flags();
  };
  return {
    command: 'completion',
    describe: 'The script that completes commands and flags in bash, zsh or fish',
    group: 'Run',
    register: (parser: Argv<GlobalFlags>) => {
      parser.completion('completion', false, complete);
    },
  };
};

/** Every command, in the order `--help` shows them. */
export const commands: readonly Registered[] = [...working, completion(working)];
