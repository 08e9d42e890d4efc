import { withHostDeadline } from '../remote/deadline.ts';
import type { ExecResult } from '../remote/connection.ts';
import type { HostId } from '../fleet/host.ts';
import { draftOf, proofOf, targetMayBeAway, underWayOf } from './catalogue.ts';
import { sendToCloud } from './cloud-call.ts';
import { cancelledWords, changedBy, outcomeOf } from './changed-by.ts';
import type { DriverContext, Proof, Sent } from './driver.ts';
import type { EngineParts, RunExtras, Tell } from './engine-parts.ts';
import { claimAll, type HeldLocks } from './held-locks.ts';
import { difference } from './make-plan.ts';
import type { ActionOutcome, Plan, PlannedCommand, Progress, Refusal } from './plan.ts';
import type { ActionRequest } from './request.ts';
import type { JsonValue } from '../journal/entry.ts';
import { intentDetail, resultDetail } from './record.ts';
import { signFor } from './notes.ts';
import { owe, settle } from './owing.ts';
import { prechecks } from './prechecks.ts';
import { type StepEnd, StepRunner } from './step-runner.ts';
import { shownCommand } from '../remote/shown-command.ts';
import { watchProgress } from './watch-progress.ts';
import { firstLine, remedyOf, resultWords } from './words.ts';

/** Carries out one plan that every guard before it has let through: lock → read again → journal → precheck → send → prove → journal. */
export class Engine {
  readonly #parts: EngineParts;
  readonly context: DriverContext;
  readonly steps: StepRunner;
  readonly #running = new Map<string, { step: { readonly id: string; readonly hostId: HostId } | null; cancelled: boolean }>();

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
    return running.step === null || this.steps.cancel(running.step.id, running.step.hostId);
  }

  /** Whether a change of this id is under way here. */
  isUnderWay(planId: string): boolean {
    return this.#running.has(planId);
  }

  /** Forgets steps whose outcome is in the journal, but which could not be forgotten then: the host was away, or the disk failed us. */
  async #tidy(hostId: HostId): Promise<void> {
    for (const id of await this.steps.ended(hostId)) {
      const actionId = id.replace(/-\d+$/, '');
      if (this.#parts.record.outcomeOf(actionId) !== null && !this.#parts.record.endedUnseen(actionId)) await this.steps.forget(id, hostId);
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
    const claimed = await claimAll(locks, this.#parts.record, plan, {
      reason: redact(extras.reason ?? plan.title),
      breakIt: extras.breakLock === true,
      under: extras.step?.under ?? null,
      run: extras.step?.place.run ?? null,
    });
    if (!claimed.ok) return this.refused(plan, claimed.refusal);
    if (extras.breakLock === true && claimed.brokeOf !== null) {
      const broken = { brokeLockOf: claimed.brokeOf, reason: redact(extras.reason ?? ''), run: extras.step?.place.run ?? null };
      this.#parts.record.note('note', plan.env, [plan.subject], 'lock broken', broken);
    }
    for (const hostId of new Set(plan.locks.map((lock) => lock.hostId))) await this.#tidy(hostId);
    for (const words of claimed.told) tell('lock', words, 'ok');
    this.#running.set(plan.id, { step: null, cancelled: false });
    try {
      return await this.#locked(plan, claimed.locks, { ...extras, approvedBy, brokeOf: claimed.brokeOf }, tell, onProgress);
    } finally {
      this.#running.delete(plan.id);
      await claimed.locks.release();
    }
  }

  async #locked(
    plan: Plan,
    locks: HeldLocks,
    extras: RunExtras & { readonly approvedBy: string | null; readonly brokeOf: string | null },
    tell: Tell,
    onProgress: (progress: Progress) => void,
  ): Promise<ActionOutcome> {
    const { world } = this.#parts;
    const stale = (await this.#readAgain(plan)) ?? (await floorRefusal(extras.step?.mayStill));
    if (stale !== null) return this.refused(plan, stale);
    const detail = intentDetail(plan, {
      reason: extras.reason ?? null,
      lockTokens: locks.tokens(),
      brokeLockOf: extras.brokeOf,
      approvedBy: extras.approvedBy,
      bulk: extras.bulk ?? null,
      step: extras.step?.place ?? null,
    });
    const failure = this.#parts.record.write('intent', { env: plan.env, detail }, plan);
    if (failure !== null) return { kind: 'refused', refusal: failure };
    tell('journal', `intent ${plan.id} is in the journal`, 'ok');
    const precheck = await prechecks(this.#parts, plan, tell);
    if (precheck !== null) return precheck;
    const owed = owe(this.#parts.record, plan, extras.reason ?? null);
    if (owed !== null) return this.#nothingSent(plan, owed, tell);
    const reason = extras.reason === undefined ? null : this.#parts.redact(extras.reason);
    const by = { who: this.#parts.record.who, reason, at: world.clock.wallMs() };
    for (const hostId of await signFor(this.#parts.shells, plan, 'write', by))
      tell(
        'journal',
        `no note could be left on ${world.view(hostId)?.host.name ?? hostId}: other consoles will not see who did this`,
        'unknown',
      );
    const sent = await this.#send(plan, locks, extras.step?.secrets ?? {}, tell);
    if ('guard' in sent) return this.#nothingSent(plan, sent, tell);
    for (const result of sent.results) extras.step?.onResult?.(result);
    const proof = await this.prove(plan, sent, onProgress);
    return this.#close(plan, proof, sent, tell);
  }

  #nothingSent(plan: Plan, why: Refusal, tell: Tell): Promise<ActionOutcome> {
    return this.#close(plan, { kind: 'failed', summary: why.message, evidence: ['nothing was sent'] }, { at: 0, results: [] }, tell);
  }

  /** What was true on the card must be true at the sending. */
  async #readAgain(plan: Plan): Promise<Refusal | null> {
    const { world } = this.#parts;
    await world.freshRound(plan.request.hostId);
    const view = world.view(plan.request.hostId);
    if (view === null || (view.reach.reach !== 'ok' && !targetMayBeAway(plan.request)))
      return { guard: 'unreachable', message: `${plan.subject} cannot be reached now: nothing was sent` };
    const drafted = await draftOf(this.context, view, plan.request);
    if (!drafted.ok) return drafted.refusal;
    const changed = difference(plan, drafted.draft);
    return changed === null ? null : { guard: 'expired', message: `${changed}; make a new plan` };
  }

  /** Sends the changes in order; a refusal means that none was begun. */
  async #send(plan: Plan, locks: HeldLocks, secrets: Readonly<Record<string, string>>, tell: Tell): Promise<Sent | Refusal> {
    const at = this.#parts.world.clock.wallMs();
    const results: ExecResult[] = [];
    for (const [index, command] of plan.commands.entries()) {
      if (command.purpose !== 'change') continue;
      const lost = await locks.confirm();
      if (lost !== null) return results.length === 0 ? { guard: 'lock', message: lost } : { at, results };
      const running = this.#running.get(plan.id);
      if (running?.cancelled === true) {
        return results.length === 0 ? { guard: 'cancelled', message: 'cancelled before anything was sent' } : { at, results };
      }
      tell('send', shownCommand(command.command), 'running');
      const end = await this.#sendOne(plan, index, command, locks, secrets, tell);
      if (end.kind === 'not-started') {
        if (results.length === 0) return { guard: 'unreachable', message: end.why };
        break;
      }
      results.push(end.result);
      tell(
        'send',
        end.kind === 'unknown' ? end.why : resultWords(end.result),
        end.kind === 'unknown' ? 'unknown' : end.result.exit === 0 ? 'ok' : 'crit',
      );
      if (end.kind === 'unknown' || end.result.exit !== 0) break;
    }
    return { at, results };
  }

  async #sendOne(
    plan: Plan,
    index: number,
    command: PlannedCommand,
    locks: HeldLocks,
    secrets: Readonly<Record<string, string>>,
    tell: Tell,
  ): Promise<StepEnd> {
    if (command.cloud !== null) return sendToCloud(this.#parts.shells.cloud, command, command.cloud);
    const lock = locks.on(command.hostId);
    if (lock === null) return { kind: 'not-started', why: `no lock is held on ${command.hostName}` };
    const running = this.#running.get(plan.id);
    const id = Engine.stepId(plan, index);
    if (running !== undefined) running.step = { id, hostId: command.hostId };
    const watch = watchProgress(this.context, plan, (text) => tell('send', text, 'running'));
    try {
      return await this.steps.run(id, command, lock, secrets);
    } finally {
      watch();
      if (running !== undefined) running.step = null;
    }
  }

  /**
   * A command that ended with an error is a failure whatever the host looks like; anything else is decided by the effect. One that was cut
   * off while what it asked for goes on is neither.
   */
  async prove(plan: Plan, sent: Sent, onProgress: (progress: Progress) => void): Promise<Proof> {
    const cancelled = this.#running.get(plan.id)?.cancelled === true ? cancelledWords : '';
    const bad = sent.results.find((result) => result.end === 'exit' && result.exit !== 0);
    if (bad !== undefined) {
      // Before its time 124 is the command's own word, as timeout(1) inside it says of what it cut off.
      const mayTake = plan.commands.filter(({ purpose }) => purpose === 'change')[sent.results.indexOf(bad)]?.deadlineMs ?? 0;
      const own = bad.exit !== 124 || bad.durationMs < mayTake;
      const cut = own ? `ended with exit ${bad.exit ?? '?'}` : 'was cut off at its deadline on the host';
      const goesOn = bad.exit === 124 ? await underWayOf(this.context, plan.request) : null;
      if (goesOn !== null) return { kind: 'unknown', summary: `${cancelled}the command ${cut}, but ${goesOn}`, evidence: [] };
      return { kind: 'failed', summary: `${cancelled}the command ${cut}${firstLine(bad)}${remedyOf(bad)}`, evidence: [] };
    }
    const { redact } = this.#parts;
    const proof = await proofOf(this.context, plan, sent, onProgress);
    return { ...proof, summary: redact(proof.summary), evidence: proof.evidence.map(redact) };
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
    const changed = changedBy(proof, sent);
    const undo = changed ? plan.undoRequest : null;
    const detail = {
      summary,
      evidence: [...proof.evidence],
      commands: sent.results.map(resultDetail),
      changed,
      undo: undo === null ? null : { ...undo },
      after: undo === null ? null : await this.#factsFor(undo),
      undoes: plan.undoes,
    };
    const failure = this.#parts.record.write('outcome', { env: plan.env, outcome: proof.kind, detail }, plan);
    if (failure !== null)
      return outcomeOf(proof, changed, summary, [...proof.evidence, `the outcome is not in the journal: ${failure.message}`]);
    await settle(this.#parts.record, this.#parts.shells, plan, proof, sent);
    // What its host knows of an end that nobody saw is all there will be to ask.
    if (this.#parts.record.endedUnseen(plan.id)) return outcomeOf(proof, changed, summary, proof.evidence);
    for (const [index, command] of plan.commands.entries()) {
      if (command.purpose === 'change' && command.cloud === null) await this.steps.forget(Engine.stepId(plan, index), command.hostId);
    }
    return outcomeOf(proof, changed, summary, proof.evidence);
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

async function floorRefusal(mayStill: (() => Promise<string | null>) | undefined): Promise<Refusal | null> {
  const why = (await mayStill?.()) ?? null;
  return why === null ? null : { guard: 'floor', message: why };
}
