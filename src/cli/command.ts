import type { AwsAccess } from '../aws/access.ts';
import type { IndexReader } from '../store/reader.ts';
import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options, PositionalOptions } from 'yargs';

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

/** Flags, as yargs takes them. */
type Flags = Readonly<Record<string, Options>>;

/** Positional arguments, as yargs takes them. */
type Places = Readonly<Record<string, PositionalOptions>>;

/** What flags were given; every command has the global ones. */
export type Args<F extends Flags | Places> = ArgumentsCamelCase<GlobalFlags & InferredOptionTypes<F>>;

/** A command as `--help` lists it. */
export interface Listed {
  /** As in usage: `ingest <source..>`. */
  readonly command: string;
  /** What its positional arguments are, where they are required: `a SOURCE (file, folder or -)`. */
  readonly needs?: string;
  /** What may stand in its place, if only some words may. */
  readonly words?: readonly string[];
  readonly describe: string;
  /** Its file, which is read when the command is called: it may import what is heavy. Absent where yargs makes it. */
  readonly load?: () => Promise<Registered>;
}

/** One command: its flags, and the one thing it does. */
interface Command<F extends Flags, P extends Places> {
  /** Positional arguments. */
  readonly places?: P;
  readonly flags?: F;
  readonly examples?: readonly (readonly [line: string, what: string])[];
  readonly run: (args: Args<F & P>, terminal: Terminal) => Promise<ExitCode>;
}

/** Adds a command to the parser; `done` gets its exit code. */
type Registered = (
  listed: Listed,
  parser: Argv<GlobalFlags>,
  terminal: (color: boolean) => Terminal,
  done: (code: ExitCode) => void,
) => void;

/** A command, ready for the parser. */
export const command =
  <const F extends Flags = {}, const P extends Places = {}>({
    flags,
    places,
    examples = [],
    run,
  }: Command<F, P>): Registered =>
  (listed, parser, terminal, done) => {
    parser.command<GlobalFlags & InferredOptionTypes<F & P>>(
      listed.command,
      false,
      (y) => {
        y.usage(`Usage: iam-minimize ${listed.command}\n\n${listed.describe}`);
        for (const [name, place] of Object.entries(places ?? {})) y.positional(name, place);
        y.options(flags ?? {});
        for (const [line, what] of examples) y.example(line, what);
      },
      async (args) => done(await run(args, terminal(args.color))),
    );
  };

/** A flag that takes a text. */
export const text = (describe: string) => ({ type: 'string', describe }) as const;

/** A flag that takes texts, several words or given again. */
export const texts = (describe: string) => ({ type: 'string', array: true, describe }) as const;

/** A flag that takes nothing. */
export const yes = (describe: string) => ({ type: 'boolean', default: false, describe }) as const;

/** `--profile` and `--region` as access to AWS. */
export const accessOf = ({ profile, region }: Pick<GlobalFlags, 'profile' | 'region'>): AwsAccess => ({
  ...(profile === undefined ? {} : { profile }),
  ...(region === undefined ? {} : { region }),
});

/** Opens the index of `--db` for as long as it is used. @throws InputError when the file is no index */
export async function withIndex<const T>(
  db: string,
  use: (index: IndexReader) => T | Promise<T>,
): Promise<T> {
  const { IndexReader } = await import('../store/reader.ts');
  const index = IndexReader.open(db);
  try {
    return await use(index);
  } finally {
    index.close();
  }
}
