import { finished } from 'node:stream/promises';
import { parse, type Parser } from 'csv-parse';

/** Receives what a CSV file holds, in its order. */
interface RowSink {
  /** One row: cells by column name, which is lower case without spaces and underscores. Empty cells are left out. */
  row(row: Readonly<Record<string, string>>): void;
  /** A row, or all that follows, could not be read. `line` counts from 1. */
  fault(reason: 'malformed' | 'truncated' | 'too-large', line: number): void;
}

/** The largest row read, in characters; an event is far smaller, but a quote that is not closed takes in all that follows. */
const maxRowLength = 16 << 20;
/** A header is looked for in this many bytes. */
export const headerBytes = 16 << 10;

const plainName = (cell: string): string => cell.toLowerCase().replaceAll(/[\s_"]/g, '');

/** Columns that hold whole events as text: CloudWatch Logs Insights, LookupEvents, Splunk. */
const eventColumns = ['@message', 'message', 'cloudtrailevent', 'raw'];

/** The character between the cells of a CSV export of events, told by its header line; undefined when the text is none. */
export function csvDelimiter(start: string): string | undefined {
  const line = /^\ufeff?([^\r\n]*)/.exec(start)?.[1] ?? '';
  // JSON text in quotes.
  if (line.includes('{') || line.includes('\\')) return undefined;
  return [',', ';', '\t'].find((delimiter) => {
    const names = line.split(delimiter).map(plainName);
    return (
      (names.includes('eventname') && names.includes('eventsource')) ||
      (names.length > 1 && eventColumns.some((name) => names.includes(name)))
    );
  });
}

/** Reads the rows of a CSV file of any size, as Athena, CloudTrail Lake and CloudWatch Logs Insights write it. */
export class CsvRows {
  private readonly sink: RowSink;
  private readonly parser: Parser;
  private names: readonly string[] | undefined;
  private isLost = false;

  constructor(delimiter: string, sink: RowSink) {
    this.sink = sink;
    this.parser = parse({
      bom: true,
      delimiter,
      skip_empty_lines: true,
      max_record_size: maxRowLength,
      skip_records_with_error: true,
      on_record: (cells: readonly string[]) => {
        this.record(cells);
        return null;
      },
      on_skip: (error) => {
        this.skipped(error?.code);
        return undefined;
      },
    });
  }

  /** Rows that end in this chunk are given before it returns. */
  push(chunk: Buffer): void {
    if (!this.isLost) this.parser.write(chunk);
  }

  async end(): Promise<void> {
    this.parser.end();
    await finished(this.parser.resume());
  }

  private record(cells: readonly string[]): void {
    if (this.names === undefined) {
      this.names = cells.map(plainName);
      return;
    }
    const row = new Map<string, string>();
    // Athena writes NULL as an empty cell: https://docs.aws.amazon.com/athena/latest/ug/querying.html
    for (const [i, name] of this.names.entries()) {
      const cell = cells[i] ?? '';
      if (cell !== '' && cell !== 'null') row.set(name, cell);
    }
    this.sink.row(Object.fromEntries(row));
  }

  private skipped(code: string | undefined): void {
    if (this.isLost) return;
    this.isLost = code === 'CSV_MAX_RECORD_SIZE';
    this.sink.fault(
      this.isLost ? 'too-large' : code === 'CSV_QUOTE_NOT_CLOSED' ? 'truncated' : 'malformed',
      this.parser.info.lines,
    );
  }
}
