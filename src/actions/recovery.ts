import * as z from 'zod';
import type { Entry } from '../journal/entry.ts';
import type { World } from '../live/world.ts';
import { isRunning } from './console-identity.ts';
import type { Proof, Sent } from './driver.ts';
import { Engine } from './engine.ts';
import type { HostLocks } from './host-locks.ts';
import type { Plan, Progress } from './plan.ts';
import { readPlan } from './read-back.ts';
import type { ActionRecord } from './record.ts';

/** An intent without an outcome whose console is gone. */
export interface Interrupted {
  readonly plan: Plan;
  readonly at: string;
  readonly who: string;
  readonly lockToken: string | null;
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
}

const identitySchema = z.object({ pid: z.number(), started: z.string().nullable() });

/** Takes up what an earlier run left between intent and outcome, by asking the host for the step of that id. */
export class Recovery {
  readonly #parts: RecoveryParts;

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
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
      const identity = identitySchema.safeParse(entry.detail['console']);
      if (plan === null || (identity.success && isRunning(identity.data))) return [];
      const token = entry.detail['lockToken'];
      return [{ plan, at: entry.at, who: entry.who, lockToken: typeof token === 'string' ? token : null }];
    });
  }

  /** Resolves one as far as its host can tell. */
  async resolve(item: Interrupted, onProgress: (progress: Progress) => void): Promise<Resolution> {
    const { plan } = item;
    const sent = await this.#whatBecame(item);
    if ('why' in sent) return { kind: 'away', why: sent.why };
    if (sent.results.length === 0) {
      return this.#close(
        item,
        { kind: 'failed', summary: 'it never began: the console ended before the command was sent', evidence: [] },
        sent,
      );
    }
    const proof = await this.#parts.engine.prove(plan, sent, onProgress);
    const seen = sent.results.every((result) => result.end === 'exit');
    if (seen || proof.kind === 'ok') return this.#close(item, proof, sent);
    return { kind: 'ask', summary: proof.summary, evidence: proof.evidence };
  }

  /** A person's word on what nothing shows. */
  async answer(item: Interrupted, outcome: 'ok' | 'failed' | 'unknown', reason: string): Promise<Resolution> {
    const proof: Proof = {
      kind: outcome,
      summary: `${this.#parts.record.who} says so: ${reason}`,
      evidence: ['answered by a person, not seen'],
    };
    return this.#close(item, proof, { at: 0, results: [] });
  }

  async #whatBecame(item: Interrupted): Promise<Sent | { readonly why: string }> {
    const { engine } = this.#parts;
    const results: Sent['results'][number][] = [];
    for (const [index, command] of item.plan.commands.entries()) {
      if (command.purpose !== 'change') continue;
      const id = Engine.stepId(item.plan, index);
      const state = await engine.steps.ask(id, command.hostId);
      if (state === null) return { why: `${command.hostName} cannot be asked now` };
      if (state.kind === 'missing') break;
      const end = await engine.steps.follow(id, command, this.#parts.world.clock.monoMs());
      if (end.kind === 'not-started') break;
      results.push(end.result);
    }
    return { at: Date.parse(item.at), results };
  }

  async #close(item: Interrupted, proof: Proof, sent: Sent): Promise<Resolution> {
    const told: Proof = { ...proof, summary: `taken up after its console ended: ${proof.summary}` };
    const outcome = await this.#parts.engine.close(item.plan, told, sent);
    const { hostId } = item.plan.request;
    if (item.lockToken !== null) await this.#parts.locks.releaseLeft(hostId, item.lockToken);
    return { kind: 'closed', outcome: outcome.kind, summary: outcome.summary };
  }
}
