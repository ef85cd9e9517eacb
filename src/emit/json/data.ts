import type { CachedReference } from '../../aws/reference-cache.ts';
import type { CatalogueVersion } from '../../iam/catalogue.ts';

/** The reference data there is. */
export interface DataSummary {
  /** The version that outputs name. */
  readonly version: string;
  readonly builtIn: CatalogueVersion;
  /** Where a service reference is looked for. */
  readonly folder: string;
  readonly reference: CachedReference | undefined;
}

/** Operations of all services of a reference. */
export const operationsOf = ({ services }: CachedReference): number =>
  [...services.values()].reduce((sum, { operations }) => sum + operations, 0);

/** What data decides, for `--json`. */
export const dataJson = ({ version, builtIn, folder, reference }: DataSummary): object => ({
  version,
  builtIn,
  reference:
    reference === undefined
      ? null
      : {
          day: reference.day,
          source: reference.source,
          folder,
          services: reference.services.size,
          operations: operationsOf(reference),
        },
  decides: reference === undefined ? 'built-in' : 'reference',
});
