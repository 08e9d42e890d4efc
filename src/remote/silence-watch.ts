import type { Client } from 'ssh2';
import { ReachError } from './reach-error.ts';

/** What a link is heard through. */
export interface HeardSocket {
  readonly bytesRead: number;
}

/** Questions in a row without a single byte in answer, after which the other side is gone. */
const unanswered = 2;

/**
 * Notices that the other side of an open connection has fallen silent: it is asked only when nothing came for a whole interval, so a
 * host whose rounds are answered costs no pings (ssh2's own keep-alive asks whatever came). `gone` is called once, from three to four
 * intervals after the last byte. Returns how to stop.
 * @param intervalMs between looks
 */
export function watchSilence(client: Client, socket: HeardSocket, intervalMs: number, gone: () => void): () => void {
  let heard = socket.bytesRead;
  let asked = 0;
  const timer = setInterval(() => {
    if (socket.bytesRead !== heard) {
      heard = socket.bytesRead;
      asked = 0;
    } else if (asked < unanswered) {
      asked += 1;
      ask(client);
    } else {
      clearInterval(timer);
      gone();
    }
  }, intervalMs);
  return () => clearInterval(timer);
}

/**
 * Any request that must be answered will do; ssh2 offers no ping. Every server answers this one, with a failure, for nothing was ever
 * forwarded from that port (RFC 4254 §7.1, §4).
 */
function ask(client: Client): void {
  try {
    client.unforwardIn('127.0.0.1', 1, () => {});
  } catch {
    // It is closing; its end will be told.
  }
}

export function silenceError(name: string): ReachError {
  return new ReachError('timeout', `${name} has stopped answering on its open connection.`, 'It hangs, or the network between is gone.');
}
