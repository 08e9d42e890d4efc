import type { CloudReader, CloudWriter } from '../cloud/calls.ts';
import type { Alert } from '../fleet/alert.ts';
import type { BackupState } from '../fleet/backup.ts';
import type { Debt } from '../fleet/debt.ts';
import { sshOf, type Fleet } from '../fleet/definition.ts';
import type { Host, HostId } from '../fleet/host.ts';
import type { PoolState } from '../fleet/pool.ts';
import type { ReachState } from '../fleet/reach.ts';
import type { CheckSample, Sample } from '../fleet/sample.ts';
import type { HostView } from '../fleet/view.ts';
import { type AlertPart, alertParts } from '../health/alert-parts.ts';
import { type AlertInput, type AlertState, noAlerts, stepAlerts } from '../health/alerts.ts';
import { judgeSkew } from '../health/skew.ts';
import { countHealth } from '../health/summary.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Clock } from '../poll/clock.ts';
import { FleetPoller, type FleetListener } from '../poll/fleet-poller.ts';
import { tellsRates } from '../probe/checks/check-memory.ts';
import type { Connector } from '../remote/connection.ts';
import { hostCommand } from '../remote/deadline.ts';
import type { ExecResult } from '../remote/connection.ts';
import { backupView } from './backup-views.ts';
import { HostRecord } from './host-record.ts';
import { Readings } from './readings.ts';
import type { FleetStore } from './store.ts';
import type { Shells, World } from './world.ts';

export interface LiveOptions {
  readonly fleet: Fleet;
  readonly inventory: Inventory;
  readonly connector: Connector;
  readonly store: FleetStore;
  readonly clock: Clock;
  readonly cloud: CloudReader & CloudWriter;
  /** Only hosts for which this says yes are shown and asked; `all` is the whole inventory. */
  readonly wanted: (host: Host, all: readonly Host[]) => boolean;
  /** False: nothing is polled or refreshed until asked, for one-shot commands. */
  readonly continuous: boolean;
  /** Puts the playbooks on alerts before they are published: this room knows of none. Must be cheap; called at every publication. */
  readonly withPlaybooks?: (alerts: readonly Alert[]) => readonly Alert[];
}

/** At most four publications a second, and one sweep a second for what only time changes. */
const publishEveryMs = 250;
const sweepEveryMs = 1000;

/** The living fleet: inventory, polling and judgement put together, published to the one store. */
export class LiveFleet implements World {
  readonly fleet: Fleet;
  readonly clock: Clock;
  readonly #options: LiveOptions;
  readonly #records = new Map<HostId, HostRecord>();
  readonly #checksHere = new Map<string, CheckSample>();
  readonly #poller: FleetPoller;
  readonly #listeners = new Set<FleetListener>();
  readonly #readings: Readings;
  #debts: readonly Debt[] = [];
  #alerts: AlertState = noAlerts;
  #publishTimer: NodeJS.Timeout | null = null;
  #sweepTimer: NodeJS.Timeout | null = null;
  #stopped = false;
  #shellsTaken = false;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.fleet = options.fleet;
    this.clock = options.clock;
    this.#poller = new FleetPoller(options.fleet, options.connector, options.clock, this.#listen(), options.continuous);
    this.#readings = new Readings({
      fleet: options.fleet,
      cloud: options.cloud,
      continuous: options.continuous,
      hosts: () => this.views().flatMap((view) => (view.goneSince === null ? [view.host] : [])),
      run: (hostId, command, deadlineMs) => this.#ask(hostId, command, deadlineMs),
      now: options.clock.wallMs,
      changed: () => this.#takePools(),
    });
    options.inventory.onChange(() => this.#takeInventory());
  }

  /** Starts refreshing and polling on their own periods. */
  start(): void {
    this.#options.inventory.start();
    this.#readings.start();
    this.#sweepTimer = setInterval(() => this.#sweep(), sweepEveryMs);
  }

  /** Inventory once, two rounds of every host so that rates exist, every check: what `status` shows. */
  async pollOnce(gapMs: number): Promise<void> {
    await this.#options.inventory.refreshAll();
    this.#takeInventory();
    await this.#poller.pollAll();
    const between = new Promise((resolve) => setTimeout(resolve, gapMs));
    await Promise.all([this.#poller.runAllChecks(), this.#readings.readAll(), between]);
    // A verdict that is to be an alert needs a second result; so this is the first step, and what failed is asked again.
    this.publish();
    const failed = new Set([...this.#checksHere.values(), ...this.views().flatMap((view) => view.checks)].flatMap(failedName));
    // A host that did not answer once is not waited for a second time.
    const second = this.#poller.pollAll((hostId) => this.view(hostId)?.reach.reach === 'ok');
    await Promise.all([second, this.#poller.runAllChecks((spec) => tellsRates(spec) || failed.has(spec.name))]);
    this.publish();
  }

  /** Everything again, now: the refresh key. */
  async refresh(): Promise<void> {
    await this.#options.inventory.refreshAll();
    await Promise.all([this.#poller.pollAll(), this.#poller.runAllChecks(), this.#readings.readAll()]);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#publishTimer !== null) clearTimeout(this.#publishTimer);
    if (this.#sweepTimer !== null) clearInterval(this.#sweepTimer);
    this.#options.inventory.stop();
    this.#readings.stop();
    this.#poller.stop();
  }

  /** Hears every sample as it comes, unthrottled: the `watch` command. */
  listen(listener: FleetListener): void {
    this.#listeners.add(listener);
  }

  view(hostId: HostId): HostView | null {
    return this.#records.get(hostId)?.view ?? null;
  }

  views(): HostView[] {
    return [...this.#records.values()].map((record) => record.view);
  }

  /** Open connections to hosts and the bytes on their wires so far. */
  wire(): { readonly connections: number; readonly received: number; readonly sent: number } {
    const open = this.#poller.connections();
    const traffic = open.map((connection) => connection.traffic());
    const sum = (of: (one: { readonly received: number; readonly sent: number }) => number): number =>
      traffic.reduce((total, one) => total + of(one), 0);
    return { connections: open.length, received: sum((one) => one.received), sent: sum((one) => one.sent) };
  }

  takeShells(): Shells {
    if (this.#shellsTaken) throw new Error('the way to the hosts’ shells was handed out before: there is one executor');
    this.#shellsTaken = true;
    return { open: (hostId) => this.#poller.of(hostId)?.connection ?? null, cloud: this.#options.cloud };
  }

  pool(name: string): PoolState | null {
    return this.#readings.pool(name);
  }

  freshPool(name: string): Promise<PoolState | null> {
    return this.#readings.freshPool(name);
  }

  backup(name: string, hostId: HostId): BackupState | null {
    return this.#readings.backup(name, hostId);
  }

  freshBackup(name: string, hostId: HostId): Promise<BackupState | null> {
    return this.#readings.freshBackup(name, hostId);
  }

  tellDebts(debts: readonly Debt[]): void {
    this.#debts = debts;
    this.#changed();
  }

  debts(): readonly Debt[] {
    return this.#debts;
  }

  alerts(): readonly Alert[] {
    return this.#alerts.alerts;
  }

  alertParts(name: string, hostId: HostId | null): readonly AlertPart[] {
    return alertParts(name, hostId, this.#alertInput(this.clock.wallMs()));
  }

  goodRounds(hostId: HostId): number {
    return this.#records.get(hostId)?.goodRounds() ?? 0;
  }

  async freshRound(hostId: HostId): Promise<void> {
    await this.#poller.of(hostId)?.freshRound('fast');
  }

  async runCheck(hostId: HostId, name: string): Promise<CheckSample | null> {
    return (await this.#poller.of(hostId)?.runCheck(name)) ?? (await this.#poller.runCheckHere(name));
  }

  /** Puts the present picture into the store now. */
  publish(): void {
    if (this.#publishTimer !== null) clearTimeout(this.#publishTimer);
    this.#publishTimer = null;
    const now = this.clock.wallMs();
    const backups = this.#readings.backups();
    const views = Map.groupBy(backups, (state) => state.hostId);
    for (const [id, record] of this.#records) record.backedUp((views.get(id) ?? []).map((state) => backupView(state, now)));
    const hosts = this.views();
    const step = stepAlerts(this.#alerts, this.#alertInput(now));
    this.#alerts = step.state;
    this.#options.store.setState({
      at: now,
      hosts,
      byId: new Map(hosts.map((view) => [view.host.id, view])),
      alerts: this.#options.withPlaybooks?.(step.alerts) ?? step.alerts,
      sources: this.#options.inventory.sources(),
      counts: countHealth(hosts.map((view) => view.verdict.health)),
      checksHere: [...this.#checksHere.values()],
      pools: this.#readings.pools(),
      backups,
      debts: this.#debts,
    });
  }

  #alertInput(now: number): AlertInput {
    const { fleet } = this;
    const hosts = [...this.#records.values()].map((record) => record.judged());
    const checksHere = [...this.#checksHere.values()];
    const [backups, pools, debts] = [this.#readings.backups(), this.#readings.pools(), this.#debts];
    return { fleet, hosts, skew: judgeSkew(fleet, hosts, now), checksHere, backups, pools, debts, now };
  }

  /** A command that only reads, under the role's privilege and with its deadline on the host. */
  async #ask(hostId: HostId, command: string, deadlineMs: number): Promise<ExecResult | null> {
    const connection = this.#poller.of(hostId)?.connection ?? null;
    if (connection === null) return null;
    const { sudo } = sshOf(this.fleet, connection.host.role);
    const text = hostCommand(command, { seconds: deadlineMs / 1000, sudo });
    return connection.exec(text, { deadlineMs: deadlineMs + 2000 }).catch(() => null);
  }

  #listen(): FleetListener {
    return {
      reach: (host: Host, state: ReachState) => {
        this.#records.get(host.id)?.reached(state, this.clock.wallMs());
        for (const listener of this.#listeners) listener.reach(host, state);
        this.#changed();
      },
      sample: (host: Host, sample: Sample) => {
        this.#records.get(host.id)?.sampled(sample, this.clock.wallMs());
        for (const listener of this.#listeners) listener.sample(host, sample);
        this.#changed();
      },
      check: (host: Host, check: CheckSample) => {
        this.#records.get(host.id)?.checked(check, this.clock.wallMs());
        for (const listener of this.#listeners) listener.check(host, check);
        this.#changed();
      },
      checkHere: (check: CheckSample) => {
        this.#checksHere.set(check.name, check);
        for (const listener of this.#listeners) listener.checkHere(check);
        this.#changed();
      },
    };
  }

  #takeInventory(): void {
    const now = this.clock.wallMs();
    const all = this.#options.inventory.hosts();
    const hosts = all.filter((host) => this.#options.wanted(host, all));
    const listed = new Set(hosts.map((host) => host.id));
    for (const host of hosts) {
      const record = this.#records.get(host.id);
      if (record === undefined) this.#records.set(host.id, new HostRecord(this.fleet, host, now));
      else record.listed(host, now);
      this.#records.get(host.id)?.pooled(this.#readings.pools());
    }
    for (const [id, record] of this.#records) if (!listed.has(id)) record.gone(now);
    this.#poller.setHosts(hosts);
    this.#readings.setHosts(hosts);
    this.#changed();
  }

  #takePools(): void {
    const pools = this.#readings.pools();
    for (const record of this.#records.values()) record.pooled(pools);
    this.#changed();
  }

  #sweep(): void {
    const now = this.clock.wallMs();
    let changed = false;
    for (const record of this.#records.values()) changed = record.aged(now) || changed;
    // Ages and alert durations move on even when nobody answers.
    if (changed || this.#records.size > 0) this.#changed();
  }

  #changed(): void {
    if (this.#stopped || !this.#options.continuous || this.#publishTimer !== null) return;
    this.#publishTimer = setTimeout(() => this.publish(), publishEveryMs);
  }
}

const failedName = (check: CheckSample): readonly string[] => (check.ok === false ? [check.name] : []);
