import { Duplex } from 'node:stream';
import type { Channel } from 'ssh2';

/**
 * A forwarded channel as an ordinary stream: closing is final at once (ssh2's own channel waits for the other side and never emits
 * `close` before), bytes are counted, and the socket methods that HTTP and TLS clients call exist.
 */
export class TunnelStream extends Duplex {
  readonly #channel: Channel;
  bytesRead = 0;
  bytesWritten = 0;

  constructor(channel: Channel) {
    super();
    this.#channel = channel;
    channel.on('data', (chunk: Buffer) => {
      this.bytesRead += chunk.length;
      if (!this.push(chunk)) channel.pause();
    });
    channel.on('end', () => this.push(null));
    channel.on('close', () => this.destroy());
    channel.on('error', (error: Error) => this.destroy(error));
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.bytesWritten += chunk.length;
    this.#channel.write(chunk, callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#channel.end();
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#channel.close();
    callback(error);
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
