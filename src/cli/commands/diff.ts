import { currentOfText, readCurrent, type Current } from '../../current/current.ts';
import { InputError } from '../../iam/input-error.ts';
import { printable, printableJson } from '../../iam/printable.ts';
import { standardStream } from '../../app/settings/source-argument.ts';
import { accessOf, command, text, yes } from '../command.ts';
import { readStream } from '../../app/settings/text-file.ts';
import { compare } from '../../current/comparison.ts';
import { diffJson, diffText, diffTotals } from '../../emit/text/diff.ts';
import { noNewAccess } from '../../app/access-analysis.ts';

const accepted = 'a policy, a folder of policies, get-account-authorization-details JSON, -, or aws';

export const diff = command({
  places: { old: text(`Before: ${accepted}`), new: text('After: the same') },
  flags: {
    full: yes('All lines; without it a section ends after 25'),
    'access-analyzer': yes(
      "Also ask IAM Access Analyzer's CheckNoNewAccess; exit 1 only if NEW may allow more than OLD",
    ),
  },
  examples: [
    ['iam-minimize diff before.json after.json', 'two policies'],
    ['iam-minimize diff aws policies', 'a tree of generate --out, against the live account'],
    ['iam-minimize diff aws policies --access-analyzer', 'the same, and does AWS agree that nothing is new?'],
    ['git show HEAD:policy.json | iam-minimize diff - policy.json', 'what a commit would change'],
  ],
  async run(args, terminal) {
    const [old = '', next = ''] = [args.old, args.new];
    const { color, width } = terminal;
    if (old === standardStream && next === standardStream)
      throw new InputError('diff - -: standard input can be one side only');
    const read = async (source: string): Promise<Current> =>
      source === standardStream
        ? currentOfText(await readStream(terminal.in), 'standard input')
        : readCurrent(source, accessOf(args));
    const [before, after] = [await read(old), await read(next)];
    const isAlone =
      before.holders.length + after.holders.length === 0 &&
      before.unnamed.length + after.unnamed.length === 2;
    const totals = { compared: 0, differing: 0, broadened: 0, unknown: 0 };
    let failed = 0;
    let faulty = 0;
    const blocks: string[] = [];
    for (const comparison of compare(before, after)) {
      if ('faults' in comparison) {
        faulty++;
        const { kind, name } = comparison.holder;
        for (const fault of comparison.faults)
          terminal.err.write(
            `${printable(`${kind} ${name}: not compared, its policies cannot be read: ${fault}`)}\n`,
          );
        continue;
      }
      totals.compared++;
      if (comparison.differs) totals.differing++;
      if (comparison.diff.broadened === true) totals.broadened++;
      if (comparison.diff.broadened === null) totals.unknown++;
      const check =
        args.accessAnalyzer && comparison.differs
          ? await noNewAccess(...comparison.sides, accessOf(args))
          : undefined;
      if (check?.passed === false) failed++;
      if (args.json) terminal.out.write(printableJson(diffJson(comparison, check)));
      else if (comparison.differs || isAlone)
        blocks.push(diffText(comparison, check, { color, width, full: args.full }, isAlone));
    }
    if (!args.json) {
      if (!isAlone) terminal.out.write(diffTotals(totals, terminal.color));
      for (const block of blocks) terminal.out.write(block);
    }
    const found = args.accessAnalyzer ? failed + totals.broadened : totals.differing;
    return found > 0 ? 1 : faulty > 0 ? 3 : 0;
  },
});
