// Writes into docs/commands.md under each command's heading its usage and flags, as --help prints them, and into docs/lint.md
// the tables of checks from data/overrides/. Run after a change of them: npm run docs. With --check it writes nothing, and fails
// where a page differs.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dataRows, readData, stringsOf } from '../dist/iam/catalogue.js';
import { entriesOf } from '../dist/iam/json.js';
import { checks } from '../dist/iam/lint/finding.js';

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

/** A table, its columns as wide as prettier makes them. @param {readonly (readonly string[])[]} rows the first: the head */
function tableOf(rows) {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  const lines = rows.map((row) => `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`);
  const rule = `| ${widths.map((width) => `:${'-'.repeat(width - 1)}`).join(' | ')} |`;
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

/** The checks of lint, and the pages they name. */
function lintChecks() {
  const rows = [...checks()].map(([name, { severity, fires, page }]) => [
    `\`${name}\``,
    severity,
    fires,
    `[${page}][${page}]`,
  ]);
  const { source, pages } = readData('overrides/lint.json');
  const links = entriesOf(pages).map(([name, file]) => `[${name}]: ${String(source)}${String(file)}.html`);
  return [tableOf([['check', 'severity', 'fires when', 'AWS page'], ...rows]), '', ...links.sort()].join(
    '\n',
  );
}

/** Every check of IAM Access Analyzer: which of ours finds it, or why none does. */
function analyzerChecks() {
  const reasons = new Map(entriesOf(readData('overrides/access-analyzer.json')['why']));
  const rows = dataRows('overrides/access-analyzer.json').map(({ type, name, ours, why }) => [
    String(type),
    String(name),
    ours === undefined
      ? String(reasons.get(String(why)))
      : stringsOf(ours)
          .map((check) => `\`${check}\``)
          .join(', '),
  ]);
  return tableOf([['type', 'check', 'here'], ...rows]);
}

/** A page with the part between two marks replaced. @param {string} text @param {string} name @param {string} part */
const withPart = (text, name, part) =>
  text.replace(
    new RegExp(`<!-- ${name} -->\n.*?<!-- end -->\n`, 's'),
    () => `<!-- ${name} -->\n\n${part}\n\n<!-- end -->\n`,
  );

/** @type {Readonly<Record<string, (text: string) => string>>} */
const pages = {
  'docs/commands.md': (text) => withUsage(text, helpOf),
  'docs/lint.md': (text) =>
    withPart(withPart(text, 'checks', lintChecks()), 'access analyzer', analyzerChecks()),
};
for (const [name, write] of Object.entries(pages)) {
  const before = readFileSync(`${project}${name}`, 'utf8');
  const after = write(before);
  if (!process.argv.includes('--check')) writeFileSync(`${project}${name}`, after);
  else if (after !== before) {
    console.error(`${name} does not show the program as it is: npm run docs`);
    process.exitCode = 1;
  }
}
