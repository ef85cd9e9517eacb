/** How far ahead a boundary is looked for. */
const REACH_BYTES = 64 * 1024;
/** Longest text between two records, key included, that is learned. */
const MAX_GAP_BYTES = 128;
const MAX_MISSES = 8;
const QUOTE = 0x22;

/**
 * What stood between the last two records, from a closing brace to the end of the next first key: `},{"eventVersion"`. The same
 * bytes end the next record too, nearly always, and are found much faster than braces are counted. Only a guess: what it
 * delimits is a record only if it parses as JSON. Gives up after several wrong guesses in a row.
 */
export class RecordBoundary {
  #bytes: Buffer | undefined;
  #misses = 0;
  #lastEnd = -1;

  /** An object ended before `end` in the current chunk. */
  objectEnded(end: number): void {
    this.#lastEnd = end;
  }

  /** Something other than white space and commas follows the last object, or a new chunk begins. */
  interrupt(): void {
    this.#lastEnd = -1;
  }

  /** Where the object that begins at `i` probably ends in this chunk; -1 when there is no guess. */
  guess(chunk: Buffer, i: number): number {
    if (this.#misses >= MAX_MISSES) return -1;
    this.#bytes ??= this.#learn(chunk, i);
    this.#lastEnd = -1;
    if (this.#bytes === undefined) return -1;
    const found = chunk.subarray(i, i + REACH_BYTES).indexOf(this.#bytes);
    if (found !== -1) return i + found + 1;
    this.#bytes = undefined;
    // Near the end of a chunk there is often no boundary left; that says nothing.
    if (chunk.length - i >= REACH_BYTES) this.#misses++;
    return -1;
  }

  right(): void {
    this.#misses = 0;
  }

  wrong(): void {
    this.#bytes = undefined;
    this.#misses++;
  }

  #learn(chunk: Buffer, i: number): Buffer | undefined {
    const from = this.#lastEnd - 1;
    if (this.#lastEnd === -1 || i - from > MAX_GAP_BYTES) return undefined;
    const around = chunk.subarray(from, i + MAX_GAP_BYTES);
    const keyEnd = around.indexOf(QUOTE, around.indexOf(QUOTE) + 1);
    return keyEnd > i - from ? Buffer.from(around.subarray(0, keyEnd + 1)) : undefined;
  }
}
