import * as z from 'zod';
import pLimit from 'p-limit';
import type { HostId } from '../fleet/host.ts';
import { healthRank } from '../fleet/health.ts';
import type { HostView } from '../fleet/view.ts';
import type { JsonValue } from '../journal/entry.ts';
import type { World } from '../live/world.ts';
import type { Approvals } from './approvals.ts';
import { consoleIdentity, isRunning } from './console-identity.ts';
import { confirmationFor, approvalFor, planHash } from './guards.ts';
import { planId, planLifeMs } from './make-plan.ts';
import { pause } from './pause.ts';
import type { ActionOutcome, ConfirmExtras, Confirmation, Plan, PlanResult, Progress, Refusal } from './plan.ts';
import { brokenFloor, interrupts } from './pool-floor.ts';
import { readRequest } from './read-back.ts';
import type { ActionRecord } from './record.ts';
import type { ActionRequest } from './request.ts';

/** One change on many hosts, in stages. */
export interface BulkPlan {
  readonly id: string;
  /** The run this one goes on with, `null` for a new one. */
  readonly continues: string | null;
  readonly title: string;
  /** Environments touched; all must be armed. */
  readonly envs: readonly string[];
  readonly env: string;
  readonly items: readonly Plan[];
  /** Indexes into `items`: the canary first, then the batches. */
  readonly stages: readonly (readonly number[])[];
  readonly targets: Plan['targets'];
  readonly commands: Plan['commands'];
  readonly confirmation: Confirmation;
  readonly reasonNeeded: string | null;
  readonly approvalNeeded: string | null;
  readonly hash: string;
  readonly healthyPolls: number;
  readonly stopAfter: number;
  readonly madeAt: number;
  readonly expiresAt: number;
}

export type BulkPlanResult = { readonly ok: true; readonly plan: BulkPlan } | { readonly ok: false; readonly refusal: Refusal };

/** One host of a run as it stands. */
export interface BulkItem {
  readonly subject: string;
  readonly hostName: string;
  readonly state: 'waiting' | 'running' | 'ok' | 'failed' | 'unknown' | 'refused' | 'not-done';
  readonly text: string;
}

export interface BulkState {
  readonly id: string;
  readonly title: string;
  readonly phase: 'running' | 'watching' | 'paused' | 'done' | 'stopped' | 'aborted';
  /** Why it paused, stopped or was aborted. */
  readonly why: string | null;
  readonly items: readonly BulkItem[];
}

/** A run under way. */
export interface BulkRun {
  state(): BulkState;
  /** Takes effect before the next batch. */
  pause(): void;
  resume(): void;
  /** No further host is begun; what runs is let finish. */
  abort(): void;
  readonly done: Promise<BulkState>;
}

export interface BulkParts {
  readonly world: World;
  readonly record: ActionRecord;
  readonly approvals: Approvals;
  plan(request: ActionRequest): Promise<PlanResult>;
  refuse(env: string): Refusal | null;
  run(plan: Plan, approvedBy: string | null, extras: ConfirmExtras, onProgress: (progress: Progress) => void): Promise<ActionOutcome>;
}

/** An unfinished run as the journal knows it. */
export interface UnfinishedRun {
  readonly id: string;
  readonly title: string;
  readonly at: string;
  readonly done: readonly string[];
  readonly left: readonly ActionRequest[];
}

const plannedAtOnce = 8;
const floorWaitMs = 60_000;
/** How far back an unfinished run is looked for, ms. */
const unfinishedForMs = 7 * 24 * 3_600_000;

/** Many hosts: canary → healthy for N polls → batches → stop at the first failures, counted over the whole run. */
export class Bulk {
  readonly #parts: BulkParts;
  readonly #spent = new Set<string>();

  constructor(parts: BulkParts) {
    this.#parts = parts;
  }

  /** Plans every request; an empty set and any refusal are errors, never a smaller run. */
  async plan(requests: readonly ActionRequest[], continues: string | null = null): Promise<BulkPlanResult> {
    if (requests.length === 0) return refuse('empty', 'no target: an empty set is never “all”');
    const keys = requests.map((request) => JSON.stringify(request));
    const twice = requests.find((_, index) => keys.indexOf(keys[index] ?? '') !== index);
    if (twice !== undefined) return refuse('unknown-target', `${twice.hostId} is named twice`);
    const limit = pLimit(plannedAtOnce);
    const planned = await Promise.all(requests.map((request) => limit(() => this.#parts.plan(request))));
    const refusals = planned.flatMap((result) => (result.ok ? [] : [result.refusal]));
    const [first] = refusals;
    if (first !== undefined) return refuse(first.guard, [...new Set(refusals.map((refusal) => refusal.message))].join('; '));
    return {
      ok: true,
      plan: this.#assemble(
        planned.flatMap((result) => (result.ok ? [result.plan] : [])),
        continues,
      ),
    };
  }

  /** Starts a confirmed plan; refusals before anything is begun come back as such. */
  async start(plan: BulkPlan, word: string, extras: ConfirmExtras, onChange: (state: BulkState) => void): Promise<BulkRun | Refusal> {
    const { approvals, record } = this.#parts;
    const early = this.#refuse(plan, word, extras);
    if (early !== null) return early;
    const approvedBy = plan.approvalNeeded === null ? null : await approvals.of(plan);
    if (plan.approvalNeeded !== null && approvedBy === null)
      return { guard: 'approval', message: `${plan.approvalNeeded}: ${await approvals.ask(plan)}` };
    this.#spent.add(plan.id);
    const requests: JsonValue[] = plan.items.map((item) => ({ ...item.request }));
    const detail = {
      title: plan.title,
      requests,
      stages: plan.stages.map((stage) => [...stage]),
      continues: plan.continues,
      approvedBy,
      reason: extras.reason ?? null,
      console: { ...consoleIdentity() },
    };
    const failure = record.write('bulk', { env: plan.env, detail: { ...detail, run: plan.id } });
    if (failure !== null) return failure;
    return new Running(this.#parts, plan, approvedBy, extras, onChange);
  }

  /** Runs that stopped, were aborted or lost their console, newest first. */
  unfinished(): readonly UnfinishedRun[] {
    const entries = this.#parts.record.recent(this.#parts.world.clock.wallMs(), unfinishedForMs);
    const finished = new Set(
      entries.filter((entry) => entry.kind === 'bulk-end' && entry.outcome === 'done').map((entry) => entry.detail['run']),
    );
    const ended = new Set(entries.filter((entry) => entry.kind === 'bulk-end').map((entry) => entry.detail['run']));
    const continued = new Set(entries.filter((entry) => entry.kind === 'bulk').map((entry) => entry.detail['continues']));
    return entries
      .filter((entry) => entry.kind === 'bulk')
      .flatMap((entry) => {
        const run = entry.detail['run'];
        if (typeof run !== 'string' || finished.has(run) || continued.has(run)) return [];
        const identity = identitySchema.safeParse(entry.detail['console']);
        if (!ended.has(run) && identity.success && isRunning(identity.data)) return [];
        const requests = Array.isArray(entry.detail['requests'])
          ? entry.detail['requests'].flatMap((value: JsonValue) => readRequest(value) ?? [])
          : [];
        const items = entries.filter((item) => item.kind === 'bulk-item' && item.detail['run'] === run && item.outcome === 'ok');
        const okIndexes = new Set(items.map((item) => item.detail['index']));
        return [
          {
            id: run,
            title: typeof entry.detail['title'] === 'string' ? entry.detail['title'] : run,
            at: entry.at,
            done: items.flatMap((item) => [...item.targets]),
            left: requests.filter((_, index) => !okIndexes.has(index)),
          },
        ];
      })
      .toReversed();
  }

  #assemble(items: readonly Plan[], continues: string | null): BulkPlan {
    const { world } = this.#parts;
    const { fleet } = world;
    const now = world.clock.wallMs();
    const views = items.flatMap((item) => world.view(item.request.hostId) ?? []);
    const danger = items.some((item) => item.danger);
    const risk = items.some((item) => item.risk === 'danger') ? 'danger' : 'change';
    const envs = [...new Set(items.map((item) => item.env))];
    const names = [...new Set(items.map((item) => item.title.replace(/ on .*$/, '')))].join(', ');
    const commands = items.flatMap((item) => item.commands);
    const hosts = new Set(items.map((item) => item.request.hostId)).size;
    return {
      id: planId('bulk', now),
      continues,
      title: `${names} on ${hosts} hosts`,
      envs,
      env: envs.join(' '),
      items,
      stages: stagesOf(items.length, fleet.bulk.canary, fleet.bulk.batch),
      targets: items.flatMap((item) => item.targets),
      commands,
      confirmation: confirmationFor(distinct(views), danger, world.views()),
      reasonNeeded: items.find((item) => item.reasonNeeded !== null)?.reasonNeeded ?? null,
      approvalNeeded: approvalFor(fleet, risk, hosts),
      hash: planHash(names, commands),
      healthyPolls: fleet.bulk.healthy,
      stopAfter: Math.max(1, fleet.bulk.stopAfter),
      madeAt: now,
      expiresAt: now + planLifeMs + items.length * 1000,
    };
  }

  #refuse(plan: BulkPlan, word: string, extras: ConfirmExtras): Refusal | null {
    if (word !== plan.confirmation.word)
      return {
        guard: 'confirmation',
        message: `not confirmed: this plan asks for ${JSON.stringify(plan.confirmation.word)}; nothing was sent`,
      };
    if (this.#spent.has(plan.id) || this.#parts.world.clock.wallMs() > plan.expiresAt)
      return { guard: 'expired', message: 'this plan is used or too old; make a new one' };
    if (plan.reasonNeeded !== null && (extras.reason?.trim() ?? '') === '') return { guard: 'reason', message: plan.reasonNeeded };
    return plan.envs.map((env) => this.#parts.refuse(env)).find((refusal) => refusal !== null) ?? this.#parts.record.refusal();
  }
}

const identitySchema = z.object({ pid: z.number(), started: z.string().nullable() });

class Running implements BulkRun {
  readonly done: Promise<BulkState>;
  readonly #parts: BulkParts;
  readonly #plan: BulkPlan;
  readonly #approvedBy: string | null;
  readonly #extras: ConfirmExtras;
  readonly #onChange: (state: BulkState) => void;
  #state: BulkState;
  #paused = false;
  #aborted = false;
  #failures = 0;

  constructor(parts: BulkParts, plan: BulkPlan, approvedBy: string | null, extras: ConfirmExtras, onChange: (state: BulkState) => void) {
    this.#parts = parts;
    this.#plan = plan;
    this.#approvedBy = approvedBy;
    this.#extras = extras;
    this.#onChange = onChange;
    this.#state = {
      id: plan.id,
      title: plan.title,
      phase: 'running',
      why: null,
      items: plan.items.map((item) => ({
        subject: item.subject,
        hostName: item.targets[0]?.name ?? item.request.hostId,
        state: 'waiting',
        text: '',
      })),
    };
    this.done = this.#run();
  }

  state(): BulkState {
    return this.#state;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
  }

  abort(): void {
    this.#aborted = true;
    this.#paused = false;
  }

  async #run(): Promise<BulkState> {
    for (const stage of this.#plan.stages) {
      const stop = (await this.#mayBegin(stage)) ?? (await this.#stage(stage));
      if (stop !== null) return this.#end(this.#aborted ? 'aborted' : 'stopped', stop);
    }
    return this.#end(this.#failures === 0 ? 'done' : 'stopped', this.#failures === 0 ? null : `${this.#failures} failed`);
  }

  /** Waits while paused and while the pool floor would be broken; the reason to stop instead. */
  async #mayBegin(stage: readonly number[]): Promise<string | null> {
    while (this.#paused && !this.#aborted) {
      this.#set({ phase: 'paused', why: 'paused by a key' });
      await pause(250);
    }
    if (this.#aborted) return 'aborted by a key';
    this.#set({ phase: 'running', why: null });
    const { world } = this.#parts;
    const taking = stage
      .flatMap((index) => this.#plan.items[index] ?? [])
      .filter((item) => interrupts(item.request))
      .map((item) => item.request.hostId);
    const deadline = world.clock.monoMs() + floorWaitMs;
    let broken = brokenFloor(world.fleet, world.views(), taking);
    while (broken !== null && world.clock.monoMs() < deadline && !this.#aborted) {
      this.#set({ phase: 'watching', why: broken });
      await pause(1000);
      broken = brokenFloor(world.fleet, world.views(), taking);
    }
    return broken;
  }

  /** Runs one batch and watches it; the reason to stop, `null` to go on. */
  async #stage(stage: readonly number[]): Promise<string | null> {
    await Promise.all(stage.map((index) => this.#item(index)));
    const failed = (): string | null =>
      this.#failures >= this.#plan.stopAfter ? `stopped after ${this.#failures} of at most ${this.#plan.stopAfter} failures` : null;
    const early = failed();
    if (early !== null) return early;
    const done = stage.filter((index) => this.#state.items[index]?.state === 'ok');
    this.#set({ phase: 'watching', why: `healthy for ${this.#plan.healthyPolls} polls?` });
    for (let poll = 0; poll < this.#plan.healthyPolls; poll += 1) {
      await Promise.all(done.map((index) => this.#watch(index)));
      const late = failed();
      if (late !== null) return late;
      if (poll + 1 < this.#plan.healthyPolls) await pause(Math.min(1000, this.#parts.world.fleet.poll.everyMs));
    }
    return null;
  }

  async #item(index: number): Promise<void> {
    const planned = this.#plan.items[index];
    if (planned === undefined) return;
    this.#setItem(index, { state: 'running', text: 'planning again' });
    // The card may be minutes old by now: this host's part of it must still be true.
    const fresh = await this.#parts.plan(planned.request);
    if (!fresh.ok) return this.#ended(index, { kind: 'refused', refusal: fresh.refusal });
    if (fresh.plan.hash !== planned.hash || JSON.stringify(fresh.plan.before) !== JSON.stringify(planned.before)) {
      return this.#ended(index, {
        kind: 'refused',
        refusal: { guard: 'expired', message: `${planned.subject} has changed since the plan was made` },
      });
    }
    const extras = { ...this.#extras, reason: this.#extras.reason ?? this.#plan.title };
    const outcome = await this.#parts.run(fresh.plan, this.#approvedBy, extras, (progress) =>
      this.#setItem(index, { text: progress.text }),
    );
    this.#ended(index, outcome);
  }

  #ended(index: number, outcome: ActionOutcome): void {
    if (outcome.kind !== 'ok') this.#failures += 1;
    const text = outcome.kind === 'refused' ? outcome.refusal.message : outcome.summary;
    this.#setItem(index, { state: outcome.kind, text });
    this.#note(index, outcome.kind, text);
  }

  /** A host that was fine right after its change and is not any more counts as failed. */
  async #watch(index: number): Promise<void> {
    const planned = this.#plan.items[index];
    if (planned === undefined || this.#state.items[index]?.state !== 'ok') return;
    const { world } = this.#parts;
    await world.freshRound(planned.request.hostId);
    const wrong = unhealthy(world.view(planned.request.hostId), planned.request);
    if (wrong === null) return;
    this.#failures += 1;
    this.#setItem(index, { state: 'failed', text: `was fine, then: ${wrong}` });
    this.#note(index, 'failed', wrong);
  }

  #note(index: number, outcome: string, text: string): void {
    const subject = this.#plan.items[index]?.subject ?? '';
    this.#parts.record.note('bulk-item', this.#plan.items[index]?.env ?? this.#plan.env, [subject], outcome, {
      run: this.#plan.continues ?? this.#plan.id,
      index: this.#indexInRun(index),
      subject,
      text,
    });
    if (this.#plan.continues !== null)
      this.#parts.record.note('bulk-item', this.#plan.env, [subject], outcome, { run: this.#plan.id, index, subject, text });
  }

  #indexInRun(index: number): JsonValue {
    return this.#plan.continues === null ? index : null;
  }

  #end(phase: BulkState['phase'], why: string | null): BulkState {
    for (const [index, item] of this.#state.items.entries())
      if (item.state === 'waiting') this.#setItem(index, { state: 'not-done', text: 'not begun' });
    this.#set({ phase, why });
    const left = this.#state.items.filter((item) => item.state === 'not-done').map((item) => item.subject);
    this.#parts.record.note('bulk-end', this.#plan.env, [], phase, { run: this.#plan.id, why, notDone: left });
    return this.#state;
  }

  #set(change: Partial<BulkState>): void {
    this.#state = { ...this.#state, ...change };
    this.#onChange(this.#state);
  }

  #setItem(index: number, change: Partial<BulkItem>): void {
    this.#set({ items: this.#state.items.map((item, at) => (at === index ? { ...item, ...change } : item)) });
  }
}

/** Canary first, then batches; every index once. */
export function stagesOf(count: number, canary: number, batch: number): number[][] {
  const indexes = Array.from({ length: count }, (_, index) => index);
  const first = Math.min(count, Math.max(1, canary));
  const stages = [indexes.slice(0, first)];
  for (let at = first; at < count; at += Math.max(1, batch)) stages.push(indexes.slice(at, at + Math.max(1, batch)));
  return stages;
}

/** Why a host is not well after its change: its service for a service's change, else the host itself. */
function unhealthy(view: HostView | null, request: ActionRequest): string | null {
  if (view === null || view.reach.reach !== 'ok') return view === null ? 'it left the inventory' : `not reached (${view.reach.reach})`;
  if ('service' in request) {
    const service = view.services.find((each) => each.name === request.service);
    return service?.health === 'ok' ? null : `${request.service} is ${service?.state ?? 'not reported'}`;
  }
  return healthRank(view.verdict.health) < healthRank('unknown') ? null : (view.verdict.reasons[0]?.text ?? view.verdict.health);
}

function distinct(views: readonly HostView[]): HostView[] {
  return [...new Map<HostId, HostView>(views.map((view) => [view.host.id, view])).values()];
}

function refuse(guard: Refusal['guard'], message: string): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal: { guard, message } };
}
