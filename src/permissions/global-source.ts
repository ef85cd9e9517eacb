import { readData } from '../iam/catalogue.ts';
import { isObject } from '../iam/json.ts';

let table: ReadonlyMap<string, ReadonlyMap<string, unknown>> | undefined;

function load(): NonNullable<typeof table> {
  const sources = readData('overrides/global-sources.json')['sources'];
  return new Map(
    Object.entries(isObject(sources) ? sources : {}).map(([stem, row]) => [
      stem,
      new Map(Object.entries(isObject(row) ? row : {})),
    ]),
  );
}

/**
 * The one Region in which an event source (`iam`) logs in a partition (`aws-cn`), by `data/overrides/global-sources.json`; undefined
 * where it logs in the Region of the call.
 */
export function loggingRegion(stem: string, partition: string): string | undefined {
  table ??= load();
  const region = table.get(stem)?.get(partition);
  return typeof region === 'string' ? region : undefined;
}
