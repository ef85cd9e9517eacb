#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { printable } from '../emit/text.ts';
import { InputError } from '../iam/input-error.ts';
import { standardStream, type ExitCode, type Terminal } from './command.ts';
import { commands } from './commands.ts';

const repository = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege';

function terminal(signal: AbortSignal): Terminal {
  const { env, stdout, stderr, stdin } = process;
  const plain = env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '';
  return {
    out: stdout,
    err: stderr,
    in: stdin,
    interactive: stderr.isTTY,
    color: stdout.isTTY && !plain && env['TERM'] !== 'dumb',
    clock: () => Date.now(),
    signal,
  };
}

function version(): string {
  const parsed: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof parsed === 'object' && parsed !== null && 'version' in parsed ? String(parsed.version) : '';
}

/** The commands by group, as `--help` shows them. */
function overview(): string {
  const lines = ['Usage: iam-minimize <command> [options]', ''];
  const width = Math.max(...commands.map((c) => c.command.length));
  for (const group of ['Start', 'Check', 'Run'] as const) {
    const members = commands.filter((c) => c.group === group);
    if (members.length === 0) continue;
    lines.push(`${group}:`, ...members.map((c) => `  ${c.command.padEnd(width)}  ${c.describe}`), '');
  }
  return lines.join('\n').trimEnd();
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
    .option('db', { type: 'string', default: 'iam-minimize.db', describe: 'The index file', global: true })
    .option('json', { type: 'boolean', default: false, describe: 'Machine output on stdout', global: true })
    .option('quiet', { type: 'boolean', default: false, describe: 'No progress and no summaries', global: true })
    .option('color', { type: 'boolean', default: true, describe: 'Colour on a terminal (--no-color, NO_COLOR)', global: true })
    .version(version())
    .help()
    .alias('help', 'h')
    .epilogue('Least-privilege IAM policies from what CloudTrail recorded. Why: ' + repository)
    .wrap(null)
    .locale('en')
    .strict()
    .parserConfiguration({ 'duplicate-arguments-array': true })
    .exitProcess(false)
    .fail((message: string, error: Error | undefined) => {
      throw error ?? new InputError(`${firstLine(message)}; see iam-minimize --help`);
    });
  const withColor = (color: boolean): Terminal => {
    const shown = terminal(abort.signal);
    return { ...shown, color: shown.color && color };
  };
  for (const command of commands) command.register(parser, withColor, (result) => (code = result));
  parser.command('$0', false, {}, () => {
    throw new InputError('give a command; see iam-minimize --help');
  });
  await parser.parseAsync();
  return code;
}

const firstLine = (text: string): string => text.split('\n')[0] ?? '';

try {
  process.exitCode = await main(hideBin(process.argv).map((arg) => (arg === '-' ? standardStream : arg)));
} catch (error) {
  if (error instanceof InputError || (error instanceof Error && error.name === 'YError')) {
    process.stderr.write(`iam-minimize: ${printable(firstLine(error.message))}\n`);
    process.exitCode = 2;
  } else {
    process.stderr.write(`iam-minimize: a bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 70;
  }
}
