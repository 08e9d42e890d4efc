import { Duplex } from 'node:stream';

/** Enough for the longest status row there is, and little enough for a console that watches fifty servers. */
const packetAtMost = 256 * 1024;
const answersAtMost = 1024 * 1024;
const headerBytes = 4;
const errorPacket = 0xff;

/**
 * Stands between a MySQL client library and the bytes of a server that nobody vouches for: passes on whole packets, in their order and
 * within bounds. The library answers a packet out of order with a line on standard error, which is the screen, and it holds whatever
 * length a header claims. @see MySQL "Client/Server Protocol", MySQL Packets: three bytes length, one byte sequence
 */
export class PacketGuard extends Duplex {
  readonly #inner: Duplex;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #neededBytes = headerBytes;
  #seenBytes = 0;
  #sequence = 0;

  constructor(inner: Duplex) {
    super({ allowHalfOpen: false });
    this.#inner = inner;
    inner.on('data', (chunk: Buffer) => this.#take(chunk));
    inner.on('end', () => this.push(null));
    inner.on('error', (error) => this.destroy(error));
    inner.on('close', () => this.destroy());
  }

  override _read(): void {
    this.#inner.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    // The library writes one packet at a time; the server's answer counts on from it.
    this.#sequence = ((chunk[3] ?? 0) + 1) & 0xff;
    this.#inner.write(chunk, done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#held = [];
    this.#inner.destroy();
    done(error);
  }

  #take(chunk: Buffer): void {
    this.#seenBytes += chunk.length;
    if (this.#seenBytes > answersAtMost) return void this.destroy(new Error('the server sent more than an answer can be long'));
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    while (!this.destroyed && this.#heldBytes >= this.#neededBytes) {
      const all = Buffer.concat(this.#held);
      const length = all.readUIntLE(0, 3);
      const fault = this.#faultOf(all, length);
      if (fault !== null) return void this.destroy(new Error(fault));
      const end = headerBytes + length;
      if (all.length >= end) this.#pass(all.subarray(0, end));
      const rest = all.length >= end ? all.subarray(end) : all;
      this.#held = rest.length === 0 ? [] : [rest];
      this.#heldBytes = rest.length;
      this.#neededBytes = rest === all ? end : headerBytes;
    }
  }

  #faultOf(packet: Buffer, length: number): string | null {
    if (length > packetAtMost) return 'what answers does not speak the MySQL protocol';
    // A server that is full or shutting down complains out of turn; that text is worth having.
    if (packet[3] !== this.#sequence && packet.length > headerBytes && packet[headerBytes] !== errorPacket)
      return 'what answers does not speak the MySQL protocol';
    return null;
  }

  #pass(packet: Buffer): void {
    const own = Buffer.from(packet);
    own[3] = this.#sequence;
    this.#sequence = (this.#sequence + 1) & 0xff;
    if (!this.push(own)) this.#inner.pause();
  }
}
