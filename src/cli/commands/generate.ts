/** Room `commands`: a file for each command. */
import { setFlagsFromString } from 'node:v8';
import { InputError } from '../../iam/input-error.ts';
import { standardStream } from '../../app/settings/source-argument.ts';
import { accessOf, command, text, texts, yes } from '../command.ts';
import { surroundingsOf } from '../surroundings.ts';
import { allFlag, configFlag, principalFlag, proposalFlags } from '../flags.ts';
import { generationSettings } from '../../app/settings/settings.ts';
import { keepApart } from '../../app/tree/tree.ts';
import { generation } from '../../app/generation.ts';
import { Review } from '../review.ts';

export const generate = command({
  places: { name: texts('The same as --principal') },
  flags: {
    ...principalFlag,
    ...allFlag,
    'merge-accounts': texts('Role name: one policy for the role of this name in every account; repeatable'),
    ...proposalFlags,
    diff: {
      choices: ['text', 'markdown', 'none'],
      default: 'text',
      describe: 'How changes are shown; markdown: for a pull request or a comment',
    },
    full: yes('All lines of the review; without it a section ends after 25'),
    as: {
      choices: ['policies', 'boundary'],
      default: 'policies',
      describe:
        "boundary: one permissions boundary over today's policies, to try the proposal and take it off again",
    },
    format: {
      choices: ['json', 'terraform', 'cloudformation'],
      defaultDescription: 'json',
      describe: 'What the policies are written as; --out DIR holds policy.json in any case',
    },
    out: text('Folder to write the policies to; - prints the policy alone'),
    check: yes('Write nothing; exit 1 when the policies in --out (else --current) would change'),
    ...configFlag,
  },
  examples: [
    ['iam-minimize generate app --current authorization-details.json', 'what app could lose'],
    ['iam-minimize generate --all --out policies', 'a tree of policies'],
  ],
  async run(args, terminal) {
    if (args.all && args.name?.length)
      throw new InputError(`--all: everybody; leave ${args.name.join(' ')} out`);
    const named = [...(args.name ?? []), ...(args.principal ?? [])];
    // What one principal used can be very much; of many each is little, and collecting more often only takes time (docs/performance.md).
    if (named.length > 0) setFlagsFromString('--heap-growing-percent=30');
    const settings = generationSettings(named.length > 0 ? { ...args, principal: named } : args);
    if (settings.check && settings.out === undefined && settings.current === undefined)
      throw new InputError('--check needs --out DIR or --current PATH|aws to compare with');
    if (settings.out === standardStream && settings.check)
      throw new InputError('--check compares with a folder; give --out DIR');
    if (settings.form === 'boundary' && settings.current === undefined)
      throw new InputError(
        "--as boundary needs --current PATH|aws: it takes the place of today's boundary, and is cut to it",
      );
    if (settings.form === 'boundary' && settings.mergeAccounts.length > 0)
      throw new InputError('--merge-accounts writes policies; leave out --as boundary');
    if (settings.out !== undefined && settings.out !== standardStream)
      keepApart(settings.out, settings.current, '--out');
    const { db, json, diff, full, quiet } = args;
    const review = new Review({ ...settings, db, json, diff, full, quiet }, terminal);
    const surroundings = surroundingsOf(terminal, { quiet: args.quiet || args.json });
    let unreadable = 0;
    for await (const one of generation(db, settings, accessOf(args), surroundings, review.how)) {
      if (one.kind === 'proposed') review.show(one.shown);
      else if (one.kind === 'never-seen') review.showUnseen(one.holder, one.facts);
      else if (one.kind === 'deleted') review.showDeleted(one.identity);
      else {
        unreadable++;
        if (one.kind === 'not-known') review.showUnknown(one.identities);
      }
    }
    review.end();
    return review.hasFindings ? 1 : unreadable > 0 ? 3 : 0;
  },
});
