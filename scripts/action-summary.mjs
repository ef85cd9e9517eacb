// What a scheduled run on GitHub shows of itself: the headline of its pull request, and a line for each principal (see action.yml).
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Principals that are shown; a summary has room for 1 MiB. */
const shown = 200;

/**
 * What the table says of a principal; see docs/schema/retighten.json.
 * @typedef {{ folder: string, state: string, blocks: string[], broadened: boolean | null, denied: number, regressions: unknown[],
 *   new: unknown[], actionsBefore: number, actionsAfter: number }} Principal
 */

/** Names come from logs: nothing in them is Markdown.
 * @param {string} name */
const plain = (name) => name.replace(/[^\w+=,.@/-]/g, '?');

/** @param {Principal} principal */
function row({ folder, state, blocks, broadened, denied, regressions, new: fresh, ...actions }) {
  const notes = [
    ...(broadened ? ['**broadened**'] : []),
    ...(denied > 0 ? [`**${denied} observed uses denied**`] : []),
    ...(regressions.length > 0 ? [`${regressions.length} missed since taken away`] : []),
    ...(fresh.length > 0 ? [`${fresh.length} new`] : []),
    ...(blocks.length > 0 ? ['nothing taken away yet'] : []),
  ];
  return `| \`${plain(folder)}\` | ${state} | ${actions.actionsBefore} -> ${actions.actionsAfter} | ${notes.join(', ')} |`;
}

const [folder = ''] = process.argv.slice(2);
const page = join(folder, 'PULL_REQUEST.md');
const json = join(folder, 'retighten.json');
if (existsSync(page) && existsSync(json)) {
  /** @type {{ principals: Principal[] }} */
  // oxlint-disable-next-line typescript/no-unsafe-assignment -- the run before wrote it
  const { principals } = JSON.parse(readFileSync(json, 'utf8'));
  const [title = ''] = readFileSync(page, 'utf8').split('\n');
  const rest = principals.length - shown;
  console.log(
    [
      `#${title}`,
      '',
      '| principal | proposal | actions | look at |',
      '| --- | --- | --- | --- |',
      ...principals.slice(0, shown).map(row),
      ...(rest > 0 ? ['', `and ${rest} more`] : []),
    ].join('\n'),
  );
}
