import type { HostId } from '../fleet/host.ts';
import type { Shells, World } from '../live/world.ts';
import { Secret } from '../fleet/secret.ts';
import type { ExecResult } from '../remote/connection.ts';
import { askStep, cancelStep, forgetStep, listSteps, readStep, readStepList, startStep, type StepState } from '../remote/step.ts';
import { ReachError } from '../remote/reach-error.ts';
import type { HeldLock } from './host-locks.ts';
import { pause } from './pause.ts';
import type { PlannedCommand } from './plan.ts';
import { hostText, masked } from './run-on-host.ts';

/** Slack for the connection around a command's own deadline on the host, and for one question about a step, ms. */
const wireSlackMs = 15_000;
const questionMs = 15_000;
/** How long a host that went away in mid-change is waited for before its outcome is called unknown, ms. */
const awayMs = 60_000;
const askEveryMs = 1000;

/** How a step on a host ended. `claimed` and `refused` mean that nothing was started by this call. */
export type StepEnd =
  | { readonly kind: 'ended'; readonly result: ExecResult }
  | { readonly kind: 'not-started'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string; readonly result: ExecResult };

/** Runs a change as a step on its host: it goes on when the connection is lost, and its end is fetched when the host is back. */
export class StepRunner {
  readonly #world: World;
  readonly #shells: Shells;
  readonly #redact: (text: string) => string;

  /** `redact` masks what must not be seen in a step's output before anybody gets it. */
  constructor(world: World, shells: Shells, redact: (text: string) => string) {
    this.#world = world;
    this.#shells = shells;
    this.#redact = redact;
  }

  /**
   * `id` names the step on the host; a second start of the same id is refused there, and any start without the lock. `secrets`: values
   * of shell variables of one line each, which reach the command's environment by standard input.
   */
  async run(id: string, command: PlannedCommand, lock: HeldLock, secrets: Readonly<Record<string, string>> = {}): Promise<StepEnd> {
    const connection = this.#shells.open(command.hostId);
    const startedAt = this.#world.clock.monoMs();
    if (connection === null) return { kind: 'not-started', why: `${command.hostName} has no connection now` };
    let first: ExecResult;
    try {
      const used = Object.entries(secrets).filter(([name]) => command.command.includes(`$${name}`));
      const text = startStep(
        id,
        hostText(command),
        command.deadlineMs / 1000,
        lock.fence(),
        used.map(([name]) => name),
      );
      first = await connection.exec(text, {
        deadlineMs: command.deadlineMs + wireSlackMs,
        ...(used.length === 0 ? {} : { stdin: new Secret(used.map(([, value]) => `${value}\n`).join('')) }),
      });
    } catch (error) {
      const why = error instanceof Error ? error.message : 'the command could not be sent';
      // The host's own refusal to start anything is certain; a connection that ended first may have carried it over.
      if (error instanceof ReachError && error.reach === 'no-shell') return { kind: 'not-started', why };
      return this.#uncertain(id, command, startedAt, lock);
    }
    const state = readStep(id, first.stdout, first.stderr);
    if (state?.kind === 'claimed') return { kind: 'not-started', why: `a step ${id} is already on ${command.hostName}` };
    if (state?.kind === 'refused') return { kind: 'not-started', why: state.why };
    if (state?.kind === 'done' || state?.kind === 'unknown') return this.#ended(state, first.durationMs);
    // The connection ended, or the wait did: the step itself may well go on.
    return this.#uncertain(id, command, startedAt, lock);
  }

  /** A start that is not on the host may still be on its way; with the lock's next token it can no longer begin, and only then is “never” true. */
  async #uncertain(id: string, command: PlannedCommand, startedAt: number, lock: HeldLock): Promise<StepEnd> {
    const end = await this.follow(id, command, startedAt);
    if (end.kind !== 'not-started') return end;
    if (await lock.advance()) return this.follow(id, command, startedAt);
    const why = 'it is not on the host, but the lock is not ours any more either, so it may still begin';
    return { kind: 'unknown', why, result: lost(why, this.#world.clock.monoMs() - startedAt) };
  }

  /** Asks for a step until it has ended, its host stays away too long, or nothing is left to wait for. */
  async follow(id: string, command: Pick<PlannedCommand, 'hostId' | 'hostName' | 'deadlineMs'>, startedAt: number): Promise<StepEnd> {
    const { clock } = this.#world;
    let lastSeen = clock.monoMs();
    for (;;) {
      const state = await this.ask(id, command.hostId);
      const now = clock.monoMs();
      if (state !== null) lastSeen = now;
      if (state?.kind === 'done' || state?.kind === 'unknown') return this.#ended(state, now - startedAt);
      if (state?.kind === 'missing') return { kind: 'not-started', why: `no step ${id} is on ${command.hostName}: it never began` };
      const waited = now - startedAt;
      if (now - lastSeen > awayMs || waited > command.deadlineMs + awayMs) {
        const why =
          state?.kind === 'running' ? 'it still runs past its deadline' : `${command.hostName} did not come back within ${awayMs / 1000} s`;
        return { kind: 'unknown', why, result: lost(why, waited) };
      }
      await pause(askEveryMs);
    }
  }

  /** State of a step on its host; `null` when the host cannot be asked now. */
  async ask(id: string, hostId: HostId): Promise<StepState | null> {
    if (this.#shells.open(hostId) === null) await this.#world.freshRound(hostId);
    const connection = this.#shells.open(hostId);
    if (connection === null) return null;
    try {
      const said = await connection.exec(askStep(id), { deadlineMs: questionMs });
      const state = readStep(id, said.stdout, said.stderr);
      return state === null || state.kind === 'refused' ? null : state;
    } catch {
      return null;
    }
  }

  /** Ends a running step on its host with all it started; false when the host cannot be told. */
  async cancel(id: string, hostId: HostId): Promise<boolean> {
    const connection = this.#shells.open(hostId);
    if (connection === null) return false;
    try {
      return (await connection.exec(cancelStep(id), { deadlineMs: questionMs })).end === 'exit';
    } catch {
      return false;
    }
  }

  /** Removes an ended step's directory, once its outcome is in the journal. A host that is away keeps it until the next change there. */
  async forget(id: string, hostId: HostId): Promise<boolean> {
    const connection = this.#shells.open(hostId);
    if (connection === null) return false;
    try {
      return (await connection.exec(forgetStep(id), { deadlineMs: questionMs })).end === 'exit';
    } catch {
      return false;
    }
  }

  #ended(state: Extract<StepState, { kind: 'done' | 'unknown' }>, durationMs: number): StepEnd {
    const end = ended(state, durationMs);
    return end.kind === 'not-started' ? end : { ...end, result: masked(end.result, this.#redact) };
  }

  /** Ids of the ended steps on a host; none when it cannot be asked. */
  async ended(hostId: HostId): Promise<readonly string[]> {
    const connection = this.#shells.open(hostId);
    if (connection === null) return [];
    try {
      return readStepList((await connection.exec(listSteps(), { deadlineMs: questionMs })).stdout)?.ended ?? [];
    } catch {
      return [];
    }
  }
}

function ended(state: Extract<StepState, { kind: 'done' | 'unknown' }>, durationMs: number): StepEnd {
  if (state.kind === 'done') {
    return {
      kind: 'ended',
      result: { exit: state.exit, signal: null, stdout: state.stdout, stderr: state.stderr, droppedBytes: 0, durationMs, end: 'exit' },
    };
  }
  const why = state.rebooted ? 'it began, but its host was rebooted before it had ended' : 'it began, but was killed with no exit written';
  return { kind: 'unknown', why, result: { ...lost(why, durationMs), stdout: state.stdout, stderr: state.stderr } };
}

function lost(why: string, durationMs: number): ExecResult {
  return { exit: null, signal: null, stdout: '', stderr: why, droppedBytes: 0, durationMs, end: 'lost' };
}
