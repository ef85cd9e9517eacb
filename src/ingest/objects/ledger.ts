import type { IndexWriter } from '../../store/writer.ts';
import type { LogObject } from './log-object.ts';

/** What an index knows of a source. */
export type Known = Pick<IndexWriter, 'ledger' | 'mark' | 'unread'>;

export const nothingKnown: Known = { ledger: () => undefined, mark: () => undefined, unread: () => [] };

/** How the fault of an object begins whose bytes could not be had, so that none of it was read. */
export const unreadFault = 'cannot be read';

/** Whether the ledger has this very object, unchanged. */
export function isKnown(index: Known, { folder, name, size, etag }: LogObject): boolean {
  const row = index.ledger(folder, name);
  return (
    row !== undefined &&
    row.size === size &&
    row.etag === etag &&
    etag !== '' &&
    !row.fault.startsWith(unreadFault)
  );
}
