import { InputError } from '../../iam/input-error.ts';
import { sortedUnique } from '../../iam/order.ts';
import type { Format } from '../../emit/iac/format.ts';
import type { Form, Strategy } from '../../synth/shape/synthesize.ts';
import type { ArgumentsCamelCase } from 'yargs';
import type { GlobalFlags } from '../../cli/command.ts';
import type { OwnedPin, RunConfig } from './config.ts';
import type { GenerateFlags } from '../../cli/commands/generate.ts';
import { daysOf, type WindowFlags } from './window.ts';

/** What a proposal is made by. */
export interface ProposalSettings extends WindowFlags {
  readonly current: string | undefined;
  readonly trailConfig: string | undefined;
  readonly strategy: Strategy;
  readonly unobservable: 'keep' | 'drop';
  /** Days. */
  readonly minWindow: number;
  /** Days; 0 for any age. */
  readonly minAge: number;
  readonly pins: readonly OwnedPin[];
  readonly exclude: readonly string[];
  readonly conditions: string | undefined;
  readonly form: Form;
}

/** How a proposal is made where nothing else is asked for. */
export const defaults: ProposalSettings = {
  since: undefined,
  until: undefined,
  asOf: undefined,
  current: undefined,
  trailConfig: undefined,
  strategy: 'balanced',
  unobservable: 'keep',
  minWindow: 30,
  minAge: 0,
  pins: [],
  exclude: [],
  conditions: undefined,
  form: 'policies',
};

/** What one run of `generate` was asked for: by flags, else by the configuration file, else by default. */
export interface Settings
  extends ProposalSettings, Pick<GlobalFlags, 'db' | 'json'>, Pick<GenerateFlags, 'diff' | 'check'> {
  /** Empty with `all`. */
  readonly principals: readonly string[];
  readonly all: boolean;
  /** Names of roles of which one policy is written for all their accounts. */
  readonly mergeAccounts: readonly string[];
  readonly format: Format;
  readonly out: string | undefined;
}

/** @throws InputError when no principal is named anywhere, or the file of `--config` is not understood */
export async function settingsOf(args: ArgumentsCamelCase<GlobalFlags & GenerateFlags>): Promise<Settings> {
  const config: Partial<RunConfig> =
    args.config === undefined ? {} : (await import('./config.ts')).readConfig(args.config);
  // Who is named on the command line stands in the place of all whom the file names.
  const isNamed = args.principal !== undefined || args.mergeAccounts !== undefined;
  const principals = args.all ? [] : ((isNamed ? args.principal : config.principals) ?? []);
  const mergeAccounts = sortedUnique((isNamed ? args.mergeAccounts : config.mergeAccounts) ?? []);
  if (!args.all && principals.length + mergeAccounts.length === 0)
    throw new InputError(
      args.config === undefined
        ? 'give --principal NAME or --all'
        : `${args.config}: names no principals; add "principals:", or give --principal NAME or --all`,
    );
  return {
    ...proposalSettings(args, config),
    db: args.db,
    json: args.json,
    diff: args.diff,
    check: args.check,
    principals,
    all: args.all,
    mergeAccounts,
    format: args.format ?? config.format ?? 'json',
    out: args.out ?? config.out,
  };
}

/** What flags and a configuration file may both say of a proposal, as text. */
type Asked = Partial<
  Pick<
    RunConfig,
    | 'since'
    | 'until'
    | 'minWindow'
    | 'minAge'
    | 'strategy'
    | 'unobservable'
    | 'conditions'
    | 'current'
    | 'trailConfig'
  >
> & { readonly exclude?: readonly string[] | undefined };

/** By flags, else by the configuration file, else by default. @throws InputError for days that are none */
export const proposalSettings = (
  flags: Asked & { readonly asOf?: string | undefined; readonly as?: Form },
  config: Asked & { readonly pins?: readonly OwnedPin[] },
): ProposalSettings => ({
  since: flags.since ?? config.since,
  until: flags.until ?? config.until,
  asOf: flags.asOf,
  current: flags.current ?? config.current,
  trailConfig: flags.trailConfig ?? config.trailConfig,
  strategy: flags.strategy ?? config.strategy ?? defaults.strategy,
  unobservable: flags.unobservable ?? config.unobservable ?? defaults.unobservable,
  minWindow: days(flags.minWindow ?? config.minWindow, '--min-window') ?? defaults.minWindow,
  minAge: days(flags.minAge ?? config.minAge, '--min-age') ?? defaults.minAge,
  pins: config.pins ?? defaults.pins,
  exclude: flags.exclude ?? config.exclude ?? defaults.exclude,
  conditions: flags.conditions ?? config.conditions,
  form: flags.as ?? defaults.form,
});

const days = (text: string | undefined, flag: string): number | undefined =>
  text === undefined ? undefined : daysOf(text, flag);
