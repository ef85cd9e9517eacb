/** Longest text looked back at, and kept of a value that is thrown away. */
export const TAIL_BYTES = 128;

/** The bytes of one value that is being read, which may span chunks. Nothing is copied while it lies within one. */
export class UnitBytes {
  /** Offset of its first byte in the whole input. */
  start = 0;
  /** Its first byte in the current chunk, that chunk's offset, and its bytes from earlier chunks. */
  #from = 0;
  #base = 0;
  #parts: Buffer[] = [];

  begin(base: number, from: number): void {
    this.start = base + from;
    this.#base = base;
    this.#from = from;
    this.#parts = [];
  }

  /** How many bytes it has up to `end` in the current chunk. */
  size(end: number): number {
    return this.#base + end - this.start;
  }

  slice(chunk: Buffer, end: number): Buffer {
    const here = chunk.subarray(this.#from, end);
    return this.#parts.length === 0 ? here : Buffer.concat([...this.#parts, here]);
  }

  /** Its last bytes before `end`, at most 128, as Latin-1. */
  textBefore(chunk: Buffer, end: number): string {
    const from = Math.max(this.#from, end - TAIL_BYTES);
    if (this.#parts.length === 0 || end - from === TAIL_BYTES) return chunk.toString('latin1', from, end);
    return this.slice(chunk, end).subarray(-TAIL_BYTES).toString('latin1');
  }

  /** Keeps what is needed of a chunk that ends before the value does: all of it, or the tail to look back at. */
  keep(chunk: Buffer, needed: 'all' | 'tail'): void {
    if (needed === 'all') this.#parts.push(chunk.subarray(this.#from));
    else this.#parts = [Buffer.from(this.slice(chunk, chunk.length).subarray(-TAIL_BYTES))];
    this.#base += chunk.length;
    this.#from = 0;
  }
}
