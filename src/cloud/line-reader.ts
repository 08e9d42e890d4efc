const newline = 0x0a;

/** Cuts a stream of bytes into lines; a line longer than `maxLine` bytes, or more than `maxBytes` in all, throws. */
export class LineReader {
  readonly #maxLine: number;
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #partBytes = 0;
  #bytes = 0;

  constructor(limits: { readonly maxLine: number; readonly maxBytes: number }) {
    this.#maxLine = limits.maxLine;
    this.#maxBytes = limits.maxBytes;
  }

  /** Counts from zero again: a process that serves many requests may write as much for each. */
  reset(): void {
    this.#bytes = 0;
  }

  /** The lines that `chunk` completes, without their ends. */
  push(chunk: Buffer): string[] {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) throw new RangeError('too many bytes');
    const lines: string[] = [];
    let from = 0;
    for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, from)) {
      this.#keep(chunk.subarray(from, at));
      lines.push(Buffer.concat(this.#parts).toString('utf8'));
      this.#parts = [];
      this.#partBytes = 0;
      from = at + 1;
    }
    this.#keep(chunk.subarray(from));
    return lines;
  }

  #keep(part: Buffer): void {
    if (part.length === 0) return;
    this.#partBytes += part.length;
    if (this.#partBytes > this.#maxLine) throw new RangeError('too long a line');
    this.#parts.push(part);
  }
}
