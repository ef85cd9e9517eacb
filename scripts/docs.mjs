// Writes what pages take from the program itself: in docs/commands.md under each command's heading its usage and flags, as --help
// prints them; in docs/permissions.md the policies. Run after a change of either: npm run docs. With --check it writes nothing,
// and fails where a page differs.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as needs from '../dist/aws/needs.js';
import { toJson } from '../dist/iam/policy/policy-json.js';

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

/** The page with the policies that are named in it. @param {string} text */
function withPolicies(text) {
  return text.replace(
    /(<!-- policy ([a-z0-9-]+) -->\n).*?(<!-- end -->\n)/gs,
    (_, /** @type {string} */ start, /** @type {string} */ name, /** @type {string} */ end) =>
      `${start}\n<!-- prettier-ignore -->\n\`\`\`json\n${toJson(policyNamed(name))}\`\`\`\n\n${end}`,
  );
}

/** @param {string} name */
function policyNamed(name) {
  const found = policies.get(name);
  if (found === undefined) throw new Error(`docs/permissions.md: there is no policy ${name}`);
  return found;
}

const account = { partition: 'aws', account: '111122223333' };
const logs = { partition: 'aws', bucket: 'example-trail', prefix: 'AWSLogs/111122223333/CloudTrail/' };
const key = 'arn:aws:kms:us-east-1:111122223333:key/1b2c3d4e-0000-4000-8000-000000000000';
const table = {
  ...account,
  region: 'eu-west-1',
  workgroup: 'primary',
  database: 'logs',
  table: 'cloudtrail',
  logs,
  results: { bucket: 'example-results', prefix: 'athena/' },
};
const policies = new Map([
  ['s3', needs.logFileNeeds(logs)],
  ['s3-kms', needs.logFileNeeds({ ...logs, kmsKey: key })],
  [
    'organization',
    needs.logFileNeeds({ ...logs, prefix: 'AWSLogs/o-exampleorgid/', files: '*/CloudTrail/*' }),
  ],
  ['athena', needs.athenaNeeds(table)],
  ['athena-create', needs.athenaCreateNeeds(table)],
  ['digests', needs.digestNeeds(logs, { prefix: 'AWSLogs/111122223333/CloudTrail-Digest/' })],
  ['digest-keys', needs.digestKeyNeeds()],
  ['event-history', needs.eventHistoryNeeds()],
  ['current', needs.currentNeeds(account)],
  ['trail-config', needs.trailConfigNeeds(account)],
  ['last-accessed', needs.lastAccessedNeeds()],
  ['trails', needs.trailsNeeds(account)],
]);

/** @type {readonly (readonly [string, (text: string) => string])[]} */
const pages = [
  ['docs/commands.md', (text) => withUsage(text, helpOf)],
  ['docs/permissions.md', withPolicies],
];
for (const [name, written] of pages) {
  const page = `${project}${name}`;
  const before = readFileSync(page, 'utf8');
  const after = written(before);
  if (!process.argv.includes('--check')) writeFileSync(page, after);
  else if (after !== before) {
    console.error(`${name} does not show the program as it is: npm run docs`);
    process.exitCode = 1;
  }
}
