// Writes into docs/commands.md under each command's heading its usage and flags, as --help prints them. Run after a change of
// them: npm run docs. With --check it writes nothing, and fails where the page differs.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../', import.meta.url));

/**
 * The page with the usage of every command that has a section of its own.
 * @param {string} text
 * @param {(...command: string[]) => string} helpOf what `iam-minimize COMMAND --help` prints
 */
function withUsage(text, helpOf) {
  const [head = '', ...sections] = text
    .replace(/\n<!-- usage -->\n.*?<!-- end -->\n/gs, '')
    .split(/^(?=## )/m);
  const general = flagsOf(helpOf(), []);
  return [head, ...sections.map((section) => withBlock(section, helpOf, general))].join('');
}

/** @param {string} section @param {(...command: string[]) => string} helpOf @param {readonly Flag[]} general */
function withBlock(section, helpOf, general) {
  const [heading = '', ...rest] = section.split('\n');
  const command = /^## `([a-z-]+)/.exec(heading)?.[1];
  // `completion --help` prints the script.
  if (command === undefined || command === 'completion') return section;
  const help = helpOf(command);
  const usage = /^Usage: (.*)$/m.exec(help)?.[1] ?? '';
  const flags = flagsOf(help, general).map(({ line }) => line);
  const block = [usage, ...(flags.length > 0 ? ['', ...flags] : [])].join('\n');
  return `${heading}\n\n<!-- usage -->\n\n\`\`\`text\n${block}\n\`\`\`\n\n<!-- end -->\n${rest.join('\n')}`;
}

/** @typedef {{ readonly name: string, readonly line: string }} Flag */

/**
 * The flags of a help text, those in `without` left out.
 * @param {string} help @param {readonly Flag[]} without @returns {Flag[]}
 */
function flagsOf(help, without) {
  const lines = help.split('\n').flatMap((line) => {
    const name = /^ +(?:-\w, +)?--([a-z-]+)/.exec(line)?.[1];
    return name === undefined || without.some((flag) => flag.name === name) ? [] : [{ name, line }];
  });
  const spare = Math.min(...lines.map(({ line }) => line.search(/-/)));
  return lines.map(({ name, line }) => ({ name, line: line.slice(spare) }));
}

/** What `--help` prints, of a command or of all. @param {string[]} command */
function helpOf(...command) {
  const { stdout, status } = spawnSync(
    process.execPath,
    [`${project}dist/cli/main.js`, ...command, '--help'],
    { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
  );
  if (status !== 0) throw new Error(`${command.join(' ')} --help: exit ${String(status)}; npm run build`);
  return stdout;
}

const page = `${project}docs/commands.md`;
const before = readFileSync(page, 'utf8');
const after = withUsage(before, helpOf);
if (!process.argv.includes('--check')) writeFileSync(page, after);
else if (after !== before) {
  console.error('docs/commands.md does not show the program as it is: npm run docs');
  process.exitCode = 1;
}
