import { threwAway } from './flood-relief.ts';
import { decodeOutput } from './sanitize.ts';

/** Keeps the first and the last half of a stream of bytes and counts the rest; memory never exceeds the cap, however small the chunks. */
export class CappedOutput {
  readonly #half: number;
  readonly #head: Buffer[] = [];
  #headBytes = 0;
  /** Ring of the newest bytes; made only when the head is full. */
  #ring: Buffer | null = null;
  #ringAt = 0;
  #tailBytes = 0;

  constructor(maxBytes: number) {
    this.#half = Math.max(1, Math.floor(maxBytes / 2));
  }

  push(chunk: Buffer): void {
    const room = this.#half - this.#headBytes;
    if (room > 0) {
      // A copy: the chunk may be a slice that would keep a far larger packet alive.
      this.#head.push(Buffer.from(chunk.subarray(0, room)));
      this.#headBytes += Math.min(room, chunk.length);
    }
    if (chunk.length > room) this.#pushTail(chunk.subarray(Math.max(0, room)));
  }

  #pushTail(bytes: Buffer): void {
    this.#ring ??= Buffer.allocUnsafeSlow(this.#half);
    this.#tailBytes += bytes.length;
    if (this.#tailBytes > this.#half) threwAway(bytes.length);
    const last = bytes.subarray(Math.max(0, bytes.length - this.#half));
    const first = last.copy(this.#ring, this.#ringAt);
    if (first < last.length) last.copy(this.#ring, 0, first);
    this.#ringAt = (this.#ringAt + last.length) % this.#half;
  }

  get droppedBytes(): number {
    return Math.max(0, this.#tailBytes - this.#half);
  }

  /** The kept bytes, the cut (if any) at character boundaries and marked by a line of its own. */
  text(): string {
    const head = Buffer.concat(this.#head);
    if (this.#ring === null) return decodeOutput(head);
    if (this.droppedBytes === 0) return decodeOutput(Buffer.concat([head, this.#ring.subarray(0, this.#tailBytes)]));
    const tail = Buffer.concat([this.#ring.subarray(this.#ringAt), this.#ring.subarray(0, this.#ringAt)]);
    return `${decodeOutput(withoutOpenEnd(head))}\n… ${this.droppedBytes} bytes not kept …\n${decodeOutput(withoutOpenStart(tail))}`;
  }
}

/** Without a character that the cut left unfinished. */
function withoutOpenEnd(bytes: Buffer): Buffer {
  for (let back = 1; back <= Math.min(4, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes;
    if (byte < 0xc0) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return back < needed ? bytes.subarray(0, bytes.length - back) : bytes;
  }
  return bytes;
}

/** Without the continuation bytes of a character whose beginning was cut off. */
function withoutOpenStart(bytes: Buffer): Buffer {
  let at = 0;
  while (at < Math.min(3, bytes.length) && ((bytes[at] ?? 0) & 0xc0) === 0x80) at += 1;
  return bytes.subarray(at);
}
