import { longestTimerMs } from '../fleet/duration.ts';
import { checksOn, servicesOn, sshOf, type CheckSpec, type Fleet } from '../fleet/definition.ts';
import type { Host } from '../fleet/host.ts';
import type { ReachState } from '../fleet/reach.ts';
import type { CheckSample, Sample } from '../fleet/sample.ts';
import type { CollectorSpec } from '../probe/collector-script.ts';
import { type Measured, measure } from '../probe/measured.ts';
import { toSample } from '../probe/sample.ts';
import type { RoundKind } from '../probe/wire.ts';
import type { Connector, HostConnection } from '../remote/connection.ts';
import { ReachError } from '../remote/reach-error.ts';
import { CheckRunner } from './check-runner.ts';
import type { Clock } from './clock.ts';
import { CollectorChannel } from './collector-channel.ts';
import { phaseOf, retryDelay, untilNextRound } from './schedule.ts';

/** Told of everything one host says. */
export interface HostListener {
  reach(host: Host, state: ReachState): void;
  sample(host: Host, sample: Sample): void;
  check(host: Host, check: CheckSample): void;
}

/** Seconds between the first two rounds, so that rates exist soon. */
const secondRoundMs = 1000;

/** Polls one host: keeps its connection, asks a round every period, and says honestly how far it gets. */
export class HostPoller {
  readonly host: Host;
  readonly #fleet: Fleet;
  readonly #connector: Connector;
  readonly #clock: Clock;
  readonly #listener: HostListener;
  readonly #spec: CollectorSpec;
  readonly #checks: CheckRunner;
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #connection: HostConnection | null = null;
  #channel: CollectorChannel | null = null;
  #previous: Measured | null = null;
  #reach: ReachState;
  #rounds = 0;
  #failures = 0;
  #busy: Promise<void> | null = null;
  #onItsOwn = false;

  constructor(host: Host, fleet: Fleet, connector: Connector, clock: Clock, listener: HostListener) {
    this.host = host;
    this.#fleet = fleet;
    this.#connector = connector;
    this.#clock = clock;
    this.#listener = listener;
    this.#spec = { services: servicesOn(fleet, host.role), sudo: sshOf(fleet, host.role).sudo };
    this.#checks = new CheckRunner(checksOn(fleet, host.role), clock, (check) => listener.check(host, check));
    this.#reach = { reach: 'unknown', since: clock.wallMs(), why: null };
  }

  /** Open connection, if there is one; for changes and forwards. */
  get connection(): HostConnection | null {
    return this.#connection?.closed === false ? this.#connection : null;
  }

  /** First round at the host's own place in a period no longer than two seconds, then one every period. Without it every round is asked for. */
  start(): void {
    this.#onItsOwn = true;
    this.#schedule(phaseOf(this.host.id, Math.min(2000, this.#fleet.poll.everyMs)));
  }

  stop(): void {
    this.#stop.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#checks.stop();
    this.#drop();
  }

  /** One round now; joins the one under way. Never rejects: what went wrong is the host's reach. */
  poll(kind?: RoundKind): Promise<void> {
    this.#busy ??= this.#once(kind).finally(() => {
      this.#busy = null;
      this.#plan();
    });
    return this.#busy;
  }

  /** A round that began after this call: what is seen in it happened after what the caller did. */
  async freshRound(kind: RoundKind): Promise<void> {
    if (this.#busy !== null) await this.#busy;
    await this.poll(kind);
  }

  /** All checks of this host (or those that `which` names) now; for one-shot commands. */
  runChecks(which?: (check: CheckSpec) => boolean): Promise<void> {
    return this.connection === null ? Promise.resolve() : this.#checks.runAll(this.connection, which);
  }

  /** One check by name now, `null` when the host has none of that name. */
  runCheck(name: string): Promise<CheckSample | null> {
    return this.#checks.runNamed(name, this.connection);
  }

  async #once(kind?: RoundKind): Promise<void> {
    if (this.#stop.signal.aborted) return;
    try {
      const channel = this.#channel ?? (await this.#connect());
      const asked = this.#clock.monoMs();
      // Slow parts every second round, so that a full disk shows within two polls.
      const round = await channel.round(kind ?? (this.#rounds % 2 === 0 ? 'slow' : 'fast'), this.#fleet.poll.deadlineMs);
      const monoMs = this.#clock.monoMs();
      const measured = measure(round, { wallMs: this.#clock.wallMs(), monoMs, roundMs: monoMs - asked }, this.#previous);
      const sample = toSample(this.#previous, measured, this.#spec);
      this.#previous = measured;
      this.#rounds += 1;
      this.#failures = 0;
      this.#setReach('ok', null);
      this.#listener.sample(this.host, sample);
      this.#checks.startDue(this.#connection);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#failures += 1;
      this.#drop();
      if (error instanceof ReachError)
        this.#setReach(error.reach, error.remedy === null ? error.message : `${error.message} ${error.remedy}`);
      else this.#setReach('unreachable', error instanceof Error ? error.message : 'the round failed for an unknown reason');
    }
  }

  async #connect(): Promise<CollectorChannel> {
    if (this.#reach.reach === 'unknown') this.#setReach('connecting', null);
    const connection = await this.#connector.connect(this.host, this.#stop.signal);
    if (this.#stop.signal.aborted) {
      connection.close();
      throw new ReachError('unreachable', 'polling of this host was stopped');
    }
    this.#connection = connection;
    connection.onClosed((reason) => this.#lost(connection, reason));
    const channel = await CollectorChannel.open(connection, this.#spec, this.#fleet.poll.deadlineMs);
    this.#previous = measure(await channel.hello, { wallMs: this.#clock.wallMs(), monoMs: this.#clock.monoMs(), roundMs: 0 }, null);
    this.#channel = channel;
    return channel;
  }

  /** The connection ended between rounds: say so now, and try again soon rather than at the next period. */
  #lost(connection: HostConnection, reason: ReachError): void {
    if (this.#connection !== connection) return;
    this.#connection = null;
    this.#channel = null;
    if (this.#stop.signal.aborted || this.#busy !== null) return;
    this.#setReach(reason.reach, reason.message);
    this.#schedule(Math.min(1000, this.#fleet.poll.everyMs));
  }

  #drop(): void {
    const connection = this.#connection;
    this.#connection = null;
    this.#channel?.close();
    this.#channel = null;
    connection?.close();
  }

  #setReach(reach: ReachState['reach'], why: string | null): void {
    if (this.#reach.reach === reach && this.#reach.why === why) return;
    const since = this.#reach.reach === reach ? this.#reach.since : this.#clock.wallMs();
    this.#reach = { reach, since, why };
    this.#listener.reach(this.host, this.#reach);
  }

  #plan(): void {
    if (this.#stop.signal.aborted) return;
    const { everyMs } = this.#fleet.poll;
    if (this.#failures > 0) this.#schedule(retryDelay(this.#reach.reach, this.#failures, everyMs, Math.random()));
    else if (this.#rounds === 1) this.#schedule(Math.min(secondRoundMs, everyMs));
    else this.#schedule(untilNextRound(this.#clock.monoMs(), phaseOf(this.host.id, everyMs), everyMs));
  }

  #schedule(delayMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    // A round of its own just before one that is asked for would leave that one an interval too short for rates.
    if (!this.#onItsOwn) return;
    this.#timer = setTimeout(() => void this.poll(), Math.min(delayMs, longestTimerMs));
  }
}
