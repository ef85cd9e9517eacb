import { callOf, type Call } from '../cloudtrail/call.ts';
import { parseRecord, type SkipReason } from '../cloudtrail/record.ts';
import { unwrap } from '../cloudtrail/unwrap.ts';
import { RecordSplitter, type SplitFault } from './splitter.ts';

/** How many repeats of an event ID within one object can be told: memory stays bounded for objects of any size. */
const maxRemembered = 4_000_000;

/** The records of one object, counted; each call goes to `onCall` as it is read. */
export class ObjectReader {
  read = 0;
  used = 0;
  duplicate = 0;
  readonly skipped: Partial<Record<SkipReason, number>> = {};
  private firstFault: SplitFault | undefined;
  private readonly splitter: RecordSplitter;
  private readonly onCall: (call: Call, delivered: boolean) => void;
  private readonly seen = new Set<string | number>();

  constructor(onCall: (call: Call, delivered: boolean) => void) {
    this.onCall = onCall;
    this.splitter = new RecordSplitter({
      value: (value) => this.value(value),
      fault: (fault) => {
        this.firstFault ??= fault;
      },
    });
  }

  push(chunk: Buffer): void {
    this.splitter.push(chunk);
  }

  /** @returns what was wrong with the object; '' when all of it could be read */
  end(): string {
    this.splitter.end();
    if (this.firstFault) return faultText(this.firstFault, this.used);
    if (this.read === 0) return '';
    const strange = this.skipped['not-a-record'] ?? 0;
    return strange === this.read ? 'no CloudTrail record in it' : '';
  }

  private value(value: unknown): void {
    for (const found of unwrap(value)) {
      this.read++;
      if (found.kind === 'skip') {
        this.skip(found.reason);
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
    this.skipped[reason] = (this.skipped[reason] ?? 0) + 1;
  }

  private isRepeat(eventID: string): boolean {
    if (eventID === '') return false;
    const id = compact(eventID);
    if (this.seen.has(id)) return true;
    if (this.seen.size < maxRemembered) this.seen.add(id);
    return false;
  }
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-/;

/** The first 52 bits of a UUID as a number; other IDs as they are. Only counts of repeats hang on it. */
function compact(eventID: string): string | number {
  if (eventID.length !== 36 || !uuid.test(eventID)) return eventID;
  return Number.parseInt(eventID.slice(0, 8) + eventID.slice(9, 13) + eventID.slice(-1), 16);
}

function faultText({ reason, offset }: SplitFault, used: number): string {
  const kept = used > 0 ? ` (${used} events before or after it are used)` : '';
  switch (reason) {
    case 'malformed':
      return `not valid JSON at byte ${offset}${kept}`;
    case 'truncated':
      return `ends in the middle of the JSON value that starts at byte ${offset}${kept}`;
    case 'too-large':
      return `the JSON value at byte ${offset} is larger than 256 MB${kept}`;
  }
}
