import { healthRank } from '../fleet/health.ts';
import type { HostView } from '../fleet/view.ts';
import type { World } from '../live/world.ts';
import type { Approvals } from './approvals.ts';
import type { BulkItem, BulkPlan, BulkRun, BulkState } from './bulk-plan.ts';
import { pause } from './pause.ts';
import type { ActionOutcome, ConfirmExtras, Plan, PlanResult, Progress, Refusal } from './plan.ts';
import { brokenFloor, interrupts, poolMembersOf, poolsOfAny } from './pool-floor.ts';
import type { ActionRecord, BulkPlace } from './record.ts';
import type { ActionRequest } from './request.ts';

export interface BulkParts {
  readonly world: World;
  readonly record: ActionRecord;
  readonly approvals: Approvals;
  plan(request: ActionRequest): Promise<PlanResult>;
  refuse(env: string): Refusal | null;
  /** As `Arming.hold`. */
  hold(envs: readonly string[]): () => Refusal | null;
  run(
    plan: Plan,
    approvedBy: string | null,
    extras: ConfirmExtras & { readonly bulk: BulkPlace },
    onProgress: (progress: Progress) => void,
  ): Promise<ActionOutcome>;
}

/** How long a stage waits for a pool to be well enough, ms. */
const floorWaitMs = 60_000;

/** A confirmed plan under way. */
export class RunningBulk implements BulkRun {
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
    let broken = await this.#floor(taking);
    while (broken !== null && world.clock.monoMs() < deadline && !this.#aborted) {
      this.#set({ phase: 'watching', why: broken });
      await pause(1000);
      broken = await this.#floor(taking);
    }
    return this.#aborted ? 'aborted by a key' : broken;
  }

  /** Why a pool's floor would be broken, on evidence asked for now. */
  async #floor(taking: readonly string[]): Promise<string | null> {
    const { world } = this.#parts;
    await Promise.all([
      ...poolMembersOf(world.fleet, world.views(), taking).map((hostId) => world.freshRound(hostId)),
      ...poolsOfAny(world.fleet, world.views(), taking).map((pool) => world.freshPool(pool.name)),
    ]);
    return brokenFloor(world.fleet, world.views(), taking);
  }

  /** Runs one batch and watches it; the reason to stop, `null` to go on. */
  async #stage(stage: readonly number[]): Promise<string | null> {
    const hosts = Map.groupBy(stage, (index) => this.#plan.items[index]?.request.hostId);
    // Two changes of one host wait for each other.
    await Promise.all(
      [...hosts.values()].map(async (indexes) => {
        for (const index of indexes) await this.#item(index);
      }),
    );
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
    const extras = { ...this.#extras, reason: this.#extras.reason ?? this.#plan.title, bulk: { run: this.#plan.id, index } };
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
    const item = this.#plan.items[index];
    const subject = item?.subject ?? '';
    this.#parts.record.note('bulk-item', item?.env ?? this.#plan.env, [subject], outcome, { run: this.#plan.id, index, subject, text });
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

/** Why a host is not well after its change: its service for a service's change, else the host itself. */
function unhealthy(view: HostView | null, request: ActionRequest): string | null {
  // What was taken out may be as ill as it is: the pool's own proof was demanded.
  if (request.action === 'depool') return null;
  if (view === null || view.reach.reach !== 'ok') return view === null ? 'it left the inventory' : `not reached (${view.reach.reach})`;
  if ('service' in request) {
    const service = view.services.find((each) => each.name === request.service);
    return service?.health === 'ok' ? null : `${request.service} is ${service?.state ?? 'not reported'}`;
  }
  return healthRank(view.verdict.health) < healthRank('unknown') ? null : (view.verdict.reasons[0]?.text ?? view.verdict.health);
}
