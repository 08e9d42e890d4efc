import type { Client } from 'ssh2';
import { ReachError } from './reach-error.ts';
import { readyKeys } from './ready-keys.ts';
import { sanitizeLine } from './sanitize.ts';
import { silenceError, watchSilence } from './silence-watch.ts';
import { systemCode } from './socket-error.ts';
import type { Target } from './target.ts';
import type { LoginSocket } from './ssh2-login.ts';

/** An authenticated ssh2 connection: what host connections and jump hosts are made of. Its end is never lost, whoever caused it. */
export class Ssh2Link {
  readonly client: Client;
  readonly target: Target;
  readonly #socket: LoginSocket;
  readonly #listeners = new Set<(reason: ReachError) => void>();
  #reason: ReachError | null = null;
  readonly #stopWatch: () => void;
  #ended = false;

  /** @param keepaliveMs how long silence may last before the other side is asked whether it is there. */
  constructor(client: Client, socket: LoginSocket, target: Target, keepaliveMs: number) {
    this.client = client;
    this.target = target;
    this.#socket = socket;
    readyKeys(client);
    // ssh2 may emit several errors for one end, and an end without any.
    client.on('error', (error) => {
      this.#reason ??= lostReason(error, target);
      socket.destroy();
    });
    this.#stopWatch = watchSilence(client, socket, keepaliveMs, () => {
      this.#reason ??= silenceError(target.name);
      socket.destroy();
    });
    client.on('close', () => this.#end());
    socket.on('close', () => this.#end());
  }

  get closed(): boolean {
    return this.#ended || this.#reason !== null;
  }

  onClosed(listener: (reason: ReachError) => void): void {
    if (this.#ended) queueMicrotask(() => listener(this.#finalReason()));
    else this.#listeners.add(listener);
  }

  /** @param reason what its users are told; the polite end is still sent when the other side can take it. */
  close(reason: ReachError): void {
    if (this.closed) return;
    this.#reason = reason;
    this.client.end();
    this.#socket.end();
    // A peer that never answers must not keep the socket.
    setTimeout(() => this.#socket.destroy(), 500).unref();
    this.#end();
  }

  traffic(): { readonly received: number; readonly sent: number } {
    return { received: this.#socket.bytesRead, sent: this.#socket.bytesWritten };
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stopWatch();
    const reason = this.#finalReason();
    for (const listener of this.#listeners) listener(reason);
    this.#listeners.clear();
  }

  #finalReason(): ReachError {
    return this.#reason ?? new ReachError('unreachable', `${this.target.name} closed the connection.`, null);
  }
}

function lostReason(error: Error, target: Target): ReachError {
  const code = systemCode(error);
  const why =
    code === 'ECONNRESET' || code === 'EPIPE' ? 'it was reset' : code === 'ETIMEDOUT' ? 'it timed out' : sanitizeLine(error.message, 200);
  return new ReachError('unreachable', `The connection to ${target.name} was lost: ${why}.`, null);
}
