import type { Machine } from '../machine/machine.ts';

export type AdminState = 'ready' | 'drain' | 'maint';

/** How fast a server's share of the usual traffic falls and rises after a change, per second: sessions end and begin one by one. */
const fallsPerS = 0.17;
const risesPerS = 0.35;

/** A server that is made ready counts as `UP 1/2` until its second good check (`inter 2s`), ms. */
const secondCheckMs = 2000;

/** Requests that one server usually gets a second. */
const usualPerS = 6;

interface Server {
  state: AdminState;
  weight: number;
  /** Epoch ms of the last change of `state`, `null` when there was none. */
  changedAt: number | null;
  /** Share of the usual traffic and requests so far, at `at`. */
  share: number;
  requests: number;
  at: number;
}

/** What a simulated haproxy with one backend, `web`, knows of its servers: the state that its socket tells and sets. */
export class HaproxyState {
  readonly #balancer: Machine;
  readonly #servers = new Map<string, Server>();
  /** Sum of the weights of those that get requests; `null` while all are as configured. */
  #weights: number | null = null;

  constructor(balancer: Machine) {
    this.#balancer = balancer;
  }

  adminState(web: Machine): AdminState {
    return this.#server(web).state;
  }

  weight(web: Machine): number {
    return this.#server(web).weight;
  }

  /** Epoch ms of the last change by its socket, `null` when there was none since haproxy began. */
  changedAt(web: Machine): number | null {
    return this.#server(web).changedAt;
  }

  /** Whether the second check after it was made ready is still to come. */
  rising(web: Machine): boolean {
    const { state, changedAt } = this.#server(web);
    return state === 'ready' && changedAt !== null && this.#now - changedAt < secondCheckMs;
  }

  set(web: Machine, state: AdminState): void {
    this.#settle();
    const server = this.#server(web);
    if (server.state === state) return;
    server.state = state;
    server.changedAt = this.#now;
    this.#weigh();
  }

  setWeight(web: Machine, weight: number): void {
    this.#settle();
    this.#server(web).weight = weight;
    this.#weigh();
  }

  /** `shutdown sessions server`: what is under way is cut off. */
  cut(web: Machine): void {
    this.#settle();
    this.#server(web).share = 0;
    this.#weigh();
  }

  /** A reload without a server-state file: every server is as the configuration says. */
  reload(): void {
    this.#settle();
    for (const server of this.#servers.values()) {
      if (server.state !== 'ready') server.changedAt = null;
      server.state = 'ready';
      server.weight = 1;
    }
    if (this.#weights !== null) this.#weigh();
  }

  /** Since when a server has been drained or in maintenance, the longest of them, epoch ms; `null` when none is. */
  outSince(): number | null {
    const times = [...this.#servers.values()].flatMap(({ state, changedAt }) =>
      state === 'ready' || changedAt === null ? [] : [changedAt],
    );
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Webs that get new requests now, whatever their health. */
  receiving(): readonly Machine[] {
    return this.#balancer.backends.filter((web) => this.#server(web).state === 'ready' && this.#server(web).weight > 0);
  }

  /** Traffic of a web now, as a share of what it usually gets: 0 when it has drained, 2 when it bears the load of two. */
  share(web: Machine): number {
    if (this.#weights === null) return 1;
    const server = this.#server(web);
    const seconds = (this.#now - server.at) / 1000;
    const target = this.#target(web);
    if (target < server.share) return Math.max(target, server.share - seconds * fallsPerS);
    return Math.min(target, server.share + seconds * risesPerS);
  }

  /** Requests a web has got since haproxy began. */
  requests(web: Machine): number {
    const server = this.#server(web);
    this.#carry(web, server);
    return server.requests;
  }

  get #now(): number {
    return this.#balancer.clock.now();
  }

  #server(web: Machine): Server {
    const known = this.#servers.get(web.name);
    if (known !== undefined) return known;
    const at = this.#now;
    const requests = Math.round(((at - this.#balancer.spec.bootedAt) / 1000) * usualPerS);
    const made: Server = { state: 'ready', weight: 1, changedAt: null, share: 1, requests, at };
    this.#servers.set(web.name, made);
    return made;
  }

  #target(web: Machine): number {
    const { state, weight } = this.#server(web);
    if (this.#weights === null) return 1;
    return state === 'ready' && weight > 0 ? (this.#balancer.backends.length * weight) / this.#weights : 0;
  }

  #weigh(): void {
    this.#weights = this.receiving().reduce((sum, each) => sum + this.#server(each).weight, 0);
  }

  /** Carries every server's share and count to the present, before something changes what they tend to. */
  #settle(): void {
    for (const web of this.#balancer.backends) this.#carry(web, this.#server(web));
  }

  #carry(web: Machine, server: Server): void {
    const share = this.share(web);
    const seconds = (this.#now - server.at) / 1000;
    if (server.state === 'ready') server.requests += ((server.share + share) / 2) * usualPerS * seconds;
    server.share = share;
    server.at = this.#now;
  }
}

const known = new WeakMap<Machine, HaproxyState>();

/** The haproxy of a load balancer. */
export function haproxyOf(balancer: Machine): HaproxyState {
  const found = known.get(balancer) ?? new HaproxyState(balancer);
  known.set(balancer, found);
  return found;
}
