import { abortable, pause } from './abortable.ts';
import { type HandshakeLimits, throttledPauseMs, throttledTries } from './handshake-limits.ts';
import type { HostKeyCheck } from './host-key-check.ts';
import type { Identities } from './identities.ts';
import { type JumpLease, JumpLinks } from './jump-links.ts';
import { gcloudMissing, iapEnded, iapEnvironment, iapFailure } from './iap.ts';
import { ProxySocket } from './proxy-socket.ts';
import { ReachError } from './reach-error.ts';
import { ssh2Algorithms } from './ssh2-algorithms.ts';
import { dial } from './dial.ts';
import { givenUp } from './login-errors.ts';
import { type LoginDeadlines, type LoginOutcome, type LoginSocket, login } from './ssh2-login.ts';
import type { Ssh2Link } from './ssh2-link.ts';
import type { Target } from './target.ts';

export interface LinkParts {
  readonly hostKeys: HostKeyCheck;
  readonly identities: Identities;
  readonly limits: HandshakeLimits;
  readonly deadlines: LoginDeadlines;
  /** Environment of proxy programs. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Another order of host keys, an accepted key and three passphrases: more rounds than that would be a loop. */
const maxRounds = 8;

/** Makes authenticated ssh2 links, through jump hosts that are shared. */
export class Ssh2Links {
  readonly #parts: LinkParts;
  readonly #jumps = new JumpLinks((target, signal) => this.open(target, signal));

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  /**
   * Logs in, asking the person where needed and backing off where the server is busy. A failed authentication is never tried again.
   * @throws ReachError
   */
  async open(target: Target, signal: AbortSignal): Promise<Ssh2Link> {
    let preferred = this.#parts.hostKeys.preferredTypes(target);
    let drops = 0;
    for (let round = 0; round < maxRounds + drops; round += 1) {
      const outcome = await this.#attempt(target, preferred, signal);
      switch (outcome.kind) {
        case 'ready':
          return outcome.link;
        case 'failed':
          throw outcome.error;
        case 'prefer':
          preferred = outcome.keyTypes;
          break;
        case 'ask':
          await this.#parts.hostKeys.ask(target, outcome.key, outcome.question, signal);
          break;
        case 'locked':
          await abortable(this.#parts.identities.unlock(outcome.file), signal, () => givenUp(target));
          break;
        case 'throttled':
          drops += 1;
          if (drops >= throttledTries) throw outcome.error;
          await pause(throttledPauseMs(drops), signal, () => outcome.error);
      }
    }
    throw new ReachError('auth', `The login to ${target.name} came to no end after ${maxRounds} rounds.`, null);
  }

  close(): void {
    this.#jumps.close();
  }

  async #attempt(target: Target, preferred: readonly string[], signal: AbortSignal): Promise<LoginOutcome> {
    const { identities, limits, hostKeys, deadlines } = this.#parts;
    const offers = await abortable(identities.offersFor(target), signal, () => givenUp(target));
    // The jump host's own login passes through the limits too: it must be done before we take a place in them.
    const lease = target.via === null ? null : await this.#jumps.lease(target.via, target, signal);
    const gate =
      target.via === null
        ? { kind: 'address' as const, id: `${target.address} ${target.port}` }
        : { kind: 'jump' as const, id: `${target.via.address} ${target.via.port}` };
    try {
      const outcome = await limits.run(gate, async () => {
        if (signal.aborted) return { kind: 'failed' as const, error: givenUp(target) };
        const socket = await this.#socket(target, lease, signal);
        const outcome = await login(socket, {
          target,
          offers,
          algorithms: ssh2Algorithms(preferred),
          decide: (key) => hostKeys.decide(target, key, preferred),
          proved: (key) => hostKeys.proved(target, key),
          deadlines,
          signal,
        });
        return socket instanceof ProxySocket ? proxyOutcome(outcome, socket, target) : outcome;
      });
      if (outcome.kind === 'ready' && lease !== null) outcome.link.onClosed(() => lease.release());
      else lease?.release();
      return outcome;
    } catch (error) {
      lease?.release();
      throw error;
    }
  }

  #socket(target: Target, lease: JumpLease | null, signal: AbortSignal): Promise<LoginSocket> {
    const { connectMs } = this.#parts.deadlines;
    if (lease !== null) return lease.tunnel(target, connectMs, signal);
    if (target.proxy === null) return dial(target, connectMs, signal);
    return Promise.resolve(new ProxySocket(target.proxy, { ...this.#parts.env, ...iapEnvironment }));
  }
}

/** How long an ended proxy program may take to say why, ms. */
const proxyWordsMs = 500;

/** A connection that ended before the host said a word ended by the proxy's doing, which says why. */
async function proxyOutcome(outcome: LoginOutcome, socket: ProxySocket, target: Target): Promise<LoginOutcome> {
  if (socket.missing) return { kind: 'failed', error: gcloudMissing(target.name) };
  if (socket.bytesRead > 0 || (outcome.kind !== 'failed' && outcome.kind !== 'throttled')) return outcome;
  const words = await socket.words(proxyWordsMs);
  const error = iapFailure(words, target.name, target.port);
  if (error !== null) return { kind: 'failed', error };
  return outcome.kind === 'failed' ? outcome : { kind: 'failed', error: iapEnded(words, target.name) };
}
