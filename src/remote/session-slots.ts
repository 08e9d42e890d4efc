import pLimit from 'p-limit';
import type { Client, ClientChannel } from 'ssh2';
import { ReachError } from './reach-error.ts';
import { sanitizeLine } from './sanitize.ts';

/** sshd's MaxSessions is 10 by default; two are left for the person's own use of the same account's limits. */
const sessionsPerConnection = 8;

type Opened =
  | { readonly kind: 'open'; readonly channel: ClientChannel; readonly closed: Promise<void> }
  | { readonly kind: 'full' | 'refused'; readonly error: ReachError };

/** Opens session channels of one connection, queued so that the server's MaxSessions is never hit; learns a lower limit when refused. */
export class SessionSlots {
  readonly #client: Client;
  readonly #name: string;
  readonly #limit = pLimit(sessionsPerConnection);

  constructor(client: Client, name: string) {
    this.#client = client;
    this.#name = name;
  }

  /**
   * Starts `command` as soon as a slot is free; the slot is free again when the channel has closed. `attach` is called in the very turn in
   * which the channel opens: its exit status may stand in the same packet, and a listener attached later would never hear it.
   * @throws ReachError when not within `deadlineMs`.
   */
  async open(command: string, deadlineMs: number, attach: (channel: ClientChannel) => void): Promise<ClientChannel> {
    const { promise, resolve, reject } = Promise.withResolvers<ClientChannel>();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      const busy = this.#limit.concurrency;
      reject(
        new ReachError(
          'timeout',
          `No command could be started on ${this.#name} in time (${busy} sessions at once on its connection). It was not sent.`,
          null,
        ),
      );
    }, deadlineMs);
    const start = (): void => {
      void this.#limit(async () => {
        if (late) return;
        const opened = await this.#session(command, (channel) => {
          if (!late) attach(channel);
        });
        if (opened.kind === 'full' && this.#limit.activeCount > 1) {
          this.#limit.concurrency = this.#limit.activeCount - 1;
          setImmediate(start);
          return;
        }
        clearTimeout(timer);
        if (opened.kind !== 'open') return reject(opened.error);
        if (late) opened.channel.close();
        else resolve(opened.channel);
        await opened.closed;
      });
    };
    start();
    return promise;
  }

  #session(command: string, attach: (channel: ClientChannel) => void): Promise<Opened> {
    const { promise, resolve } = Promise.withResolvers<Opened>();
    const refused = (error: Error): void => {
      if (/^Not connected$|^No response from server$/.test(error.message)) {
        const lost = new ReachError('unreachable', `The connection to ${this.#name} ended before the command could be sent.`, null);
        return resolve({ kind: 'refused', error: lost });
      }
      const full = error.message.includes('Channel open failure');
      const said = sanitizeLine(error.message, 200);
      const text = full ? `${this.#name} refuses to open a session (${said}).` : `${this.#name} does not start commands (${said}).`;
      resolve({
        kind: full ? 'full' : 'refused',
        error: new ReachError('no-shell', text, 'See MaxSessions and ForceCommand in sshd_config there.'),
      });
    };
    try {
      this.#client.exec(command, (error, channel) => {
        if (error !== undefined) return refused(error);
        resolve({ kind: 'open', channel, closed: closed(channel) });
        attach(channel);
      });
    } catch (error) {
      refused(error instanceof Error ? error : new Error(String(error)));
    }
    return promise;
  }
}

function closed(channel: ClientChannel): Promise<void> {
  return new Promise((resolve) => channel.once('close', () => resolve()));
}
