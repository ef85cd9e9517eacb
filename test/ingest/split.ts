import { RecordSplitter, type SplitFault } from '../../src/ingest/formats/splitter.ts';

export interface Split {
  readonly values: unknown[];
  readonly offsets: number[];
  readonly faults: SplitFault[];
}

/** What the splitter makes of some chunks. */
export function split(chunks: readonly (Buffer | string)[], options: { maxUnitBytes?: number } = {}): Split {
  const result: Split = { values: [], offsets: [], faults: [] };
  const splitter = new RecordSplitter(
    {
      value(value, offset) {
        result.values.push(value);
        result.offsets.push(offset);
      },
      fault: (fault) => result.faults.push(fault),
    },
    options,
  );
  for (const chunk of chunks) splitter.push(Buffer.from(chunk));
  splitter.end();
  return result;
}
