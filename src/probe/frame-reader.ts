import { noncePattern } from './wire.ts';
import type { Round } from './wire.ts';

/** Bytes of one round kept at most; a longer one is dropped whole, since a cut part would be a wrong measurement. */
const defaultMaxBytes = 4 * 1024 * 1024;

export interface FrameLimits {
  readonly maxBytes: number;
}

const newline = 10;

/** Where a line that begins with `mark` begins, from `from` on; -1 when there is none. */
function lineAt(text: string, mark: string, from: number): number {
  let at = text.indexOf(mark, from);
  while (at > 0 && text.charCodeAt(at - 1) !== newline) at = text.indexOf(mark, at + 1);
  return at;
}

/**
 * Cuts a collector's output into rounds as the bytes come. Whatever is not framed by this channel's nonce is noise and dropped;
 * so is a round whose number is not higher than the last one's. A part without its end marker is left out of its round.
 */
export class FrameReader {
  readonly #nonce: string;
  readonly #endMark: Buffer;
  readonly #maxBytes: number;
  #store = Buffer.allocUnsafe(32 * 1024);
  #length = 0;
  /** Where the search for the next end marker goes on. */
  #scanned = 0;
  #lastSeq = -1;
  #dropped: string[] = [];
  #flooded = false;

  /** @throws Error when the nonce is not 16 hexadecimal digits. */
  constructor(nonce: string, limits: FrameLimits = { maxBytes: defaultMaxBytes }) {
    if (!noncePattern.test(nonce)) throw new Error('The nonce of a collector is 16 hexadecimal digits.');
    this.#nonce = nonce;
    // Searches begin with the `#`: it is rare, where the newline before it ends every line.
    this.#endMark = Buffer.from(`#${nonce} end `, 'latin1');
    this.#maxBytes = limits.maxBytes;
  }

  /** Takes what came; returns the rounds it completed, in order. */
  push(chunk: Buffer): Round[] {
    const rounds: Round[] = [];
    // In pieces, so that a chunk of any size costs no more memory than the cap.
    for (let from = 0; from < chunk.length; from += this.#maxBytes) {
      this.#append(chunk.subarray(from, from + this.#maxBytes));
      this.#takeRounds(rounds);
      if (this.#length > this.#maxBytes) this.#overflow();
    }
    return rounds;
  }

  /** Whether more came than a round may have: the channel is of no more use. */
  get flooded(): boolean {
    return this.#flooded;
  }

  /** Why rounds were dropped since the last call, in words. */
  takeDropped(): readonly string[] {
    const dropped = this.#dropped;
    this.#dropped = [];
    return dropped;
  }

  #append(chunk: Buffer): void {
    const needed = this.#length + chunk.length;
    if (needed > this.#store.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#store.length * 2));
      this.#store.copy(larger, 0, 0, this.#length);
      this.#store = larger;
    }
    chunk.copy(this.#store, this.#length);
    this.#length = needed;
  }

  #takeRounds(rounds: Round[]): void {
    let from = 0;
    for (;;) {
      const live = this.#store.subarray(0, this.#length);
      const mark = live.indexOf(this.#endMark, Math.max(from, this.#scanned));
      if (mark === -1) {
        this.#scanned = Math.max(from, this.#length - this.#endMark.length);
        break;
      }
      if (mark > 0 && live[mark - 1] !== newline) {
        this.#scanned = mark + 1;
        continue;
      }
      const lineEnd = live.indexOf(newline, mark + this.#endMark.length);
      if (lineEnd === -1) {
        this.#scanned = mark;
        break;
      }
      const seqText = live.toString('latin1', mark + this.#endMark.length, Math.min(lineEnd, mark + this.#endMark.length + 20));
      const round = this.#round(live.toString('utf8', from, Math.max(from, mark - 1)), seqText);
      if (round !== null) rounds.push(round);
      // The newline stays: it may be the one before the next marker.
      from = lineEnd;
      this.#scanned = lineEnd;
    }
    if (from === 0) return;
    this.#store.copyWithin(0, from, this.#length);
    this.#length -= from;
    this.#scanned -= from;
  }

  /** A line that begins with the end marker is an end only when a round of that number began before it. */
  #round(frame: string, seqText: string): Round | null {
    if (!/^\d{1,15}$/.test(seqText)) return null;
    const begin = `#${this.#nonce} begin ${seqText}\n`;
    // Forwards, though the last one is wanted: searching backwards costs several times as much, and there is mostly one.
    let at = -1;
    for (let next = lineAt(frame, begin, 0); next !== -1; next = lineAt(frame, begin, next + 1)) at = next;
    if (at === -1) return null;
    const seq = Number(seqText);
    if (seq <= this.#lastSeq) {
      this.#drop(`round ${seqText} came again or too late`);
      return null;
    }
    this.#lastSeq = seq;
    return { seq, parts: this.#parts(frame, at + begin.length - 1) };
  }

  #parts(frame: string, from: number): Round['parts'] {
    const parts = new Map<string, { readonly text: string; readonly exit: number }>();
    const partMark = `#${this.#nonce} p `;
    let at = lineAt(frame, partMark, from);
    while (at !== -1) {
      const nameEnd = frame.indexOf('\n', at + partMark.length);
      if (nameEnd === -1) break;
      const name = frame.slice(at + partMark.length, nameEnd);
      const exitMark = `#${this.#nonce} e ${name} `;
      const exitAt = lineAt(frame, exitMark, nameEnd);
      if (exitAt === -1) {
        at = lineAt(frame, partMark, nameEnd);
        continue;
      }
      const exitEnd = frame.indexOf('\n', exitAt + exitMark.length);
      const exit = frame.slice(exitAt + exitMark.length, exitEnd === -1 ? frame.length : exitEnd);
      // The newline before the marker is the frame's own.
      if (/^\d{1,3}$/.test(exit))
        parts.set(name, { text: frame.slice(nameEnd + 1, Math.max(nameEnd + 1, exitAt - 1)), exit: Number(exit) });
      at = lineAt(frame, partMark, exitAt + exitMark.length);
    }
    return parts;
  }

  #overflow(): void {
    this.#flooded = true;
    this.#drop(`more than ${String(this.#maxBytes)} bytes came without the end of a round`);
    this.#length = 0;
    this.#scanned = 0;
    // A flood must not keep its memory.
    this.#store = Buffer.allocUnsafe(32 * 1024);
  }

  #drop(why: string): void {
    if (this.#dropped.length < 20) this.#dropped.push(why);
  }
}
