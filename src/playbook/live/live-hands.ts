import type { FullExecutor } from '../../actions/executor.ts';
import type { Plan, Progress } from '../../actions/plan.ts';
import { readPlan, readRequest } from '../../actions/read-back.ts';
import type { ActionRequest } from '../../actions/request.ts';
import type { LeftLocks } from '../../actions/run-desk.ts';
import { secretVariables } from '../../actions/secret-words.ts';
import { shownCommand } from '../../remote/shown-command.ts';
import type { Interrupted } from '../../actions/recovery.ts';
import type { Journal } from '../../journal/entry.ts';
import type { World } from '../../live/world.ts';
import type { ExecResult } from '../../remote/connection.ts';
import type { FrozenUndo } from '../run/events.ts';
import type { AskedChange, AskedProbe, Found, Hands, Prepared, Sent, StepPlace } from '../run/hands.ts';
import { answered } from '../deadlined.ts';
import { requestOf } from './action-requests.ts';
import { hostsFrom } from './hosts-from.ts';
import { keptOf } from './kept-in-pool.ts';
import { LiveProbes } from './live-probes.ts';
import { liveSigning, signedChange, type SignedPlace, signedStep } from './live-signing.ts';
import { RunLocks } from './run-locks.ts';
import { changedBefore, cutShort, refusedSent, sentBefore, sentOf } from './sent-of.ts';
import { sleep } from './sleep.ts';

/** What a look may take longer than its own deadline, on its way, ms. */
const wireSlackMs = 4000;

export interface LiveHandsParts {
  readonly world: World;
  readonly executor: FullExecutor;
  readonly journal: Journal;
  readonly redact: (text: string) => string;
  readonly tell: (text: string, to: string | null) => void;
  readonly nudge: (text: string) => void;
  /** Locks that the run held before its console ended. */
  readonly before: LeftLocks | null;
  /** Why the locks of whoever holds them are taken away; `null` when they are respected. */
  readonly breakFor?: string | null;
  /** Whether a typed name signs an `approve`: only where no other console can be, as on the demo. */
  readonly typedNames?: boolean;
}

/** The hands of a real run: it looks through the fleet's own connections and changes through the one executor. */
export class LiveHands implements Hands {
  readonly level = 'run';
  readonly #parts: LiveHandsParts;
  readonly #probes: LiveProbes;
  readonly #plans = new Map<string, Plan>();
  /** Changes that were called off while they were under way. */
  readonly #cancelled = new Set<string>();
  readonly #locks: RunLocks;
  readonly signing?: NonNullable<Hands['signing']>;

  constructor(parts: LiveHandsParts) {
    this.#parts = parts;
    this.#probes = new LiveProbes(parts.world, parts.executor.runs.looks);
    if (parts.typedNames !== true)
      this.signing = (step) => {
        const reached = parts.world.views().filter((view) => view.goneSince === null && view.reach.reach === 'ok');
        const near = step.host === null ? null : this.#probes.hostNamed(step.host);
        const at = reached.find((view) => view.host.id === near?.host.id) ?? reached[0];
        return liveSigning(parts.executor.approvals, signedStep(step, at));
      };
    this.#locks = new RunLocks(parts.world, parts.executor.runs, (name) => this.#probes.hostNamed(name), {
      before: parts.before,
      breakFor: parts.breakFor ?? null,
      broken: (words) => parts.tell(words, null),
    });
  }

  readonly now = (): number => this.#parts.world.clock.wallMs();
  readonly elapsed = (): number => this.#parts.world.clock.monoMs();

  readonly sleep = sleep;

  async probe(probe: AskedProbe, _key: string, deadlineMs: number, signal: AbortSignal | null = null): Promise<Found> {
    try {
      const late: Found = { kind: 'timeout', why: `no answer within ${deadlineMs / 1000} s` };
      return (await answered(this.#probes.ask(probe, deadlineMs), deadlineMs + wireSlackMs, signal)) ?? late;
    } catch (error) {
      return { kind: 'wrong', why: error instanceof Error ? error.message : 'it could not be asked' };
    }
  }

  async prepare(change: AskedChange, place: StepPlace): Promise<Prepared> {
    if (change.kind === 'command') {
      const view = this.#probes.hostNamed(change.host);
      if (view === null) return { kind: 'refused', why: `there is no host ${JSON.stringify(change.host)} in this fleet` };
      const { title, command, timeoutMs, risk, undo } = change;
      const step = change.key.replace(/[^\w.-]+/g, '-');
      return this.#plan({ action: 'command', hostId: view.host.id, step, title, command, timeoutMs, risk, undo }, change.key, place);
    }
    const request = requestOf(change.action, change.with, (name) => this.#probes.hostNamed(name)?.host.id ?? null);
    if (typeof request === 'string') return { kind: 'refused', why: request };
    const kept = request.action === 'depool' ? await this.#whyKept(request, place.keepInPool ?? []) : null;
    return kept === null ? this.#plan(request, change.key, place) : { kind: 'refused', why: kept };
  }

  async prepareUndo(undo: FrozenUndo, key: string, place: StepPlace): Promise<Prepared> {
    switch (undo.kind) {
      case 'run': {
        const { host, command, timeoutMs } = undo;
        return this.prepare(
          {
            kind: 'command',
            key: `${key}.undo`,
            title: `undo ${key}`,
            host,
            command,
            timeoutMs,
            risk: 'change',
            undo: null,
            preview: null,
          },
          place,
        );
      }
      case 'do':
        return this.prepare({ kind: 'action', key: `${key}.undo`, action: undo.action, with: undo.with }, place);
      case 'auto': {
        const request = this.#inverseOf(undo.actionId);
        if (request === null) return { kind: 'refused', why: 'the journal holds no inverse of it: it was never sent, or it has none' };
        return this.#plan(request, `${key}.undo`, place);
      }
      case 'manual':
        return { kind: 'refused', why: undo.text };
      default:
        return undo satisfies never;
    }
  }

  async recover(actionId: string): Promise<Sent | 'never-began' | 'ask' | null> {
    const entries = this.#parts.journal.ofAction(actionId);
    if (!entries.some((entry) => entry.kind === 'intent')) return 'never-began';
    const { recovery } = this.#parts.executor;
    const pending = this.#pending(actionId) ?? recovery.unseen(actionId);
    if (pending !== null) {
      const resolution = await recovery.resolve(pending, () => {});
      if (resolution.kind === 'away') return null;
      if (resolution.kind === 'ask') return 'ask';
    }
    return sentBefore(this.#parts.journal, actionId) ?? 'ask';
  }

  async settle(actionId: string, outcome: 'ok' | 'failed' | 'unknown', reason: string): Promise<void> {
    const { recovery } = this.#parts.executor;
    const pending = this.#pending(actionId) ?? recovery.unseen(actionId);
    if (pending !== null) await recovery.answer(pending, outcome, reason);
  }

  async cancel(actionId: string): Promise<void> {
    this.#cancelled.add(actionId);
    const plan = this.#plans.get(actionId);
    if (plan !== undefined) await this.#parts.executor.cancel(plan);
  }

  claim(locks: readonly string[], reason: string, run: string, breakFor: string | null = null): Promise<string | null> {
    return this.#locks.claim(locks, reason, run, breakFor);
  }

  lockRecord(): LeftLocks {
    return this.#locks.record();
  }

  release(locks?: readonly string[]): Promise<void> {
    return this.#locks.release(locks);
  }

  leave(what: string): Promise<void> {
    return this.#locks.leave(what);
  }

  hostsFrom(from: string | null): readonly string[] {
    return hostsFrom(this.#parts.world, from);
  }

  tell(text: string, to: string | null): void {
    this.#parts.tell(text, to);
  }

  nudge(text: string): void {
    this.#parts.nudge(text);
  }

  redact(text: string): string {
    return this.#parts.redact(text);
  }

  async #plan(request: ActionRequest, key: string, place: StepPlace): Promise<Prepared> {
    const missing = request.action === 'command' ? missingSecret(request.command, place.secrets ?? {}) : null;
    if (missing !== null) return { kind: 'refused', why: 'it needs a secret that was not kept: do it by hand' };
    const planned = await this.#parts.executor.runs.plan(request, this.#locks.held());
    if (!planned.ok) {
      const { guard, message } = planned.refusal;
      if (guard === 'already') return { kind: 'already', why: message };
      return guard === 'unreachable' ? { kind: 'unreachable', why: message } : { kind: 'refused', why: message, guard };
    }
    const { plan } = planned;
    // Waiting for what is left of somebody's drain is no change of this run's: it owes no undo for it. Its own is waited for again.
    const ours = changedBefore(this.#parts.journal, place.run, key);
    if (request.action === 'depool' && request.mode === 'drain' && plan.before['member'] === 'out' && !ours)
      return { kind: 'already', why: `${plan.targets[0]?.name ?? ''} takes no requests from pool ${request.pool} already` };
    // What another console took out is put back by a person's word, never by a run's own.
    const theirs = request.action === 'repool' && plan.reasonNeeded !== null;
    this.#plans.set(plan.id, plan);
    const signed = signedChange(this.#parts.executor, plan, place, key);
    return {
      kind: 'ready',
      actionId: plan.id,
      title: plan.title,
      host: plan.targets[0]?.name ?? null,
      hostId: request.hostId,
      commands: plan.commands.map((command) => (command.cloud === null ? shownCommand(command.command) : `${command.command} (cloud)`)),
      sends: plan.commands.map(({ hostName, command }) => ({ hostName, command })),
      warnings: [...plan.warnings, ...plan.others],
      undo: plan.undo,
      hasInverse: plan.undoRequest !== null,
      risk: theirs ? 'danger' : plan.risk,
      ...(plan.approvalNeeded === null
        ? {}
        : {
            signing: { why: plan.approvalNeeded, request: signed.signing },
          }),
      send: (told) => this.#send(request, plan, key, signed.place(), told),
    };
  }

  /** A person may look at a step for longer than a plan lives: one that has grown old is made anew, and must say the same. */
  async #send(request: ActionRequest, shown: Plan, key: string, place: SignedPlace, told: (text: string) => void): Promise<Sent> {
    const { executor } = this.#parts;
    let plan = shown;
    if (this.now() > shown.expiresAt) {
      const again = await executor.runs.plan(request, this.#locks.held());
      if (!again.ok) return refusedSent(again.refusal.message);
      if (again.plan.hash !== shown.hash) return refusedSent(`${shown.subject} has changed since this step was shown; look again`);
      // The step's own name is in the journal already; the new plan takes it over.
      plan = { ...again.plan, id: shown.id };
    }
    let last: ExecResult | null = null;
    const { breakFor } = place;
    const hear = ({ phase, text }: Progress): void => {
      told(text);
      if (breakFor !== undefined && phase === 'lock' && text.endsWith('was broken')) this.#parts.tell(`${text}: ${breakFor}`, null);
    };
    const outcome = await executor.runs.execute(plan, plan.confirmation.word, hear, {
      reason: breakFor ?? place.reason,
      breakLock: breakFor !== undefined,
      under: this.#locks.held(),
      place: { run: place.run, address: key },
      ...(place.held === undefined ? {} : { held: place.held }),
      // Another run may have taken a member out since this was asked for; under the pool's lock none can.
      ...(request.action === 'depool' ? { mayStill: () => this.#whyKept(request, place.keepInPool ?? []) } : {}),
      ...(place.mask === undefined ? {} : { mask: place.mask }),
      ...(place.secrets === undefined ? {} : { secrets: place.secrets }),
      onResult: (result) => {
        last = result;
      },
    });
    const sent = sentOf(outcome, last);
    return this.#cancelled.has(plan.id) && request.action === 'command' && last !== null ? cutShort(sent) : sent;
  }

  async #whyKept(request: Extract<ActionRequest, { action: 'depool' }>, wanted: readonly string[]): Promise<string | null> {
    if (wanted.length === 0) return null;
    const name = this.#parts.world.view(request.hostId)?.host.name ?? '';
    const found = await this.probe({ kind: 'pool', pool: request.pool, except: name }, 'keep_in_pool', 20_000);
    if (found.kind !== 'facts') return `pool ${request.pool} cannot be asked how many it would keep: ${found.why}`;
    const kept = keptOf(wanted, Object.keys(Object(found.facts['node_state'])).length);
    if (typeof kept === 'string') return kept;
    const healthy = Number(found.facts['healthy']);
    return healthy >= kept ? null : `pool ${request.pool} would keep ${healthy} healthy, and this playbook keeps ${kept} in`;
  }

  #inverseOf(actionId: string): ActionRequest | null {
    const entries = this.#parts.journal.ofAction(actionId);
    const outcome = entries.findLast((entry) => entry.kind === 'outcome');
    const done = readRequest(outcome?.detail['undo'] ?? null);
    if (done !== null) return done;
    // What was cut off, and an end that nobody saw, write none: what was planned for it holds, on whichever console.
    const intent = entries.find((entry) => entry.kind === 'intent');
    return readPlan(intent?.detail['plan'])?.undoRequest ?? null;
  }

  #pending(actionId: string): Interrupted | null {
    return this.#parts.executor.recovery.pending().find((item) => item.plan.id === actionId) ?? null;
  }
}

/** A secret that a command of an earlier console needs and this one does not know; `null` when none is missing. */
function missingSecret(command: string, known: Readonly<Record<string, string>>): string | null {
  return secretVariables(command).find((name) => known[name] === undefined) ?? null;
}
