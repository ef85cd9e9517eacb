import { dirname, isAbsolute, join } from 'node:path';
import { actionInfo, expandActions, nearestAction } from '../../iam/catalogue.ts';
import { parseDay } from '../../iam/days.ts';
import { parseExclusion } from '../../synth/usage/exclusion.ts';
import { parseNarrowings } from '../../synth/usage/narrowing.ts';
import type { Pin } from '../../synth/keep/pins.ts';
import { isFar } from './source-argument.ts';
import { readTextFile } from './text-file.ts';
import { dayOr, daysOf } from './window.ts';
import { YamlSection } from './yaml-section.ts';

/** A pin, and whose it is: an ARN, a bare name or a glob. */
export interface OwnedPin extends Pin {
  readonly principal: string;
}

/** What a configuration file says; undefined or empty where it says nothing. Text as the flags of the same name take it. */
export type RunConfig = ReturnType<typeof parseConfig>;

const members = [
  'principals merge-accounts window min-window min-age strategy unobservable pins exclude conditions',
  'current trail-config last-accessed format group-by out sources new-days',
].flatMap((names) => names.split(' '));

const pinMembers = ['principal', 'action', 'resource', 'owner', 'reason', 'expires'] as const;

/** Reads the file of `--config`. @throws InputError, with file and line, for whatever is not understood */
export const readConfig = (file: string): RunConfig => parseConfig(readTextFile(file, '--config'), file);

/** Paths are taken from the folder of the file, `aws` as the live account. */
export function parseConfig(text: string, file: string) {
  const config = YamlSection.parse(text, file, members);
  const window = config.section('window', ['since', 'until']);
  const day = (name: string) => window?.checked(name, (value) => dayOr(value, name, (days) => days));
  const days = (name: string) => config.checked(name, (value) => daysOf(value, name));
  const path = (name: string) =>
    config.read(name, (value) => {
      if (name === 'out' && value === '-')
        throw config.wrong(name, 'name a folder; --out - is for the command line');
      return name !== 'out' && value === 'aws' ? value : below(file, value);
    });
  return {
    principals: config.texts('principals'),
    mergeAccounts: config.texts('merge-accounts'),
    since: day('since'),
    until: day('until'),
    minWindow: days('min-window'),
    minAge: days('min-age'),
    strategy: config.oneOf('strategy', ['exact', 'balanced']),
    unobservable: config.oneOf('unobservable', ['keep', 'drop']),
    pins: config.sections('pins', pinMembers).map(pinOf),
    exclude: config.texts('exclude', parseExclusion),
    conditions: config.checked('conditions', parseNarrowings),
    current: path('current'),
    trailConfig: path('trail-config'),
    lastAccessed: path('last-accessed'),
    format: config.oneOf('format', ['json', 'terraform', 'cloudformation']),
    groupBy: config.oneOf('group-by', ['account']),
    out: path('out'),
    sources: config.texts('sources').map((value) => {
      if (value === '-')
        throw config.wrong('sources', 'name files, folders or places; - is for the command line');
      return isFar(value) ? value : below(file, value);
    }),
    newDays: days('new-days'),
  };
}

/** A path as seen from the folder of a file. */
const below = (file: string, path: string): string => (isAbsolute(path) ? path : join(dirname(file), path));

function pinOf(pin: YamlSection): OwnedPin {
  const [principal = '', action = '', resource = '', owner = '', reason = '', expires = ''] = pinMembers.map(
    (name) => pin.text(name),
  );
  if (!/^[a-z0-9-]+:[A-Za-z0-9*?]+$/i.test(action))
    throw pin.wrong('action', 'write service:Action, wildcards allowed after the colon');
  if (expandActions(action).length === 0 && actionInfo(action) === undefined) {
    const near = nearestAction(action);
    throw pin.wrong(
      'action',
      `AWS has no ${action}; ${near === undefined ? 'see whether it is spelt right' : `did you mean ${near}?`}`,
    );
  }
  if (resource !== '*' && !/^arn:[^:]*:[^:]*:[^:]*:[^:]*:./s.test(resource))
    throw pin.wrong('resource', 'write an ARN, a pattern of ARNs, or "*"');
  const until = pin.explained('expires', () => parseDay(expires, 'expires'));
  return { principal, action, resource, owner, reason, expires: until };
}
