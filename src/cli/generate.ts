import { printable } from '../iam/printable.ts';
import { InputError } from '../iam/input-error.ts';
import type { Format } from '../emit/format.ts';
import type { Form } from '../synth/synthesize.ts';
import { accessOf } from './access.ts';
import { standardStream, type Command } from './command.ts';

/** The flags of `generate` as they were given. */
export interface GenerateFlags {
  readonly principal: string[] | undefined;
  readonly all: boolean;
  readonly current: string | undefined;
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly 'as-of': string | undefined;
  readonly strategy: 'exact' | 'balanced' | undefined;
  readonly unobservable: 'keep' | 'drop' | undefined;
  readonly 'min-window': string | undefined;
  readonly 'min-age': string | undefined;
  readonly 'trail-config': string | undefined;
  readonly exclude: string[] | undefined;
  readonly conditions: string | undefined;
  readonly diff: 'text' | 'markdown' | 'none';
  readonly as: Form;
  readonly format: Format | undefined;
  readonly out: string | undefined;
  readonly check: boolean;
  readonly config: string | undefined;
}

export const generate: Command<GenerateFlags> = {
  command: 'generate',
  describe: 'The smallest policies that still allow what was used, as a diff against today',
  group: 'Start',
  flags: (yargs) =>
    yargs
      .option('principal', { type: 'string', array: true, describe: 'ARN, bare name or glob; repeatable' })
      .option('all', { type: 'boolean', default: false, describe: 'Every role, user and permission set' })
      .option('current', {
        type: 'string',
        describe:
          "Today's policies: a policy, a folder of policies, get-account-authorization-details JSON, or aws",
      })
      .option('since', {
        type: 'string',
        describe: 'First day (YYYY-MM-DD), or days back from the last covered day (90d)',
      })
      .option('until', { type: 'string', describe: 'Last day' })
      .option('as-of', { type: 'string', describe: 'Count relative windows back from this day' })
      .option('strategy', {
        choices: ['exact', 'balanced'] as const,
        defaultDescription: 'balanced',
        describe:
          'exact: only names that were seen; balanced: machine-made names and crowds of names become patterns',
      })
      .option('unobservable', {
        choices: ['keep', 'drop'] as const,
        defaultDescription: 'keep',
        describe: 'What to do with permissions the log could not have shown',
      })
      .option('min-window', {
        type: 'string',
        defaultDescription: '30d',
        describe: 'Covered days from which on permissions held today may be removed',
      })
      .option('min-age', {
        type: 'string',
        describe: 'Keep what policy versions younger than this at the end of the window grant (7d)',
      })
      .option('trail-config', {
        type: 'string',
        describe: 'What the trail logs: JSON of get-event-selectors, or aws',
      })
      .option('exclude', {
        type: 'string',
        array: true,
        describe: 'Leave out evidence: session=, source-identity=, event=, day=; repeatable',
      })
      .option('conditions', {
        type: 'string',
        describe: 'Also narrow by what all calls had in common: region,vpce,source-ip,mfa',
      })
      .option('diff', {
        choices: ['text', 'markdown', 'none'] as const,
        default: 'text' as const,
        describe: 'How changes are shown; markdown: for a pull request or a comment',
      })
      .option('as', {
        choices: ['policies', 'boundary'] as const,
        default: 'policies' as const,
        describe:
          "boundary: one permissions boundary over today's policies, to try the proposal and take it off again",
      })
      .option('format', {
        choices: ['json', 'terraform', 'cloudformation'] as const,
        defaultDescription: 'json',
        describe: 'What the policies are written as; --out DIR holds policy.json in any case',
      })
      .option('out', {
        type: 'string',
        describe: 'Folder to write the policies to; - prints the policy alone',
      })
      .option('check', {
        type: 'boolean',
        default: false,
        describe: 'Write nothing; exit 1 when the policies in --out (else --current) would change',
      })
      .option('config', {
        type: 'string',
        describe: 'YAML file with principals, window, pins and more; flags win over it',
      })
      .example(
        'iam-minimize generate --principal app --current authorization-details.json',
        'what app could lose',
      )
      .example('iam-minimize generate --all --out policies', 'a tree of policies'),
  async run(args, terminal) {
    const { settingsOf } = await import('./settings.ts');
    const settings = await settingsOf(args);
    if (settings.check && settings.out === undefined && settings.current === undefined)
      throw new InputError('--check needs --out DIR or --current PATH|aws to compare with');
    if (settings.out === standardStream && settings.check)
      throw new InputError('--check compares with a folder; give --out DIR');
    if (settings.form === 'boundary' && settings.current === undefined)
      throw new InputError(
        "--as boundary needs --current PATH|aws: it takes the place of today's boundary, and is cut to it",
      );
    const { IndexReader } = await import('../store/reader.ts');
    const { chosenBy } = await import('./choice.ts');
    const { GenerateRun } = await import('./generate-run.ts');
    const { Proposer } = await import('./proposer.ts');
    const index = IndexReader.open(args.db);
    try {
      const proposer = await Proposer.open(index, settings, accessOf(args), (line) =>
        terminal.err.write(`${printable(line)}\n`),
      );
      const run = new GenerateRun(settings, terminal, proposer);
      return await run.all(chosenBy(proposer.observation.identities, settings));
    } finally {
      index.close();
    }
  },
};
