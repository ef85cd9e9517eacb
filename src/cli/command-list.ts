import type { ArgumentsCamelCase } from 'yargs';
import type { Listed } from './command.ts';

/** Every command by group, in the order `--help` shows them. */
export const commands: Readonly<Record<'Start' | 'Check' | 'Run', readonly Listed[]>> = {
  Start: [
    {
      command: 'ingest [source..]',
      describe: 'Load CloudTrail logs into the index',
      load: async () => (await import('./commands/ingest.ts')).ingestCommand,
    },
    {
      command: 'principals',
      describe:
        'Who is in the index, what they did in numbers, who does the same, and where to begin with one',
      load: async () => (await import('./commands/principals.ts')).principals,
    },
    {
      command: 'generate [name..]',
      describe: 'The smallest policies that still allow what was used, as a diff against today',
      load: async () => (await import('./commands/generate.ts')).generate,
    },
  ],
  Check: [
    {
      command: 'explain <file..>',
      needs: 'a FILE (log, folder or -)',
      describe: 'For each event of a log: principal, outcome, the permissions it needed and why',
      load: async () => (await import('./commands/explain.ts')).explainCommand,
    },
    {
      command: 'why <action>',
      needs: 'an ACTION, for example s3:GetObject',
      describe: 'The evidence for a permission: which calls needed it, when, and an event to look at',
      load: async () => (await import('./commands/why.ts')).why,
    },
    {
      command: 'verify',
      describe: 'Replay against policy files: what a principal did, or a file of requests',
      load: async () => (await import('./commands/verify.ts')).verify,
    },
    {
      command: 'diff <old> <new>',
      needs: 'OLD and NEW (each a policy, a folder of policies, authorization details, - or aws)',
      describe: 'What changes between two policies, or two folders of policies; exit 1 if they differ',
      load: async () => (await import('./commands/diff.ts')).diff,
    },
    {
      command: 'lint <file..>',
      needs: 'a FILE (policy, folder of policies or -)',
      describe: 'Offline checks of policies; exit 1 if any finding is an error (warnings and suggestions: 0)',
      load: async () => (await import('./commands/lint.ts')).lint,
    },
    {
      command: 'backtest',
      describe: 'How often a policy made from the past would have broken what came after',
      load: async () => (await import('./commands/backtest.ts')).backtest,
    },
  ],
  Run: [
    {
      command: 'retighten',
      describe: 'The scheduled run: ingest what is new, propose again, write what changed and a pull request',
      load: async () => (await import('./commands/retighten.ts')).retighten,
    },
    {
      command: 'report',
      describe: 'One page to look at: what everybody is granted, uses and would keep, with the evidence',
      load: async () => (await import('./commands/report.ts')).report,
    },
    {
      command: 'audit',
      describe: 'Findings on IAM good practice, worst first; exit 1 if there are any',
      load: async () => (await import('./commands/audit.ts')).audit,
    },
    {
      command: 'trails',
      describe: 'The trails of the account: where their logs lie, what they record, how to read them',
      load: async () => (await import('./commands/trails.ts')).trails,
    },
    {
      command: 'index <what>',
      needs: 'the word info, check or prune',
      words: ['info', 'check', 'prune'],
      describe:
        'index info: coverage with its gaps, versions; index check: integrity; index prune: without old days',
      load: async () => (await import('./commands/index.ts')).index,
    },
    {
      command: 'data <what>',
      needs: 'the word info or refresh',
      words: ['info', 'refresh'],
      describe: "data info: versions of the reference data; data refresh: fetch AWS's service reference",
      load: async () => (await import('./commands/data.ts')).data,
    },
    {
      command: 'completion',
      describe: 'The script that completes commands and flags in bash, zsh or fish',
    },
  ],
};

const all = Object.values(commands).flat();

/** The first words of all commands. */
export const commandNames: readonly string[] = all.map(({ command }) => command.split(' ')[0] ?? '');

/**
 * Completes a word; yargs writes the script and knows the flags, the commands it has to be told. The shell is told by SHELL (bash,
 * zsh) or the version variable that fish sets.
 * @param line of which the words are, the program first
 */
export function complete(
  current: string,
  line: ArgumentsCamelCase,
  flags: () => void,
  done: (completions: string[]) => void,
): void {
  const before = line._.slice(1)
    .map(String)
    .filter((word) => word !== current);
  const named = all[commandNames.indexOf(before.find((word) => commandNames.includes(word)) ?? '')];
  const words = named === undefined ? commandNames : before.length === 1 ? named.words : undefined;
  if (words && !current.startsWith('-')) done(words.filter((word) => word.startsWith(current)));
  else flags();
}
