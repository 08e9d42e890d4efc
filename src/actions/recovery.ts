import * as z from 'zod';
import type { Entry } from '../journal/entry.ts';
import type { World } from '../live/world.ts';
import type { ExecResult } from '../remote/connection.ts';
import type { Proof, Sent } from './driver.ts';
import { Engine } from './engine.ts';
import { type HeldLocks, takeOverAll, tokenKey } from './held-locks.ts';
import type { HostLocks, LockTheirs } from './host-locks.ts';
import type { Plan, Progress, Refusal } from './plan.ts';
import { readPlan } from './read-back.ts';
import { takesSecret } from './secret-words.ts';
import { type ActionRecord, isEntryOfRunningConsole, isEntryOfThisConsole } from './record.ts';

/** An intent without an outcome whose console is gone. */
export interface Interrupted {
  readonly plan: Plan;
  readonly at: string;
  readonly who: string;
  /** By lock, see `tokenKey`. */
  readonly lockTokens: Readonly<Record<string, string>>;
  /** The run of a playbook that it belongs to. */
  readonly run: string | null;
  /** Its outcome is in the journal, and says that nobody saw its end. */
  readonly unseen?: true;
}

export type Resolution =
  /** Closed in the journal: adopted, re-attached, or never begun. */
  | { readonly kind: 'closed'; readonly outcome: 'ok' | 'failed' | 'unknown'; readonly summary: string }
  /** Its host cannot be asked now; it stays open. */
  | { readonly kind: 'away'; readonly why: string }
  /** Nothing shows whether it happened: a person must say. Never run again by itself. */
  | { readonly kind: 'ask'; readonly summary: string; readonly evidence: readonly string[] };

export interface RecoveryParts {
  readonly world: World;
  readonly engine: Engine;
  readonly record: ActionRecord;
  readonly locks: HostLocks;
  /** Why nothing may be touched now, `null` when it may: read-only mode. */
  refuse(): Refusal | null;
}

/** Takes up what an earlier run left between intent and outcome, by asking the host for the step of that id. */
export class Recovery {
  readonly #parts: RecoveryParts;

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
  }

  /** One of this very console is over once it does not run any more: its outcome could not be written. */
  #isUnderWay(entry: Entry, plan: Plan): boolean {
    return isEntryOfThisConsole(entry) ? this.#parts.engine.isUnderWay(plan.id) : isEntryOfRunningConsole(entry);
  }

  /** Changes whose outcome nobody wrote; those of a console that still runs are its own business. */
  pending(): readonly Interrupted[] {
    let open: readonly Entry[];
    try {
      open = this.#parts.record.journal.open();
    } catch {
      return [];
    }
    return open.flatMap((entry) => {
      const plan = readPlan(entry.detail['plan']);
      if (plan === null || this.#isUnderWay(entry, plan)) return [];
      return [{ plan, at: entry.at, who: entry.who, lockTokens: tokensOf(plan, entry), run: runOf(entry) }];
    });
  }

  /** A change that ended unseen by the console that sent it: its host may tell yet. `null` when it has another end, or a person's word. */
  unseen(actionId: string): Interrupted | null {
    const { record, engine } = this.#parts;
    if (engine.isUnderWay(actionId) || !record.endedUnseen(actionId)) return null;
    const entry = record.journal.ofAction(actionId).find(({ kind }) => kind === 'intent');
    const plan = readPlan(entry?.detail['plan']);
    if (entry === undefined || plan === null) return null;
    return { plan, at: entry.at, who: entry.who, lockTokens: tokensOf(plan, entry), run: runOf(entry), unseen: true };
  }

  /**
   * Resolves one as far as its host can tell. The lock is taken over first, so that nothing the ended console had sent can begin while or
   * after the host is asked; it stands until the change is settled.
   */
  async resolve(item: Interrupted, onProgress: (progress: Progress) => void): Promise<Resolution> {
    const refusal = this.#parts.refuse();
    if (refusal !== null) return { kind: 'away', why: refusal.message };
    const lock = await this.#takeOver(item);
    if (lock === null) return { kind: 'away', why: `${nameOf(item)} cannot be asked now` };
    if ('words' in lock && lock.alive) return { kind: 'away', why: lock.words };
    const resolution = await this.#resolve(item, onProgress);
    if (!('words' in lock)) await giveBack(item, lock, resolution.kind === 'closed');
    return resolution;
  }

  /** A person's word on what nothing shows. */
  async answer(item: Interrupted, outcome: 'ok' | 'failed' | 'unknown', reason: string): Promise<Resolution> {
    const refusal = this.#parts.refuse();
    if (refusal !== null) return { kind: 'away', why: refusal.message };
    const proof: Proof = {
      kind: outcome,
      summary: `${this.#parts.record.who} says so: ${reason}`,
      evidence: ['answered by a person, not seen'],
    };
    const lock = await this.#takeOver(item);
    const resolution = await this.#close(item, proof, { at: 0, results: [] });
    if (lock !== null && !('words' in lock)) await giveBack(item, lock, true);
    return resolution;
  }

  async #resolve(item: Interrupted, onProgress: (progress: Progress) => void): Promise<Resolution> {
    const { plan } = item;
    const sent = await this.#whatBecame(item);
    if ('why' in sent) return { kind: 'away', why: sent.why };
    // Its console saw it begin.
    if (sent.results.length === 0 && item.unseen === true)
      return { kind: 'ask', summary: 'its host keeps no trace of it any more', evidence: [] };
    if (sent.results.length === 0) {
      const summary = 'it never began: the console ended before the command was sent';
      return this.#close(item, { kind: 'failed', summary, evidence: [] }, sent);
    }
    const proof = await this.#parts.engine.prove(plan, sent, onProgress);
    const seen = sent.results.every((result) => result.end === 'exit');
    if (seen || proof.kind === 'ok') return this.#close(item, proof, sent);
    return { kind: 'ask', summary: proof.summary, evidence: proof.evidence };
  }

  /** The locks, or who holds one now; `null` when the host cannot be asked. */
  async #takeOver(item: Interrupted): Promise<Taken | LockTheirs | null> {
    const { world, locks, record } = this.#parts;
    const { plan, run, lockTokens } = item;
    await Promise.all([...new Set(plan.locks.map((lock) => lock.hostId))].map((hostId) => world.freshRound(hostId)));
    const state = run === null ? null : record.runState(run);
    const ofRun = plan.locks.filter((lock) => state !== null && state !== 'unknown' && state.open && state.holds(lock));
    const own = plan.locks.filter((lock) => !ofRun.includes(lock));
    const taken: HeldLocks[] = [];
    for (const wanted of [own, ofRun]) {
      const held = await takeOverAll(locks, wanted, lockTokens, `taking up ${plan.title}`, run);
      if (held === null || 'words' in held) {
        for (const each of taken) each.leave();
        return held;
      }
      taken.push(held);
    }
    const [first, second] = taken;
    return first === undefined || second === undefined ? null : { own: first, ofRun: second };
  }

  async #whatBecame(item: Interrupted): Promise<Sent | { readonly why: string }> {
    const { engine } = this.#parts;
    const results: Sent['results'][number][] = [];
    for (const [index, command] of item.plan.commands.entries()) {
      if (command.purpose !== 'change') continue;
      if (command.cloud !== null) {
        // A cloud keeps no step to be asked for: what it shows now decides.
        results.push(unseen);
        continue;
      }
      const id = Engine.stepId(item.plan, index);
      const state = await engine.steps.ask(id, command.hostId);
      if (state === null) return { why: `${command.hostName} cannot be asked now` };
      if (state.kind === 'missing') break;
      const end = await engine.steps.follow(id, command, this.#parts.world.clock.monoMs());
      if (end.kind === 'not-started') break;
      results.push(takesSecret(command.command) ? { ...end.result, stdout: '', stderr: '' } : end.result);
    }
    return { at: Date.parse(item.at), results };
  }

  /** Written once: another console may have taken the same change up meanwhile. */
  async #close(item: Interrupted, proof: Proof, sent: Sent): Promise<Resolution> {
    const { record, engine } = this.#parts;
    const already = record.outcomeOf(item.plan.id);
    if (already !== null && !(item.unseen === true && record.endedUnseen(item.plan.id))) return { kind: 'closed', ...already };
    const how = item.unseen === true ? 'seen later' : 'taken up after its console ended';
    const told: Proof = { ...proof, summary: `${how}: ${proof.summary}` };
    const outcome = await engine.close(item.plan, told, sent);
    return { kind: 'closed', outcome: outcome.kind, summary: outcome.summary };
  }
}

/** `ofRun`: those that the change's run holds for as long as it is open, and gives back itself. */
interface Taken {
  readonly own: HeldLocks;
  readonly ofRun: HeldLocks;
}

async function giveBack({ plan }: Interrupted, { own, ofRun }: Taken, settled: boolean): Promise<void> {
  await ofRun.leaveOpen('its run is open');
  await (settled ? own.release() : own.leaveOpen(`nobody saw the end of: ${plan.title}`));
}

const runSchema = z.object({ run: z.string() });

function runOf(entry: Entry): string | null {
  const read = runSchema.safeParse(entry.detail['step']);
  return read.success ? read.data.run : null;
}

const tokensSchema = z.record(z.string(), z.string());

/** An intent of an earlier version knows one token, of its host's lock. */
function tokensOf(plan: Plan, entry: Entry): Readonly<Record<string, string>> {
  const read = tokensSchema.safeParse(entry.detail['lockTokens']);
  if (read.success) return read.data;
  const { lockToken } = entry.detail;
  return typeof lockToken === 'string' ? Object.fromEntries(plan.locks.map((lock) => [tokenKey(lock), lockToken])) : {};
}

const unseen: ExecResult = {
  exit: null,
  signal: null,
  stdout: '',
  stderr: '',
  droppedBytes: 0,
  durationMs: 0,
  end: 'lost',
};

function nameOf(item: Interrupted): string {
  return item.plan.targets[0]?.name ?? item.plan.request.hostId;
}
