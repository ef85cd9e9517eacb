import type { Argv, ArgumentsCamelCase } from 'yargs';

/** 0 done; 1 found what the command looks for; 2 bad usage or input; 3 done, but some input could not be read; 70 a bug. */
export type ExitCode = 0 | 1 | 2 | 3 | 70;

/** The index where `--db` is not given. */
export const defaultIndex = 'iam-minimize.db';

/** Flags every command has. */
export interface GlobalFlags {
  readonly db: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly color: boolean;
  readonly profile: string | undefined;
  readonly region: string | undefined;
}

/** Where a command writes: results to `out`, everything else to `err`. */
export interface Terminal {
  readonly out: NodeJS.WritableStream;
  readonly err: NodeJS.WritableStream;
  readonly in: AsyncIterable<Buffer>;
  /** A person watches stderr: progress lines make sense. */
  readonly interactive: boolean;
  /** Colour on stdout. */
  readonly color: boolean;
  /** Columns of stdout. */
  readonly width: number;
  readonly clock: () => number;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** One command: its flags, and the one thing it does. Heavy imports belong inside `run`. */
export interface Command<F> {
  /** As in usage: `ingest <source..>`. */
  readonly command: string;
  /** What its positional arguments are, where they are required: `a SOURCE (file, folder or -)`. */
  readonly needs?: string;
  readonly describe: string;
  readonly group: 'Start' | 'Check' | 'Run';
  readonly flags: (yargs: Argv<GlobalFlags>) => Argv<GlobalFlags & F>;
  readonly run: (args: ArgumentsCamelCase<GlobalFlags & F>, terminal: Terminal) => Promise<ExitCode>;
}

/** A command whose flags are nobody else's business. */
export interface Registered {
  readonly command: string;
  readonly needs: string | undefined;
  readonly describe: string;
  readonly group: Command<object>['group'];
  /** Adds the command to the parser; `done` gets its exit code. */
  readonly register: (
    parser: Argv<GlobalFlags>,
    terminal: (color: boolean) => Terminal,
    done: (code: ExitCode) => void,
  ) => void;
}

export function register<F>({ command, needs, describe, group, flags, run }: Command<F>): Registered {
  return {
    command,
    needs,
    describe,
    group,
    register: (parser, terminal, done) => {
      parser.command<GlobalFlags & F>(
        command,
        false,
        (y) => flags(y.usage(`Usage: iam-minimize ${command}\n\n${describe}`)),
        async (args) => done(await run(args, terminal(args.color))),
      );
    },
  };
}
