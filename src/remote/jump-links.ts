import { abortable } from './abortable.ts';
import { openTunnel } from './ssh2-forward.ts';
import { ReachError } from './reach-error.ts';
import { sanitizeLine } from './sanitize.ts';
import { givenUp } from './login-errors.ts';
import type { Ssh2Link } from './ssh2-link.ts';
import type { Target } from './target.ts';
import type { TunnelStream } from './tunnel-stream.ts';

/** A use of a shared jump host. */
export interface JumpLease {
  /** A stream from the jump host to the target's SSH port. @throws ReachError */
  tunnel(target: Target, deadlineMs: number, signal: AbortSignal): Promise<TunnelStream>;
  /** May be called more than once. */
  release(): void;
}

interface Shared {
  readonly link: Promise<Ssh2Link>;
  readonly abort: AbortController;
  users: number;
  idle: NodeJS.Timeout | undefined;
}

/** An unused jump connection is kept this long: hosts behind it reconnect one after the other. */
const keepIdleMs = 5_000;

/** Connections to jump hosts, one each however many hosts lie behind it, closed when nobody uses them any more. */
export class JumpLinks {
  readonly #open: (target: Target, signal: AbortSignal) => Promise<Ssh2Link>;
  readonly #shared = new Map<string, Shared>();

  constructor(open: (target: Target, signal: AbortSignal) => Promise<Ssh2Link>) {
    this.#open = open;
  }

  /** @throws ReachError in words about the host behind the jump. */
  async lease(jump: Target, behind: Target, signal: AbortSignal): Promise<JumpLease> {
    const id = jumpId(jump);
    const shared = this.#shared.get(id) ?? this.#start(jump, id);
    shared.users += 1;
    clearTimeout(shared.idle);
    let released = false;
    const release = (): void => {
      if (released) return;
      released = true;
      this.#release(id, shared);
    };
    try {
      const link = await abortable(shared.link, signal, () => givenUp(behind));
      return { release, tunnel: (target, deadlineMs, stop) => tunnelTo(link, target, deadlineMs, stop) };
    } catch (error) {
      release();
      throw error instanceof ReachError && !signal.aborted ? behindError(error, jump, behind) : error;
    }
  }

  close(): void {
    for (const shared of this.#shared.values()) {
      shared.abort.abort();
      clearTimeout(shared.idle);
      shared.link.then(
        (link) => link.close(closedHere(link.target)),
        () => {},
      );
    }
    this.#shared.clear();
  }

  #start(jump: Target, id: string): Shared {
    const abort = new AbortController();
    const shared: Shared = { link: this.#open(jump, abort.signal), abort, users: 0, idle: undefined };
    this.#shared.set(id, shared);
    const forget = (): void => {
      if (this.#shared.get(id) === shared) this.#shared.delete(id);
    };
    shared.link.then((link) => link.onClosed(forget), forget);
    return shared;
  }

  #release(id: string, shared: Shared): void {
    shared.users -= 1;
    if (shared.users > 0 || this.#shared.get(id) !== shared) return;
    shared.idle = setTimeout(() => {
      this.#shared.delete(id);
      shared.abort.abort();
      shared.link.then(
        (link) => link.close(closedHere(link.target)),
        () => {},
      );
    }, keepIdleMs);
    shared.idle.unref();
  }
}

function jumpId(jump: Target): string {
  const { user, address, port, identities, knownHostsFiles, knownAs, via } = jump;
  return JSON.stringify([user, address, port, identities, knownHostsFiles, knownAs, via === null ? null : jumpId(via)]);
}

function closedHere(target: Target): ReachError {
  return new ReachError('unreachable', `The connection to ${target.name} was closed here.`, null);
}

async function tunnelTo(link: Ssh2Link, target: Target, deadlineMs: number, signal: AbortSignal): Promise<TunnelStream> {
  const jump = link.target.name;
  const opening = openTunnel(link.client, { host: target.address, port: target.port }, deadlineMs);
  try {
    return await abortable(opening, signal, () => givenUp(target));
  } catch (error) {
    if (error instanceof ReachError) {
      // Given up: what still opens is nobody's.
      opening.then((stream) => stream.destroy()).catch(() => {});
      throw error;
    }
    const said = sanitizeLine(error instanceof Error ? error.message : String(error), 200);
    const place = `${sanitizeLine(target.address)} port ${target.port}`;
    if (/refused/i.test(said))
      throw new ReachError(
        'refused',
        `${target.name} refuses connections at ${place}, tried from jump host ${jump}.`,
        'Check that sshd runs there and that the port is right.',
      );
    if (/timed? ?out|in time/i.test(said))
      throw new ReachError(
        'timeout',
        `${target.name} does not answer at ${place}, tried from jump host ${jump}.`,
        'The machine is down, hung, or a firewall drops the packets.',
      );
    if (/prohibited/i.test(said))
      throw new ReachError(
        'unreachable',
        `The jump host ${jump} does not forward connections, so ${target.name} cannot be reached.`,
        `Allow it in sshd_config on ${jump}: AllowTcpForwarding yes.`,
      );
    throw new ReachError('unreachable', `${target.name} cannot be reached at ${place} from jump host ${jump}: ${said}.`, null);
  }
}

/** A host behind a jump that is down is unreachable, not down; but a wrong key or login there keeps its own name. */
export function behindError(error: ReachError, jump: Target, behind: Target): ReachError {
  const kept = error.reach === 'auth' || error.reach === 'host-key' || error.reach === 'throttled';
  return new ReachError(
    kept ? error.reach : 'unreachable',
    `${behind.name} is behind jump host ${jump.name}: ${error.message}`,
    error.remedy,
  );
}
