#!/usr/bin/env node
/** Layer `cli`: flags become one call of `app`, its answer output and an exit code. */
import { readFileSync } from 'node:fs';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { printable } from '../iam/printable.ts';
import { cachedReference, referenceFolder } from '../aws/reference-cache.ts';
import { notices } from '../aws/configuration/notices.ts';
import { InputError } from '../iam/input-error.ts';
import { isObject } from '../iam/json.ts';
import { nearest } from '../iam/nearest.ts';
import { useServiceReference } from '../permissions/operation.ts';
import { standardStream } from '../app/settings/source-argument.ts';
import { defaultIndex, text, yes, type ExitCode, type Terminal } from './command.ts';
import { commandNames, commands, complete } from './command-list.ts';

const globalFlags = {
  db: { ...text('The index file'), default: defaultIndex },
  json: yes('Machine output on stdout'),
  quiet: yes('No progress and no summaries'),
  color: { type: 'boolean', default: true, describe: 'Colour on a terminal (--no-color, NO_COLOR)' },
  profile: text('AWS profile, where AWS is asked'),
  region: text('AWS Region, where AWS is asked'),
} as const;

const background =
  'https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege';

function terminal(signal: AbortSignal): Terminal {
  const { env, stdout, stderr, stdin } = process;
  const plain = env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '';
  return {
    out: stdout,
    err: stderr,
    in: stdin,
    interactive: stderr.isTTY,
    // A pipe has no columns: then those that the shell was told of, else as many as a page of text takes.
    width: Math.max(60, stdout.columns ?? Number(env['COLUMNS'] ?? 100)) || 100,
    color: stdout.isTTY && !plain && env['TERM'] !== 'dumb',
    clock: () => Date.now(),
    signal,
  };
}

const listed = Object.values(commands).flat();

function version(): string {
  const parsed: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return isObject(parsed) ? String(parsed['version']) : '';
}

/** The commands by group, as `--help` shows them. */
function overview(): string {
  const lines = ['Usage: iam-minimize <command> [options]'];
  const width = Math.max(...listed.map(({ command }) => command.length));
  for (const [group, members] of Object.entries(commands))
    lines.push('', `${group}:`, ...members.map((c) => `  ${c.command.padEnd(width)}  ${c.describe}`));
  return lines.join('\n');
}

async function main(argv: readonly string[]): Promise<ExitCode> {
  const abort = new AbortController();
  process.once('SIGINT', () => {
    abort.abort();
    process.once('SIGINT', () => process.exit(130));
  });
  let code: ExitCode = 0;
  const parser = yargs([...argv])
    .scriptName('iam-minimize')
    .usage(overview())
    .options(globalFlags)
    .version(version())
    .help()
    .alias('help', 'h')
    .epilogue('Least-privilege IAM policies from what CloudTrail recorded. Why: ' + background)
    .wrap(null)
    .locale('en')
    .strict()
    .parserConfiguration({ 'duplicate-arguments-array': true })
    .exitProcess(false)
    .fail((message: string, error: Error | undefined, asked: object) => {
      throw (
        error ??
        new InputError(
          unknownArgument(argv, message, asked) ??
            missingArgument(argv, message) ??
            `${choices(message) ?? oneLine(message)}; see iam-minimize --help`,
        )
      );
    })
    .demandCommand(1, 'give a command')
    .check(onceOnly);
  const withColor = (color: boolean): Terminal => {
    const shown = terminal(abort.signal);
    return { ...shown, color: shown.color && color };
  };
  useServiceReference(cachedReference(referenceFolder(process.env)));
  parser.completion('completion', false, complete);
  for (const [i, one] of listed.entries()) {
    const register = argv.includes(commandNames[i] ?? '') ? await one.load?.() : undefined;
    if (register) register(one, parser, withColor, (result) => (code = result));
    else parser.command(one.command, false);
  }
  await parser.parseAsync();
  return code;
}

/** @throws InputError for a flag that takes one value and was given several, or an empty one */
function onceOnly(args: Readonly<Record<string, unknown>>, options: unknown): true {
  // yargs hands its options to a check, with the names of the flags that are lists.
  const lists = isObject(options) && Array.isArray(options['array']) ? options['array'] : [];
  for (const [key, value] of Object.entries(args)) {
    // `--min-window` comes as `minWindow` too.
    const name = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    if (name !== '_' && Array.isArray(value) && !lists.includes(name))
      throw new InputError(`--${name}: give it once`);
    if (value === '') throw new InputError(`--${name}: is empty; give a value or leave it out`);
  }
  return true;
}

/** What yargs calls an unknown argument: no command, or no flag of this one, with the nearest that there is; undefined where it means something else. */
function unknownArgument(argv: readonly string[], message: string, asked: object): string | undefined {
  const [, word] = /^Unknown arguments?: ([^,]+)/.exec(message) ?? [];
  if (word === undefined) return undefined;
  const isFlag = !argv.includes(word);
  if (!isFlag && argv.some((arg) => commandNames.includes(arg))) return undefined;
  // What yargs hands over here tells what each flag does, by a method that its types leave out.
  const ask: unknown = Reflect.get(asked, 'getDescriptions');
  const flags: unknown = typeof ask === 'function' ? Reflect.apply(ask, asked, []) : {};
  const near = nearest(word, isFlag ? Object.keys(isObject(flags) ? flags : {}) : commandNames);
  const advice = `${near === undefined ? '' : `did you mean ${isFlag ? '--' : ''}${near}? `}see iam-minimize --help`;
  return isFlag ? `Unknown argument: --${word}; ${advice}` : `${word}: no such command; ${advice}`;
}

/** A choice that there is not; undefined where the message says something else. */
function choices(message: string): string | undefined {
  const found = /Argument: ([^,]+), Given: "(.*)", Choices: (.*)/.exec(message);
  return found
    ? `--${found[1]} ${found[2]}: write ${found[3]?.replaceAll('"', '').replaceAll(', ', ' or ')}`
    : undefined;
}

/** What yargs calls not enough arguments, in the words of the command; undefined where it means something else. */
function missingArgument(argv: readonly string[], message: string): string | undefined {
  if (!message.startsWith('Not enough non-option arguments')) return undefined;
  for (const word of argv) {
    const found = listed[commandNames.indexOf(word)];
    if (found?.needs !== undefined) return `${word}: give ${found.needs}; see iam-minimize ${word} --help`;
  }
  return undefined;
}

const oneLine = (text: string): string => text.trim().replace(/\s*\n\s*/g, ' ');

/** A reader that has had enough (`| head -1`) ends the program as it ends any other: quietly, with 128 + SIGPIPE. */
function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(141);
    throw error;
  });
  process.stderr.on('error', () => {});
}

try {
  // What the index and the policies say is nobody else's business: files 0600, folders 0700.
  process.umask(0o077);
  endWithReader();
  notices.tell = (line) => void process.stderr.write(`${printable(line)}\n`);
  process.exitCode = await main(hideBin(process.argv).map((arg) => (arg === '-' ? standardStream : arg)));
} catch (error) {
  if (error instanceof InputError || (error instanceof Error && error.name === 'YError')) {
    process.stderr.write(`iam-minimize: ${printable(oneLine(error.message))}\n`);
    process.exitCode = 2;
  } else {
    process.stderr.write(
      `iam-minimize: a bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exitCode = 70;
  }
}
