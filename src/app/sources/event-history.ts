import { setTimeout as sleep } from 'node:timers/promises';
import type { AwsAccess } from '../../aws/access.ts';
import { configuredRegion, eventHistory, type HistoryFilter } from '../../aws/cloudtrail.ts';
import { dayOfTime, dayText, type Window } from '../../iam/days.ts';
import { InputError } from '../../iam/input-error.ts';
import { sortedUnique } from '../../iam/order.ts';
import { listOf, type Selection } from '../../ingest/objects/selection.ts';
import type { Source } from '../../ingest/source.ts';
import { dayOr } from '../settings/window.ts';
import type { Surroundings } from './surroundings.ts';
import { historyDays, historySource } from '../../ingest/event-history.ts';

/** By what the event history is looked up, where only some of it is wanted. */
export interface HistorySettings {
  readonly userName?: string | undefined;
  readonly accessKey?: string | undefined;
  readonly eventSource?: string | undefined;
  readonly eventName?: string | undefined;
}

/**
 * Where the global services of a Region's partition log.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events
 */
const globalRegionOf = (region: string): string =>
  region.startsWith('cn-') ? 'cn-north-1' : region.startsWith('us-gov-') ? 'us-gov-west-1' : 'us-east-1';

/** The event history as a source. What it cannot show is said when it has been read. @throws InputError for two filters, or no day */
export async function historyOf(
  settings: Selection & HistorySettings,
  access: AwsAccess,
  { clock, say, warn }: Pick<Surroundings, 'clock' | 'say' | 'warn'>,
): Promise<Source> {
  const filter = filterOf(settings);
  const window = historyWindow(settings, historyDays, dayOfTime(clock() / 1000), (line) =>
    warn(`event history: ${line}`),
  );
  const asked = listOf(settings.regions);
  checkRegions(asked);
  const regions = asked.length > 0 ? sortedUnique(asked) : await defaultRegions(access);
  const source = historySource({
    regions,
    open: (region) => eventHistory({ ...access, region }),
    window,
    accounts: listOf(settings.accounts),
    clock: { now: clock, sleep: async (millis) => sleep(millis) },
    ...(filter ? { filter } : {}),
  });
  return {
    ...source,
    async read(index, run) {
      const more =
        asked.length > 0 ? '' : ` (global services log in ${regions.at(-1)}); --regions names others`;
      say(
        `event history: ${dayText(window.since)} to ${dayText(window.until)}, ${regions.join(', ')}${more}`,
      );
      const report = await source.read(index, run);
      const only = filter ? ` and only ${filter.key} ${filter.value}` : '';
      say(
        `event history: it shows management events of these Regions${only}, no data events, and nothing older than ${historyDays} days; ` +
          'its days count as not covered: nothing is removed because it is silent',
      );
      return report;
    },
  };
}

/** @throws InputError for what is no Region's name */
export function checkRegions(regions: readonly string[]): void {
  for (const region of regions)
    if (!/^[a-z]{2}(-[a-z0-9]+)+$/.test(region))
      throw new InputError(`--regions ${region}: not a Region; write it as eu-west-1`);
}

/** The configured Region, and the one where global services log. */
async function defaultRegions(access: AwsAccess): Promise<string[]> {
  const own = await configuredRegion(access);
  return [...new Set([own, globalRegionOf(own)])];
}

/** Which attribute of LookupEvents a setting is, and its flag. */
const attributes = [
  ['userName', '--user-name', 'Username'],
  ['accessKey', '--access-key', 'AccessKeyId'],
  ['eventSource', '--event-source', 'EventSource'],
  ['eventName', '--event-name', 'EventName'],
] as const;

/** The lookups that are asked for, each with its flag. */
export const lookupsOf = (
  settings: HistorySettings,
): readonly (HistoryFilter & { readonly flag: string })[] =>
  attributes.flatMap(([name, flag, key]) => {
    const value = settings[name];
    return value === undefined ? [] : [{ flag, key, value }];
  });

/** LookupEvents takes one attribute: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */
function filterOf(settings: HistorySettings): HistoryFilter | undefined {
  const [first, second] = lookupsOf(settings);
  if (first && second)
    throw new InputError(
      `${first.flag}, ${second.flag}: the event history is looked up by one attribute; give one of them`,
    );
  return first && { key: first.key, value: first.value };
}

/** The days to read; relative ones count back from today. @throws InputError when none is left */
function historyWindow(
  { since, until }: Selection,
  kept: number,
  today: number,
  warn: (line: string) => void,
): Window {
  const oldest = today - kept + 1;
  const first = since === undefined ? oldest : dayOr(since, '--since', (days) => today - days + 1);
  const last = until === undefined ? today : dayOr(until, '--until', (days) => today - days);
  const window = { since: Math.max(first, oldest), until: Math.min(last, today) };
  if (window.since > window.until)
    throw new InputError(`event-history: --since and --until leave no day of the last ${kept}; give others`);
  if (first < oldest)
    warn(`AWS keeps ${kept} days; read from ${dayText(oldest)} on, not from ${dayText(first)}`);
  return window;
}
