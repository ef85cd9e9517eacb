import { readData, servicePrefixes, stringsOf } from '../iam/catalogue.ts';
import { isObject } from '../iam/json.ts';
import { normalName } from './arn-format.ts';

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
const resolved = new Map<string, readonly string[]>();
const stems = new Map<string, string>();

/** `s3.amazonaws.com` -> `s3`, in every partition; a text that is no AWS host stays as it is. */
export function sourceStem(eventSource: string): string {
  const known = stems.get(eventSource);
  if (known !== undefined) return known;
  const stem = eventSource
    .toLowerCase()
    .replace(/\.(amazonaws\.com(\.cn)?|api\.aws|aws\.internal|amazon\.com)$/, '');
  if (stems.size < 2000) stems.set(eventSource, stem);
  return stem;
}

/** IAM prefixes an event source's actions may have, most likely first; empty when the source is unknown. */
export function prefixesOf(stem: string): readonly string[] {
  const known = resolved.get(stem);
  if (known !== undefined) return known;
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
  const distinct = [...new Set(prefixes)];
  if (resolved.size < 2000) resolved.set(stem, distinct);
  return distinct;
}

/** Whether the API takes the operation without a signature, so that no IAM policy is asked. */
export function isUnsigned(stem: string, operation: string): boolean {
  tables ??= load();
  return tables.models.get(stem)?.unsigned.has(operation) ?? false;
}
