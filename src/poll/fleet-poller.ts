import { type CheckSpec, type Fleet, sshOf } from '../fleet/definition.ts';
import type { Host, HostId } from '../fleet/host.ts';
import type { CheckSample } from '../fleet/sample.ts';
import type { Connector, HostConnection } from '../remote/connection.ts';
import { iapRoute } from '../remote/iap.ts';
import { CheckRunner } from './check-runner.ts';
import type { Clock } from './clock.ts';
import { HostPoller, type HostListener } from './host-poller.ts';

export interface FleetListener extends HostListener {
  /** A check that this console asks itself. */
  checkHere(check: CheckSample): void;
}

/** One poller a host, following the inventory: new hosts are asked, vanished ones left, moved ones asked at their new address. */
export class FleetPoller {
  readonly #fleet: Fleet;
  readonly #connector: Connector;
  readonly #clock: Clock;
  readonly #listener: FleetListener;
  readonly #pollers = new Map<HostId, HostPoller>();
  readonly #checksHere: CheckRunner;
  #hereTimer: NodeJS.Timeout | null = null;
  readonly #autoStart: boolean;

  /** `autoStart` false: nothing is polled until asked, for one-shot commands. */
  constructor(fleet: Fleet, connector: Connector, clock: Clock, listener: FleetListener, autoStart = true) {
    this.#fleet = fleet;
    this.#connector = connector;
    this.#clock = clock;
    this.#listener = listener;
    this.#autoStart = autoStart;
    const here = fleet.checks.filter((check) => check.from === 'here');
    this.#checksHere = new CheckRunner(here, clock, (check) => listener.checkHere(check));
    if (autoStart && here.length > 0) {
      this.#checksHere.startDue(null);
      this.#hereTimer = setInterval(() => this.#checksHere.startDue(null), Math.min(1000, fleet.poll.everyMs));
    }
  }

  /** Hosts to poll from now on. Those that there is no way to, or that are stopped in their cloud, are not asked. */
  setHosts(hosts: readonly Host[]): void {
    const wanted = new Map(hosts.filter((host) => this.#isAskable(host)).map((host) => [host.id, host]));
    for (const [id, poller] of this.#pollers) {
      const host = wanted.get(id);
      if (host !== undefined && sameWay(host, poller.host)) continue;
      poller.stop();
      this.#pollers.delete(id);
    }
    for (const [id, host] of wanted) {
      if (this.#pollers.has(id)) continue;
      const poller = new HostPoller(host, this.#fleet, this.#connector, this.#clock, this.#listener);
      this.#pollers.set(id, poller);
      if (this.#autoStart) poller.start();
    }
  }

  /** Connections open now. */
  connections(): readonly HostConnection[] {
    return [...this.#pollers.values()].flatMap((poller) => poller.connection ?? []);
  }

  of(id: HostId): HostPoller | null {
    return this.#pollers.get(id) ?? null;
  }

  /** One round of every host (or of those that `which` names) now. */
  async pollAll(which: (hostId: HostId) => boolean = () => true): Promise<void> {
    const pollers = [...this.#pollers.values()].filter((poller) => which(poller.host.id));
    await Promise.all(pollers.map((poller) => poller.poll('slow')));
  }

  /** One of this console's own checks by name, asked after this call; `null` when it has none of that name. */
  runCheckHere(name: string): Promise<CheckSample | null> {
    return this.#checksHere.runNamed(name, null);
  }

  /** Every check (or those that `which` names) now, of the hosts and of this console. */
  async runAllChecks(which?: (check: CheckSpec) => boolean): Promise<void> {
    await Promise.all([this.#checksHere.runAll(null, which), ...[...this.#pollers.values()].map((poller) => poller.runChecks(which))]);
  }

  #isAskable(host: Host): boolean {
    const noWay =
      host.provider !== 'local' && host.address === null && iapRoute(host, sshOf(this.#fleet, host.role), this.#fleet.sources) === null;
    if (noWay) return false;
    if (host.cloudState !== 'stopped' && host.cloudState !== 'stopping') return true;
    // What still answers is asked on: that is the only way to see that the cloud's word is out of date.
    return (this.of(host.id)?.connection ?? null) !== null;
  }

  stop(): void {
    if (this.#hereTimer !== null) clearInterval(this.#hereTimer);
    this.#checksHere.stop();
    for (const poller of this.#pollers.values()) poller.stop();
    this.#pollers.clear();
  }
}

function sameWay(a: Host, b: Host): boolean {
  return (
    a.address === b.address &&
    a.zone === b.zone &&
    a.ssh.port === b.ssh.port &&
    a.ssh.user === b.ssh.user &&
    a.role === b.role &&
    a.name === b.name
  );
}
