import { InputError } from '../../iam/input-error.ts';
import { printable, printableJson } from '../../iam/printable.ts';
import { surroundingsOf } from '../surroundings.ts';
import { standardStream } from '../../app/settings/source-argument.ts';
import { Proposer, type NoProposal } from '../../app/proposer.ts';
import { accessOf, withIndex, command, text, yes } from '../command.ts';
import { accountFlags, configFlag, principalFlag, proposalFlags } from '../flags.ts';
import { accountOf } from '../../app/audit.ts';
import { audit } from '../../audit/audit.ts';
import { fileToWrite, writeWhole } from '../../app/tree/tree.ts';
import { readConfig } from '../../app/settings/config.ts';
import { proposalSettings } from '../../app/settings/settings.ts';
import { summarizeTrials } from '../../synth/backtest.ts';
import { canHoldPolicies } from '../../cloudtrail/identity.ts';
import { dataVersion } from '../../permissions/operation.ts';
import { ReportPage } from '../../emit/report/page.ts';
import { counted, grouped } from '../../emit/review/words.ts';
import { chosenBy } from '../../app/settings/chosen-principals.ts';
import { telling } from '../../app/sources/surroundings.ts';

/** The trials on the page, as `backtest` makes them unless told otherwise. */
const slide = { train: 30, test: 7, step: 7 };

/** Days without use from which on something is unused, as `audit` has it unless told otherwise. */
const unusedDays = 90;

/** What the page says of one that nothing is proposed for. */
const withoutProposal: Readonly<Record<NoProposal, string>> = {
  unreadable: 'its policies today cannot be read',
  'not-known': 'not known to --current',
  deleted: 'deleted: not in --current any more',
};

export const report = command({
  flags: {
    out: { ...text('HTML file to write'), demandOption: true },
    ...principalFlag,
    ...proposalFlags,
    ...accountFlags,
    backtest: yes(
      `Also try each principal's policies on days after those they are made from (${slide.train} and ${slide.test})`,
    ),
    ...configFlag,
  },
  examples: [
    ['iam-minimize report --out report.html --current aws', 'everybody, against what they hold'],
    ["iam-minimize report --out ci.html --principal 'ci-*' --backtest", 'some of them'],
  ],
  async run(args, terminal) {
    if (args.out === standardStream) throw new InputError('--out -: name a file, such as report.html');
    const file = fileToWrite(args.out, 'report.html');
    const config = args.config === undefined ? undefined : readConfig(args.config);
    const settings = proposalSettings(args, config ?? {});
    const principals = args.principal ?? config?.principals ?? [];
    const all = principals.length === 0;
    if (!all && (args.credentialReport ?? args.passwordPolicy) !== undefined)
      throw new InputError(
        '--credential-report and --password-policy are of whole accounts; leave out --principal, or them',
      );
    const surroundings = surroundingsOf(terminal, args);
    return withIndex(args.db, async (index) => {
      const proposer = await Proposer.open(index, settings, accessOf(args), surroundings.warn);
      const { identities } = proposer.observation;
      const chosen = chosenBy(identities, { all, principals });
      const page = new ReportPage();
      let unread = 0;
      proposer.strangers(chosen);
      if (all) {
        const { trailConfig, asOf } = settings;
        const { current } = proposer;
        const inputs = { ...args, current, trailConfig, asOf, isOptional: false, unusedDays };
        page.addAudit(audit(await accountOf(inputs, accessOf(args))));
      }
      for (const identity of telling(chosen, surroundings)) {
        const proposed = await proposer.propose(identity, chosen.length === 1);
        if (typeof proposed !== 'string')
          page.add(
            proposed.proposal,
            (proposed.today?.holdings ?? []).map(({ name }) => name),
            args.backtest ? summarizeTrials(proposer.trials(proposed, slide)) : [],
          );
        else {
          page.addWithout(identity, withoutProposal[proposed]);
          if (proposed !== 'deleted') unread++;
        }
      }
      for (const line of proposer.observation.vainExclusions(settings.excludeAsked)) surroundings.warn(line);
      const never = all ? proposer.holdersBeside(chosen) : [];
      for (const holder of never) page.addWithout(holder, 'never seen in the log', proposer.factsOf(holder));
      const others = identities.filter(({ kind }) => !canHoldPolicies(kind)).length;
      const text = page.text([
        `Strategy ${settings.strategy}; what the log could not have shown is ${settings.unobservable === 'keep' ? 'kept' : 'given up'}; reference data ${dataVersion()}.`,
        ...(all && others > 0
          ? [
              `Not on this page: ${counted(others, 'principal')} of the log that cannot be given policies (root, service-linked roles, services).`,
            ]
          : []),
      ]);
      writeWhole(file, text);
      const bytes = Buffer.byteLength(text);
      terminal.out.write(
        args.json
          ? printableJson({
              out: args.out,
              principals: chosen.length - unread,
              unread,
              neverSeen: never.length,
              bytes,
            })
          : `wrote ${printable(args.out)}   ${counted(chosen.length - unread, 'principal')}${unread > 0 ? `, ${grouped(unread)} whose policies are not known` : ''}${never.length > 0 ? `, ${grouped(never.length)} never seen` : ''}, ${grouped(bytes)} bytes\n`,
      );
      return unread > 0 ? 3 : 0;
    });
  },
});
