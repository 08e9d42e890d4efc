import type { Socket } from 'node:net';
import ssh2, { type Algorithms, type AnyAuthMethod, type AuthenticationType, type ConnectConfig } from 'ssh2';
import type { HostKeyQuestion } from './connection.ts';
import type { HostKeyDecision } from './host-key-check.ts';
import type { KeyOffers } from './identities.ts';
import { droppedAtTheDoor, givenUp, keysRefused, loginEnded, protocolError } from './login-errors.ts';
import type { ProxySocket } from './proxy-socket.ts';
import { ReachError } from './reach-error.ts';
import { sanitizeLine } from './sanitize.ts';
import { socketReachError, systemCode } from './socket-error.ts';
import { Ssh2Link } from './ssh2-link.ts';
import type { Target } from './target.ts';
import type { TunnelStream } from './tunnel-stream.ts';

export type LoginSocket = Socket | TunnelStream | ProxySocket;

/** How long each stage may take, ms. */
export interface LoginDeadlines {
  readonly connectMs: number;
  /** Version exchange and key exchange. */
  readonly handshakeMs: number;
  /** All keys together; an agent may be asking its owner. */
  readonly authMs: number;
  /** The kept shell's first answer. */
  readonly shellMs: number;
  /** Silence after which the other side is asked whether it is there; it is given up three to four times as long after its last byte. */
  readonly keepaliveMs: number;
}

export const loginDeadlines: LoginDeadlines = {
  connectMs: 5_000,
  handshakeMs: 10_000,
  authMs: 20_000,
  shellMs: 10_000,
  keepaliveMs: 3_000,
};

/** How one attempt ended. What needs a person or another order of algorithms ends it too, so that no server slot waits for an answer. */
export type LoginOutcome =
  | { readonly kind: 'ready'; readonly link: Ssh2Link }
  | { readonly kind: 'ask'; readonly question: HostKeyQuestion; readonly key: Buffer }
  | { readonly kind: 'prefer'; readonly keyTypes: readonly string[] }
  | { readonly kind: 'locked'; readonly file: string }
  | { readonly kind: 'throttled'; readonly error: ReachError }
  | { readonly kind: 'failed'; readonly error: ReachError };

export interface LoginParts {
  readonly target: Target;
  readonly offers: KeyOffers;
  readonly algorithms: Algorithms;
  readonly decide: (key: Buffer) => HostKeyDecision;
  /** The server has proved that it owns this key. */
  readonly proved: (key: Buffer) => void;
  readonly deadlines: LoginDeadlines;
  readonly signal: AbortSignal;
}

/** One SSH login over an open socket: version, keys, host key check, authentication. Never rejects and leaves nothing open but a ready link. */
export function login(socket: LoginSocket, parts: LoginParts): Promise<LoginOutcome> {
  return new Promise((resolve) => new Login(socket, parts, resolve).start());
}

class Login {
  readonly #socket: LoginSocket;
  readonly #parts: LoginParts;
  readonly #resolve: (outcome: LoginOutcome) => void;
  readonly #client = new ssh2.Client();
  #stage: 'version' | 'handshake' | 'auth' | 'over' = 'version';
  #timer: NodeJS.Timeout | undefined;
  #greeting = '';
  #hostKey: Buffer | null = null;
  #offered = 0;
  #keysTried = 0;

  constructor(socket: LoginSocket, parts: LoginParts, resolve: (outcome: LoginOutcome) => void) {
    this.#socket = socket;
    this.#parts = parts;
    this.#resolve = resolve;
  }

  start(): void {
    const { signal, deadlines, target } = this.#parts;
    if (signal.aborted) return this.#fail(givenUp(target));
    signal.addEventListener('abort', this.#aborted, { once: true });
    this.#limit(deadlines.handshakeMs);
    const sawText = (chunk: Buffer): void => {
      this.#greeting += chunk.toString('latin1', 0, 512);
      if (!/(^|\n)SSH-/.test(this.#greeting) && this.#greeting.length < 4_096) return;
      this.#socket.off('data', sawText);
      if (this.#stage === 'version') this.#stage = 'handshake';
    };
    this.#socket.on('data', sawText);
    const client = this.#client;
    client.on('error', (error) => this.#error(error));
    client.on('close', () => this.#closed());
    client.on('handshake', () => this.#handshake());
    client.on('ready', () => this.#finish({ kind: 'ready', link: new Ssh2Link(client, this.#socket, target, deadlines.keepaliveMs) }));
    client.connect(this.#config());
  }

  #config(): ConnectConfig {
    return {
      sock: this.#socket,
      username: this.#parts.target.user,
      algorithms: this.#parts.algorithms,
      hostVerifier: (key: Buffer) => this.#verify(key),
      authHandler: (left, _partial, next) => this.#nextKey(left, next),
      agentForward: false,
      // Ours are per stage.
      readyTimeout: 0,
      // The link's own (see `watchSilence`).
      keepaliveInterval: 0,
    };
  }

  /** Also called when the connection is re-keyed later, where only the same key will do. */
  #verify(key: Buffer): boolean {
    if (this.#hostKey !== null) return this.#hostKey.equals(key);
    this.#hostKey = Buffer.from(key);
    const decision = this.#parts.decide(this.#hostKey);
    switch (decision.kind) {
      case 'trust':
        return true;
      case 'prefer':
        this.#finish({ kind: 'prefer', keyTypes: decision.keyTypes });
        return false;
      case 'ask':
        this.#finish({ kind: 'ask', question: decision.question, key: this.#hostKey });
        return false;
      case 'refuse':
        this.#fail(decision.error);
        return false;
    }
  }

  #handshake(): void {
    if (this.#stage === 'auth' || this.#stage === 'over' || this.#hostKey === null) return;
    this.#stage = 'auth';
    this.#parts.proved(this.#hostKey);
    this.#limit(this.#parts.deadlines.authMs);
  }

  #nextKey(left: AuthenticationType[] | null, next: (method: AnyAuthMethod) => void): void {
    const { offers, target } = this.#parts;
    if (left !== null && !left.includes('publickey')) return this.#fail(keysRefused(target, offers, this.#keysTried, left));
    const offer = offers.offers[this.#offered];
    this.#offered += 1;
    if (offer === undefined) return this.#fail(keysRefused(target, offers, this.#keysTried, left ?? []));
    switch (offer.kind) {
      case 'locked':
        return this.#finish({ kind: 'locked', file: offer.file });
      case 'agent':
        this.#keysTried += offer.count;
        return next({ type: 'agent', username: target.user, agent: offer.agent });
      case 'key':
        this.#keysTried += 1;
        return next({ type: 'publickey', username: target.user, key: offer.key });
    }
  }

  #error(error: Error & { level?: string }): void {
    // ssh2 reports an agent or a key that failed and goes on to the next by itself.
    if (error.level === 'agent' || (error.level === 'client-authentication' && this.#stage === 'auth')) return;
    const { target } = this.#parts;
    if (this.#stage === 'version' && this.#droppedAtTheDoor(error)) return this.#throttled();
    // A number is the server's own reason to disconnect (RFC 4253 §11.1).
    const disconnected = 'code' in error && typeof error.code === 'number';
    if (this.#stage === 'auth' && (disconnected || systemCode(error) !== null))
      return this.#fail(loginEnded(target, sanitizeLine(error.message, 200)));
    if (systemCode(error) !== null) return this.#fail(socketReachError(error, target.name, this.#place()));
    this.#fail(protocolError(error, target));
  }

  /** ssh2 may close without any error. */
  #closed(): void {
    if (this.#stage === 'version') return this.#throttled();
    if (this.#stage === 'auth') return this.#fail(loginEnded(this.#parts.target, 'it closed the connection'));
    this.#fail(
      new ReachError(
        'unreachable',
        `${this.#parts.target.name} closed the connection in the middle of the key exchange.`,
        'See the log of sshd on the host.',
      ),
    );
  }

  #droppedAtTheDoor(error: Error): boolean {
    return error.message === 'Connection lost before handshake' || systemCode(error) === 'ECONNRESET' || systemCode(error) === 'EPIPE';
  }

  #throttled(): void {
    this.#finish({ kind: 'throttled', error: droppedAtTheDoor(this.#parts.target, this.#greeting) });
  }

  #place(): string {
    return `${sanitizeLine(this.#parts.target.address)} port ${this.#parts.target.port}`;
  }

  readonly #aborted = (): void => this.#fail(givenUp(this.#parts.target));

  #limit(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#late(ms), ms);
  }

  #late(ms: number): void {
    const { target } = this.#parts;
    const what =
      this.#stage === 'version'
        ? 'accepted the connection and then said nothing'
        : this.#stage === 'auth'
          ? 'did not finish the login'
          : 'did not finish the key exchange';
    this.#fail(new ReachError('timeout', `${target.name} ${what} within ${ms / 1000} s.`, 'sshd or the whole machine hangs there.'));
  }

  #fail(error: ReachError): void {
    this.#finish({ kind: 'failed', error });
  }

  #finish(outcome: LoginOutcome): void {
    if (this.#stage === 'over') return;
    this.#stage = 'over';
    clearTimeout(this.#timer);
    this.#parts.signal.removeEventListener('abort', this.#aborted);
    if (outcome.kind !== 'ready') {
      // The refusal that ssh2 is about to write may still go out.
      setImmediate(() => this.#socket.end());
      setTimeout(() => this.#socket.destroy(), 50);
    }
    this.#resolve(outcome);
  }
}
