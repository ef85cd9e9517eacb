import { InputError } from '../iam/input-error.ts';
import type { PlacedFinding } from '../iam/lint-text.ts';
import { printable } from '../iam/printable.ts';
import { standardStream, type Command, type Terminal } from './command.ts';
import { readStream } from './input.ts';

interface LintFlags {
  readonly file: string[] | undefined;
}

export const lint: Command<LintFlags> = {
  command: 'lint <file..>',
  describe: 'Offline checks of policies; exit 1 if any finding is an error (warnings and suggestions: 0)',
  group: 'Check',
  flags: (yargs) =>
    yargs
      .positional('file', {
        type: 'string',
        array: true,
        describe: 'Policy files, folders of them (.json, any depth), or - for standard input',
      })
      .example('iam-minimize lint policies', 'every policy below a folder')
      .example('iam-minimize lint policy.json --json', 'a finding per line, for machines'),
  async run(args, terminal) {
    const { findingJson, findingText, lintSummary } = await import('../emit/lint.ts');
    const { colors } = await import('../emit/colors.ts');
    const { lintText } = await import('../iam/lint-text.ts');
    const c = colors(terminal.color);
    const findings: PlacedFinding[] = [];
    let files = 0;
    let unreadable = 0;
    for await (const { file, read } of sources(args.file ?? [], terminal)) {
      try {
        const found = lintText(await read(), file);
        files++;
        findings.push(...found);
        for (const finding of found) {
          terminal.out.write(
            args.json ? `${JSON.stringify(findingJson(file, finding))}\n` : findingText(file, finding, c),
          );
        }
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        terminal.err.write(`${printable(error.message)}\n`);
        unreadable++;
      }
    }
    if (!args.json && !args.quiet) terminal.err.write(lintSummary(findings, files));
    if (unreadable > 0) return 2;
    return findings.some(({ severity }) => severity === 'error') ? 1 : 0;
  },
};

interface Source {
  readonly file: string;
  readonly read: () => Promise<string>;
}

/** What is to be checked; a path that cannot be listed is a source that cannot be read. */
async function* sources(paths: readonly string[], terminal: Terminal): AsyncGenerator<Source> {
  const { fileText, policyFiles } = await import('../current/folder.ts');
  for (const path of paths) {
    if (path === standardStream) {
      yield { file: 'standard input', read: () => readStream(terminal.in) };
      continue;
    }
    try {
      for (const { file } of await policyFiles(path)) yield { file, read: () => fileText(file) };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      yield { file: path, read: () => Promise.reject(error) };
    }
  }
}
