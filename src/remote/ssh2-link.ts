import type { Client } from 'ssh2';
import { ReachError } from './reach-error.ts';
import { readyKeys } from './ready-keys.ts';
import { sanitizeLine } from './sanitize.ts';
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
  #ended = false;

  constructor(client: Client, socket: LoginSocket, target: Target) {
    this.client = client;
    this.target = target;
    this.#socket = socket;
    readyKeys(client);
    // ssh2 may emit several errors for one end, and an end without any.
    client.on('error', (error) => {
      this.#reason ??= lostReason(error, target);
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
    const reason = this.#finalReason();
    for (const listener of this.#listeners) listener(reason);
    this.#listeners.clear();
  }

  #finalReason(): ReachError {
    return this.#reason ?? new ReachError('unreachable', `${this.target.name} closed the connection.`, null);
  }
}

function lostReason(error: Error & { level?: string }, target: Target): ReachError {
  if (error.level === 'client-timeout') {
    return new ReachError(
      'timeout',
      `${target.name} has stopped answering on its open connection.`,
      'It hangs, or the network between is gone.',
    );
  }
  const code = systemCode(error);
  const why =
    code === 'ECONNRESET' || code === 'EPIPE' ? 'it was reset' : code === 'ETIMEDOUT' ? 'it timed out' : sanitizeLine(error.message, 200);
  return new ReachError('unreachable', `The connection to ${target.name} was lost: ${why}.`, null);
}
