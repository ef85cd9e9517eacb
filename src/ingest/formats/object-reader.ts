/** Room `formats`: bytes of any format, whole or damaged, become calls. */
import { callOf, type Call } from '../../cloudtrail/call.ts';
import { parseRecord, type SkipReason } from '../../cloudtrail/record.ts';
import { unwrap } from '../../cloudtrail/unwrap.ts';
import { CsvRows, csvDelimiter, headerBytes } from './csv-rows.ts';
import { RecordSplitter, type SplitFault } from './splitter.ts';

/** How many repeats of an event ID within one object can be told: memory stays bounded for objects of any size. */
const maxRemembered = 2_000_000;

/** An object with so many more values that are no records than events is no log. */
const maxStrange = 100_000;

/** All of `aws-logs-write-test`, which CloudWatch Logs puts beside its exports to see whether it may write. */
const exportProbe = 'Permission Check Successful';

/** The records of one object, counted; each call goes to `onCall` as it is read. */
export class ObjectReader {
  read = 0;
  used = 0;
  duplicate = 0;
  readonly skipped: Partial<Record<SkipReason, number>> = {};
  private firstFault = '';
  /** Undefined until the beginning of the content tells what it is. */
  private cutter: RecordSplitter | CsvRows | undefined;
  private start: Buffer[] = [];
  /** No more of it is read. */
  private isLeft = false;
  private readonly onCall: (call: Call, delivered: boolean) => void;
  private readonly seen = new Set<string>();

  constructor(onCall: (call: Call, delivered: boolean) => void) {
    this.onCall = onCall;
  }

  push(chunk: Buffer): void {
    if (this.isLeft) return;
    if (this.cutter) this.cutter.push(chunk);
    else {
      this.start.push(chunk);
      this.begin(false);
    }
  }

  /** @returns what was wrong with the object; '' when all of it could be read */
  async end(): Promise<string> {
    this.begin(true);
    await this.cutter?.end();
    if (this.firstFault !== '')
      return this.used > 0
        ? `${this.firstFault}; the rest of the file is used: ${this.used} ${this.used === 1 ? 'event' : 'events'}`
        : this.firstFault;
    if (this.read === 0) return '';
    const strange = this.skipped['not-a-record'] ?? 0;
    return strange === this.read ? 'no CloudTrail record in it' : '';
  }

  /** Tells by its beginning how to cut the content, once there is enough of it. */
  private begin(isAll: boolean): void {
    if (this.cutter) return;
    const [first = Buffer.alloc(0), ...more] = this.start;
    const start = more.length === 0 ? first : Buffer.concat(this.start);
    const text = start.toString('utf8', 0, headerBytes);
    const isJson = /^\ufeff?\s*[[{\d]/.test(text);
    if (!isJson && !isAll && !text.includes('\n') && start.length < headerBytes) return;
    const delimiter = isJson ? undefined : csvDelimiter(text);
    this.cutter = delimiter === undefined ? this.json() : this.csv(delimiter);
    if (text.trim() !== exportProbe) for (const chunk of this.start) this.cutter.push(chunk);
    this.start = [];
  }

  private json(): RecordSplitter {
    return new RecordSplitter({
      value: (value) => this.value(value),
      fault: ({ reason, offset }) => this.fault(faultTexts[reason](offset)),
    });
  }

  private csv(delimiter: string): CsvRows {
    return new CsvRows(delimiter, {
      row: (row) => this.value(row),
      fault: (reason, line) => {
        this.read++;
        this.skip('malformed');
        this.fault(
          {
            malformed: `not valid CSV at line ${line}`,
            truncated: `a quote in this CSV is not closed, up to line ${line}`,
            'too-large': `a row of this CSV is larger than 16 MB, at line ${line}; a quote may be missing`,
          }[reason],
        );
      },
    });
  }

  private fault(text: string): void {
    if (this.firstFault === '') this.firstFault = text;
  }

  private value(value: unknown): void {
    if (this.isLeft) return;
    for (const found of unwrap(value)) {
      this.read++;
      if (found.kind === 'skip') {
        this.skip(found.reason);
        if (found.deep) this.fault('an event in more than 12 wrappers, which is not read');
        continue;
      }
      const parsed = parseRecord(found.record);
      if (!parsed.ok) {
        this.skip(parsed.reason);
        continue;
      }
      const call = callOf(parsed.value);
      const repeated = this.isRepeat(call.eventID);
      if (repeated) this.duplicate++;
      else this.used++;
      // A repeat is folded all the same: it changes nothing if it is one, and loses nothing if the ID lies.
      this.onCall(call, !repeated);
    }
  }

  private skip(reason: SkipReason): void {
    const count = (this.skipped[reason] ?? 0) + 1;
    this.skipped[reason] = count;
    if (reason !== 'not-a-record' || count <= maxStrange + this.used || this.isLeft) return;
    this.isLeft = true;
    this.fault(`more than ${maxStrange} values in it are no CloudTrail records: the rest was left`);
  }

  private isRepeat(eventID: string): boolean {
    if (eventID === '') return false;
    if (this.seen.has(eventID)) return true;
    if (this.seen.size < maxRemembered) this.seen.add(eventID);
    return false;
  }
}

const faultTexts: Record<SplitFault['reason'], (offset: number) => string> = {
  malformed: (offset) => `not valid JSON at byte ${offset}`,
  truncated: (offset) => `ends in the middle of the JSON value that starts at byte ${offset}`,
  'too-large': (offset) => `the JSON value at byte ${offset} is larger than 64 MB`,
};
