import { InputError } from '../../iam/input-error.ts';
import { daysOf } from '../../app/settings/window.ts';
import { accessOf, command, defaultIndex, text, yes } from '../command.ts';
import { accountFlags, proposalFlags } from '../flags.ts';
import { accountOf } from '../../app/audit.ts';
import { audit as run } from '../../audit/audit.ts';
import { auditJson, auditSarif, auditSummary, auditText } from '../../emit/text/audit.ts';
import { colors } from '../../emit/review/layout.ts';

export const audit = command({
  flags: {
    current: proposalFlags.current,
    ...accountFlags,
    'trail-config': text('JSON of describe-trails or get-event-selectors, or aws'),
    'as-of': text('The day that ages count back from; else the last covered day of the index'),
    unused: { ...text('Days without use from which on something is unused'), default: '90d' },
    sarif: yes('SARIF 2.1.0 on stdout'),
  },
  examples: [
    ['iam-minimize audit', 'what the index shows'],
    [
      'iam-minimize audit --current aws --credential-report aws --password-policy aws --trail-config aws',
      'all of it',
    ],
  ],
  async run(args, terminal) {
    if (args.json && args.sarif) throw new InputError('give --json or --sarif, not both');
    const { current, credentialReport, passwordPolicy, trailConfig } = args;
    const isOptional =
      args.db === defaultIndex &&
      [current, credentialReport, passwordPolicy, trailConfig].some((input) => input !== undefined);
    const account = await accountOf(
      { ...args, isOptional, unusedDays: daysOf(args.unused, '--unused') },
      accessOf(args),
    );
    const found = run(account);
    terminal.out.write(
      args.sarif
        ? auditSarif(found)
        : args.json
          ? auditJson(found)
          : auditText(found, colors(terminal.color)),
    );
    if (!args.quiet) terminal.err.write(auditSummary(found));
    return found.findings.length > 0 ? 1 : 0;
  },
});
