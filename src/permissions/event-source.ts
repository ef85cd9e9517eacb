import { memo } from '../iam/memo.ts';
import { readData, servicePrefixes, stringsOf } from '../iam/catalogue.ts';
import { isObject } from '../iam/json.ts';
import { normalName } from '../cloudtrail/kept-members.ts';

interface SourceFacts {
  /** IAM prefixes, most likely first. */
  readonly prefixes: readonly string[];
  /** Operations whose requests are not signed with IAM credentials. */
  readonly unsigned: ReadonlySet<string>;
}

interface Tables {
  readonly models: ReadonlyMap<string, SourceFacts>;
  readonly overrides: ReadonlyMap<string, readonly string[]>;
  /** Prefixes by their name without punctuation: `rdsdata` -> `rds-data`. */
  readonly byPlainName: ReadonlyMap<string, string>;
}

const words = (text: unknown): string[] => (typeof text === 'string' && text !== '' ? text.split(' ') : []);

function load(): Tables {
  const models = new Map<string, SourceFacts>();
  const raw = readData('operations.json')['sources'];
  for (const [stem, facts] of Object.entries(isObject(raw) ? raw : {})) {
    const [prefixes, unsigned] = stringsOf(facts);
    models.set(stem, { prefixes: words(prefixes), unsigned: new Set(words(unsigned)) });
  }
  const renamed = readData('overrides/sources.json')['prefixes'];
  return {
    models,
    overrides: new Map(
      Object.entries(isObject(renamed) ? renamed : {}).map(([stem, prefixes]) => [stem, words(prefixes)]),
    ),
    byPlainName: new Map(servicePrefixes().map((prefix) => [normalName(prefix), prefix])),
  };
}

let tables: Tables | undefined;

/** `s3.amazonaws.com` -> `s3`, in every partition; a text that is no AWS host stays as it is. */
export const sourceStem = memo((eventSource: string) =>
  eventSource.toLowerCase().replace(/\.(amazonaws\.com(\.cn)?|api\.aws|aws\.internal|amazon\.com)$/, ''),
);

/** IAM prefixes an event source's actions may have, most likely first; empty when the source is unknown. */
export const prefixesOf = memo((stem: string): readonly string[] => {
  tables ??= load();
  const labels = stem.split('.');
  const plain = tables.byPlainName.get(normalName(stem));
  const prefixes = [
    ...(tables.overrides.get(stem) ?? []),
    ...(tables.models.get(stem)?.prefixes ?? []),
    ...(plain === undefined ? [] : [plain]),
    // `runtime.lex`, `data.iot`: a part of a service has a host name of its own.
    ...(labels.length > 1
      ? labels.reverse().flatMap((label) => tables?.byPlainName.get(normalName(label)) ?? [])
      : []),
  ];
  return [...new Set(prefixes)];
});

/** IAM prefixes that the permissions of an event source's calls can have; empty when no table knows the source. */
export const servicesOfSource = (eventSource: string): readonly string[] =>
  prefixesOf(sourceStem(eventSource));

/** Whether the API takes the operation without a signature, so that no IAM policy is asked. */
export function isUnsigned(stem: string, operation: string): boolean {
  tables ??= load();
  return tables.models.get(stem)?.unsigned.has(operation) ?? false;
}
