import { withHostDeadline } from '../remote/deadline.ts';
import type { ExecResult } from '../remote/connection.ts';
import type { HostId } from '../fleet/host.ts';
import type { Shells, World } from '../live/world.ts';
import { draftOf, proofOf } from './catalogue.ts';
import type { DriverContext, Proof, Sent } from './driver.ts';
import type { HeldLock, HostLocks } from './host-locks.ts';
import { difference } from './make-plan.ts';
import type { ActionOutcome, ConfirmExtras, Plan, Progress, Refusal } from './plan.ts';
import type { ActionRequest } from './request.ts';
import type { JsonValue } from '../journal/entry.ts';
import { type ActionRecord, type BulkPlace, intentDetail, resultDetail } from './record.ts';
import { masked, runOnHost } from './run-on-host.ts';
import { type StepEnd, StepRunner } from './step-runner.ts';
import { endWords, firstLine, remedyOf } from './words.ts';

export interface EngineParts {
  readonly world: World;
  readonly shells: Shells;
  readonly record: ActionRecord;
  readonly locks: HostLocks;
  /** Masks what must not be seen in what hosts say, before it is shown or kept. */
  readonly redact: (text: string) => string;
}

/** What comes with a confirmation, and the run over many hosts that it belongs to. */
export type RunExtras = ConfirmExtras & { readonly bulk?: BulkPlace };

type Tell = (phase: Progress['phase'], text: string, health: Progress['health']) => void;

/** Carries out one plan that every guard before it has let through: lock → read again → journal → precheck → send → prove → journal. */
export class Engine {
  readonly #parts: EngineParts;
  readonly context: DriverContext;
  readonly steps: StepRunner;
  readonly #running = new Map<string, { step: string | null; cancelled: boolean }>();

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.steps = new StepRunner(parts.world, parts.shells, parts.redact);
    this.context = {
      world: parts.world,
      fleet: parts.world.fleet,
      read: async (hostId, command, deadlineMs) => {
        const connection = parts.shells.open(hostId);
        if (connection === null) return null;
        return connection.exec(withHostDeadline(command, deadlineMs / 1000), { deadlineMs: deadlineMs + 2000 }).catch(() => null);
      },
    };
  }

  /**
   * Calls a running change off: nothing more of it is sent, and what runs on the host is ended there with all it started. Its outcome is
   * told and journaled as always. False when no change of this id runs here, or its host cannot be told.
   */
  async cancel(plan: Plan): Promise<boolean> {
    const running = this.#running.get(plan.id);
    if (running === undefined) return false;
    running.cancelled = true;
    this.#parts.record.write('note', { env: plan.env, outcome: 'cancelled', detail: { message: `${plan.title} was called off` } }, plan);
    return running.step === null || this.steps.cancel(running.step, plan.request.hostId);
  }

  /** Forgets steps whose outcome is in the journal, but which could not be forgotten then: the host was away, or the disk failed us. */
  async #tidy(hostId: HostId): Promise<void> {
    for (const id of await this.steps.ended(hostId)) {
      if (this.#parts.record.outcomeOf(id.replace(/-\d+$/, '')) !== null) await this.steps.forget(id, hostId);
    }
  }

  /** Step's name on the host of a plan's command; the journal's action id leads to it. */
  static stepId(plan: Plan, index: number): string {
    return `${plan.id}-${index}`;
  }

  async run(plan: Plan, approvedBy: string | null, extras: RunExtras, told: (progress: Progress) => void): Promise<ActionOutcome> {
    const { world, locks, redact } = this.#parts;
    const onProgress = (progress: Progress): void => told({ ...progress, text: redact(progress.text) });
    const tell: Tell = (phase, text, health) => onProgress({ at: world.clock.wallMs(), phase, text, health });
    const { hostId } = plan.request;
    const name = plan.targets[0]?.name ?? hostId;
    const claimed = await locks.claim(hostId, name, {
      reason: redact(extras.reason ?? plan.title),
      breakIt: extras.breakLock === true,
      leftOpen: this.#parts.record.leftOpen(hostId),
    });
    if (!claimed.ok) return this.refused(plan, claimed.refusal);
    await this.#tidy(hostId);
    tell('lock', claimed.brokeOf === null ? `${name} is ours` : `the lock of ${claimed.brokeOf} on ${name} was broken`, 'ok');
    this.#running.set(plan.id, { step: null, cancelled: false });
    try {
      return await this.#locked(plan, claimed.lock, { ...extras, approvedBy, brokeOf: claimed.brokeOf }, tell, onProgress);
    } finally {
      this.#running.delete(plan.id);
      await claimed.lock.release();
    }
  }

  async #locked(
    plan: Plan,
    lock: HeldLock,
    extras: RunExtras & { readonly approvedBy: string | null; readonly brokeOf: string | null },
    tell: Tell,
    onProgress: (progress: Progress) => void,
  ): Promise<ActionOutcome> {
    const stale = await this.#readAgain(plan);
    if (stale !== null) return this.refused(plan, stale);
    const detail = intentDetail(plan, {
      reason: extras.reason ?? null,
      lockToken: lock.fence().token,
      brokeLockOf: extras.brokeOf,
      approvedBy: extras.approvedBy,
      bulk: extras.bulk ?? null,
    });
    const failure = this.#parts.record.write('intent', { env: plan.env, detail }, plan);
    if (failure !== null) return { kind: 'refused', refusal: failure };
    tell('journal', `intent ${plan.id} is in the journal`, 'ok');
    const precheck = await this.#prechecks(plan, tell);
    if (precheck !== null) return precheck;
    const sent = await this.#send(plan, lock, tell);
    if ('guard' in sent)
      return this.#close(plan, { kind: 'failed', summary: sent.message, evidence: ['nothing was sent'] }, { at: 0, results: [] }, tell);
    const proof = await this.prove(plan, sent, onProgress);
    return this.#close(plan, proof, sent, tell);
  }

  /** What was true on the card must be true at the sending. */
  async #readAgain(plan: Plan): Promise<Refusal | null> {
    const { world } = this.#parts;
    await world.freshRound(plan.request.hostId);
    const view = world.view(plan.request.hostId);
    if (view === null || view.reach.reach !== 'ok')
      return { guard: 'unreachable', message: `${plan.subject} cannot be reached now: nothing was sent` };
    const drafted = await draftOf(this.context, view, plan.request);
    if (!drafted.ok) return drafted.refusal;
    const changed = difference(plan, drafted.draft);
    return changed === null ? null : { guard: 'expired', message: `${changed}; make a new plan` };
  }

  async #prechecks(plan: Plan, tell: Tell): Promise<ActionOutcome | null> {
    for (const command of plan.commands.filter((candidate) => candidate.purpose === 'precheck')) {
      const connection = this.#parts.shells.open(command.hostId);
      tell('precheck', command.command, 'running');
      const result = connection === null ? null : masked(await runOnHost(connection, command), this.#parts.redact);
      if (result?.end === 'exit' && result.exit === 0) {
        tell('precheck', `${command.command}: exit 0`, 'ok');
        continue;
      }
      const how = result === null ? 'no connection' : endWords(result);
      const message = `the precheck ${command.command} failed (${how}): nothing was changed${result === null ? '' : firstLine(result)}`;
      this.#parts.record.write(
        'outcome',
        {
          env: plan.env,
          outcome: 'refused',
          detail: { guard: 'precheck', message, commands: result === null ? [] : [resultDetail(result)] },
        },
        plan,
      );
      return { kind: 'refused', refusal: { guard: 'precheck', message } };
    }
    return null;
  }

  /** Sends the changes in order; a refusal means that none was begun. */
  async #send(plan: Plan, lock: HeldLock, tell: Tell): Promise<Sent | Refusal> {
    const at = this.#parts.world.clock.wallMs();
    const results: ExecResult[] = [];
    for (const [index, command] of plan.commands.entries()) {
      if (command.purpose !== 'change') continue;
      const lost = await lock.confirm();
      if (lost !== null) return results.length === 0 ? { guard: 'lock', message: lost } : { at, results };
      const running = this.#running.get(plan.id);
      if (running?.cancelled === true) {
        return results.length === 0 ? { guard: 'cancelled', message: 'cancelled before anything was sent' } : { at, results };
      }
      tell('send', command.command, 'running');
      if (running !== undefined) running.step = Engine.stepId(plan, index);
      const end = await this.steps.run(Engine.stepId(plan, index), command, lock);
      if (running !== undefined) running.step = null;
      if (end.kind === 'not-started') {
        if (results.length === 0) return { guard: 'unreachable', message: end.why };
        break;
      }
      results.push(end.result);
      tell('send', stepWords(end), end.kind === 'unknown' ? 'unknown' : end.result.exit === 0 ? 'ok' : 'crit');
      if (end.kind === 'unknown' || end.result.exit !== 0) break;
    }
    return { at, results };
  }

  /** A command that ended with an error is a failure whatever the host looks like; anything else is decided by the effect. */
  async prove(plan: Plan, sent: Sent, onProgress: (progress: Progress) => void): Promise<Proof> {
    const cancelled = this.#running.get(plan.id)?.cancelled === true ? 'cancelled: ' : '';
    const bad = sent.results.find((result) => result.end === 'exit' && result.exit !== 0);
    if (bad !== undefined) {
      const cut = bad.exit === 124 ? 'was cut off at its deadline on the host' : `ended with exit ${bad.exit ?? '?'}`;
      return { kind: 'failed', summary: `${cancelled}the command ${cut}${firstLine(bad)}${remedyOf(bad)}`, evidence: [] };
    }
    const { redact } = this.#parts;
    const proof = await proofOf(this.context, plan, sent, onProgress);
    return { kind: proof.kind, summary: redact(proof.summary), evidence: proof.evidence.map(redact) };
  }

  async #close(plan: Plan, proof: Proof, sent: Sent, tell: Tell): Promise<ActionOutcome> {
    const outcome = await this.close(plan, proof, sent);
    tell('done', outcome.summary, proof.kind === 'ok' ? 'ok' : proof.kind === 'failed' ? 'crit' : 'unknown');
    return outcome;
  }

  /** Writes the outcome and then, and only then, lets the host forget the steps. */
  async close(plan: Plan, proof: Proof, sent: Sent): Promise<Exclude<ActionOutcome, { kind: 'refused' }>> {
    const said = proof.kind === 'ok' ? [] : sent.results.map(firstLine).filter((line) => line !== '' && !proof.summary.includes(line));
    const summary = `${proof.summary}${[...new Set(said)].join('')}`;
    const undo = proof.kind === 'ok' && plan.undoRequest !== null ? plan.undoRequest : null;
    const detail = {
      summary,
      evidence: [...proof.evidence],
      commands: sent.results.map(resultDetail),
      undo: undo === null ? null : { ...undo },
      after: undo === null ? null : await this.#factsFor(undo),
      undoes: plan.undoes,
    };
    const failure = this.#parts.record.write('outcome', { env: plan.env, outcome: proof.kind, detail }, plan);
    if (failure !== null)
      return { kind: proof.kind, summary, evidence: [...proof.evidence, `the outcome is not in the journal: ${failure.message}`] };
    for (const [index, command] of plan.commands.entries()) {
      if (command.purpose === 'change') await this.steps.forget(Engine.stepId(plan, index), command.hostId);
    }
    return { kind: proof.kind, summary, evidence: proof.evidence };
  }

  /** State right after a change, as its undo would read it: what must still be so when it is undone. */
  async #factsFor(undo: ActionRequest): Promise<JsonValue> {
    const view = this.#parts.world.view(undo.hostId);
    if (view === null) return null;
    const drafted = await draftOf(this.context, view, undo);
    return drafted.ok ? { ...drafted.draft.before } : null;
  }

  refused(plan: Plan, refusal: Refusal): ActionOutcome {
    this.#parts.record.write(
      'refused',
      { env: plan.env, outcome: refusal.guard, detail: { title: plan.title, message: refusal.message } },
      plan,
    );
    return { kind: 'refused', refusal };
  }
}

function stepWords(end: Exclude<StepEnd, { kind: 'not-started' }>): string {
  if (end.kind === 'unknown') return end.why;
  return `${endWords(end.result)} after ${Math.round(end.result.durationMs / 100) / 10} s${firstLine(end.result)}`;
}
