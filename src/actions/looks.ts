import type { HostId } from '../fleet/host.ts';
import type { Shells } from '../live/world.ts';
import { NotAsked } from '../probe/checks/answer.ts';
import { httpFetch } from '../probe/checks/http-fetch.ts';
import { ForwardingProhibited, openStream } from '../probe/checks/open-stream.ts';
import { withHostDeadline } from '../remote/deadline.ts';
import type { ExecResult } from '../remote/connection.ts';
import { sanitizeLine, sanitizeText } from '../remote/sanitize.ts';

/** An answer, or why there is none: the host could not be asked, or the deadline passed. */
export type Look<Value> =
  | { readonly kind: 'answer'; readonly value: Value; readonly ms: number }
  | { readonly kind: 'unreachable' | 'timeout' | 'refused'; readonly why: string };

export interface HttpLook {
  readonly status: number;
  /** At most 256 KiB, sanitized. */
  readonly body: string;
  readonly ms: number;
}

/** Questions of a runbook to a host that the fleet file does not hold. They are declared to change nothing; the never list holds for them too. */
export class Looks {
  readonly #shells: Shells;
  readonly #denied: (command: string) => string | null;
  readonly #redact: (text: string) => string;

  /** `denied` names the entry of the never list that a command holds. */
  constructor(shells: Shells, denied: (command: string) => string | null, redact: (text: string) => string) {
    this.#shells = shells;
    this.#denied = denied;
    this.#redact = redact;
  }

  /** The command's end, with its outputs redacted; its deadline is kept on the host too. */
  async command(hostId: HostId, command: string, deadlineMs: number): Promise<Look<ExecResult>> {
    const denied = this.#denied(command);
    if (denied !== null) return { kind: 'refused', why: `the fleet file's never list forbids ${JSON.stringify(denied)}` };
    const connection = this.#shells.open(hostId);
    if (connection === null) return { kind: 'unreachable', why: 'there is no connection to the host now' };
    try {
      const said = await connection.exec(withHostDeadline(command, deadlineMs / 1000), { deadlineMs: deadlineMs + 3000 });
      if (said.end === 'lost') return { kind: 'unreachable', why: 'the connection to the host was lost' };
      // Before its time 124 is the command's own word, as timeout(1) inside it says of what it cut off.
      if (said.end === 'deadline' || (said.exit === 124 && said.durationMs >= deadlineMs))
        return { kind: 'timeout', why: `no end within ${deadlineMs / 1000} s` };
      const value = { ...said, stdout: this.#redact(said.stdout), stderr: this.#redact(said.stderr) };
      return { kind: 'answer', value, ms: said.durationMs };
    } catch (error) {
      return { kind: 'unreachable', why: wordsOf(error) };
    }
  }

  /** GET through the host's connection, from this console where `hostId` is null. */
  http(hostId: HostId | null, url: string, hostHeader: string | null, deadlineMs: number): Promise<Look<HttpLook>> {
    const spec = { url, hostHeader, headers: {}, unix: null, follow: false, minBytes: null, timeoutMs: deadlineMs };
    return this.#through(hostId, deadlineMs, async (connection, signal, ms) => {
      const { status, body } = await httpFetch(spec, connection, signal);
      return { status, body: this.#redact(sanitizeText(body, { keepNewlines: true })), ms: ms() };
    });
  }

  /** Whether a connection to the port opens: as seen from the host, from this console where `hostId` is null. */
  async port(hostId: HostId | null, host: string, port: number, deadlineMs: number): Promise<Look<boolean>> {
    const looked = await this.#through(hostId, deadlineMs, async (connection, signal) => {
      try {
        const stream = await openStream(connection, { host, port }, deadlineMs, signal);
        stream.on('error', () => undefined);
        stream.destroy();
        return true;
      } catch (error) {
        if (error instanceof NotAsked || signal.aborted) throw error;
        return false;
      }
    });
    // Nothing that answers in time is not open.
    return looked.kind === 'timeout' ? { kind: 'answer', value: false, ms: deadlineMs } : looked;
  }

  async #through<Value>(
    hostId: HostId | null,
    deadlineMs: number,
    ask: (connection: ReturnType<Shells['open']>, signal: AbortSignal, ms: () => number) => Promise<Value>,
  ): Promise<Look<Value>> {
    const connection = hostId === null ? null : this.#shells.open(hostId);
    if (hostId !== null && connection === null) return { kind: 'unreachable', why: 'there is no connection to the host now' };
    // It takes whole milliseconds only, and what is left of a wait is none.
    const signal = AbortSignal.timeout(Math.ceil(deadlineMs));
    const startedAt = performance.now();
    const ms = (): number => Math.round(performance.now() - startedAt);
    try {
      return { kind: 'answer', value: await ask(connection, signal, ms), ms: ms() };
    } catch (error) {
      if (signal.aborted) return { kind: 'timeout', why: `no answer within ${deadlineMs / 1000} s` };
      const unreachable = error instanceof NotAsked && !(error instanceof ForwardingProhibited);
      return { kind: unreachable ? 'unreachable' : 'refused', why: wordsOf(error) };
    }
  }
}

function wordsOf(error: unknown): string {
  return sanitizeLine(error instanceof Error ? error.message : 'it could not be asked', 200);
}
