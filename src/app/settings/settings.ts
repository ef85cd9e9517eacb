/** Room `settings`: what was asked, by flags and configuration file, and what it means. */
import { InputError } from '../../iam/input-error.ts';
import { sortedUnique } from '../../iam/order.ts';
import type { Format } from '../../emit/iac/format.ts';
import type { Form, Strategy } from '../../synth/shape/synthesis.ts';
import { readConfig, type OwnedPin, type RunConfig } from './config.ts';
import { daysOf, type WindowFlags } from './window.ts';

/** What a proposal is made by. */
export interface ProposalSettings extends WindowFlags {
  readonly current?: string | undefined;
  readonly trailConfig?: string | undefined;
  readonly lastAccessed?: string | undefined;
  readonly strategy: Strategy;
  readonly unobservable: 'keep' | 'drop';
  /** Days. */
  readonly minWindow: number;
  /** Days; 0 for any age. */
  readonly minAge: number;
  /** Days at the end of the window whose first uses are new. */
  readonly newDays: number;
  readonly pins: readonly OwnedPin[];
  readonly exclude: readonly string[];
  /** Those of the command line: one that leaves out nothing is told of. Those of a file may wait for an incident. */
  readonly excludeAsked: readonly string[];
  readonly conditions?: string | undefined;
  readonly form: Form;
}

/** How a proposal is made where nothing else is asked for. */
export const defaults: ProposalSettings = {
  strategy: 'balanced',
  unobservable: 'keep',
  minWindow: 30,
  minAge: 0,
  newDays: 7,
  pins: [],
  exclude: [],
  excludeAsked: [],
  form: 'policies',
};

/** What one run of `generate` was asked for: by flags, else by the configuration file, else by default. */
export interface GenerationSettings extends ProposalSettings {
  /** Empty with `all`. */
  readonly principals: readonly string[];
  readonly all: boolean;
  /** Names of roles of which one policy is written for all their accounts. */
  readonly mergeAccounts: readonly string[];
  readonly format: Format;
  readonly out: string | undefined;
  /** Whether files are compared and none written. */
  readonly check: boolean;
}

/** What flags and a configuration file may both say of a proposal, as text. */
type Asked = {
  readonly [
    name in keyof Omit<
      RunConfig,
      'principals' | 'mergeAccounts' | 'pins' | 'format' | 'groupBy' | 'out' | 'sources'
    >
  ]?: RunConfig[name] | undefined;
};

/** What flags alone may say of a proposal. */
interface AskedByFlags extends Asked {
  readonly asOf?: string | undefined;
  readonly as?: Form;
}

/** What the flags of `generate` say, as text where they take text. */
interface AskedGeneration extends AskedByFlags, Pick<GenerationSettings, 'all' | 'out' | 'check'> {
  readonly principal: readonly string[] | undefined;
  readonly mergeAccounts: readonly string[] | undefined;
  readonly format: Format | undefined;
  /** The configuration file. */
  readonly config: string | undefined;
}

/** @throws InputError when no principal is named anywhere, or the configuration file is not understood */
export function generationSettings(flags: AskedGeneration): GenerationSettings {
  const config: Partial<RunConfig> = flags.config === undefined ? {} : readConfig(flags.config);
  const { all, check, config: file } = flags;
  // Who is named on the command line stands in the place of all whom the file names.
  const isNamed = flags.principal !== undefined || flags.mergeAccounts !== undefined;
  const principals = all ? [] : ((isNamed ? flags.principal : config.principals) ?? []);
  const mergeAccounts = sortedUnique((isNamed ? flags.mergeAccounts : config.mergeAccounts) ?? []);
  if (!all && principals.length + mergeAccounts.length === 0)
    throw new InputError(
      file === undefined
        ? 'give --principal NAME or --all'
        : `${file}: names no principals; add "principals:", or give --principal NAME or --all`,
    );
  return {
    ...proposalSettings(flags, config),
    check,
    principals,
    all,
    mergeAccounts,
    format: flags.format ?? config.format ?? 'json',
    out: flags.out ?? config.out,
  };
}

/** By flags, else by the configuration file, else by default. @throws InputError for days that are none */
export const proposalSettings = (
  flags: AskedByFlags,
  config: Asked & { readonly pins?: readonly OwnedPin[] },
): ProposalSettings => ({
  since: flags.since ?? config.since,
  until: flags.until ?? config.until,
  asOf: flags.asOf,
  current: flags.current ?? config.current,
  trailConfig: flags.trailConfig ?? config.trailConfig,
  lastAccessed: flags.lastAccessed ?? config.lastAccessed,
  strategy: flags.strategy ?? config.strategy ?? defaults.strategy,
  unobservable: flags.unobservable ?? config.unobservable ?? defaults.unobservable,
  minWindow: days(flags.minWindow ?? config.minWindow, '--min-window') ?? defaults.minWindow,
  minAge: days(flags.minAge ?? config.minAge, '--min-age') ?? defaults.minAge,
  newDays: days(flags.newDays ?? config.newDays, '--new-days') ?? defaults.newDays,
  pins: config.pins ?? defaults.pins,
  exclude: flags.exclude ?? config.exclude ?? defaults.exclude,
  excludeAsked: flags.exclude ?? [],
  conditions: flags.conditions ?? config.conditions,
  form: flags.as ?? defaults.form,
});

const days = (text: string | undefined, flag: string): number | undefined =>
  text === undefined ? undefined : daysOf(text, flag);
