import { memo, once } from '../iam/memo.ts';
import { readData, servicePrefixes, stringsOf } from '../iam/catalogue.ts';
import { mapOf, words } from '../iam/json.ts';
import { normalName } from '../cloudtrail/kept-members.ts';

interface SourceFacts {
  /** IAM prefixes, most likely first. */
  readonly prefixes: readonly string[];
  /** Operations whose requests are not signed with IAM credentials. */
  readonly unsigned: ReadonlySet<string>;
}

const tables = once(() => ({
  /** By the models. */
  models: mapOf(readData('operations.json')['sources'], (facts): SourceFacts => {
    const [prefixes, unsigned] = stringsOf(facts);
    return { prefixes: words(prefixes), unsigned: new Set(words(unsigned)) };
  }),
  overrides: mapOf(readData('overrides/sources.json')['prefixes'], words),
  /** Prefixes by their name without punctuation: `rdsdata` -> `rds-data`. */
  byPlainName: new Map(servicePrefixes().map((prefix) => [normalName(prefix), prefix])),
}));

/** `s3.amazonaws.com` -> `s3`, in every partition; a text that is no AWS host stays as it is. */
export const sourceStem = memo((eventSource: string) =>
  eventSource.toLowerCase().replace(/\.(amazonaws\.com(\.cn)?|api\.aws|aws\.internal|amazon\.com)$/, ''),
);

/** IAM prefixes an event source's actions may have, most likely first; empty when the source is unknown. */
export const prefixesOf = memo((stem: string): readonly string[] => {
  const { overrides, models, byPlainName } = tables();
  const labels = stem.split('.');
  // `runtime.lex`, `data.iot`: a part of a service has a host name of its own.
  const names = labels.length > 1 ? [stem, ...labels.reverse()] : [stem];
  return [
    ...new Set([
      ...(overrides.get(stem) ?? []),
      ...(models.get(stem)?.prefixes ?? []),
      ...names.flatMap((name) => byPlainName.get(normalName(name)) ?? []),
    ]),
  ];
});

/** IAM prefixes that the permissions of an event source's calls can have; empty when no table knows the source. */
export const servicesOfSource = (eventSource: string): readonly string[] =>
  prefixesOf(sourceStem(eventSource));

/** Whether the API takes the operation without a signature, so that no IAM policy is asked. */
export const isUnsigned = (stem: string, operation: string): boolean =>
  tables().models.get(stem)?.unsigned.has(operation) ?? false;

const regions = once(() =>
  mapOf(readData('overrides/global-sources.json')['sources'], (row) => mapOf(row, String)),
);

/** The one Region in which a source (`iam`) logs in a partition (`aws-cn`); undefined where it logs in the Region of the call. */
export const loggingRegion = (stem: string, partition: string): string | undefined =>
  regions().get(stem)?.get(partition);
