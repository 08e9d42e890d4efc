import pLimit from 'p-limit';
import type { HostId } from '../fleet/host.ts';
import type { HostView } from '../fleet/view.ts';
import type { Entry, JsonValue } from '../journal/entry.ts';
import { secondYes } from './approval-wait.ts';
import { type BulkPlan, type BulkPlanResult, type BulkRun, type BulkState, stagesOf } from './bulk-plan.ts';
import { type BulkParts, RunningBulk } from './bulk-run.ts';
import { consoleIdentity } from './console-identity.ts';
import { confirmationFor, approvalFor, planHash } from './guards.ts';
import { planId, planLifeMs } from './make-plan.ts';
import { brokenFloor } from './pool-floor.ts';
import type { ConfirmExtras, Plan, Refusal } from './plan.ts';
import { readRequest } from './read-back.ts';
import { bulkPlaceOf, isEntryOfRunningConsole } from './record.ts';
import type { ActionRequest } from './request.ts';

export type { BulkItem, BulkPlan, BulkPlanResult, BulkRun, BulkState } from './bulk-plan.ts';

/** An unfinished run as the journal knows it. */
export interface UnfinishedRun {
  readonly id: string;
  readonly title: string;
  readonly at: string;
  readonly done: readonly string[];
  readonly left: readonly ActionRequest[];
}

const plannedAtOnce = 8;
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
    const leaving = requests.flatMap((request) => (request.action === 'depool' ? [request.hostId] : []));
    const broken = leaving.length < 2 ? null : brokenFloor(this.#parts.world.fleet, this.#parts.world.views(), leaving);
    if (broken !== null) return refuse('floor', `taken out one after the other they are all out in the end: ${broken}`);
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
    const { approvals, record, world } = this.#parts;
    const early = this.#refuse(plan, word, extras);
    if (early !== null) return early;
    this.#spent.add(plan.id);
    const yes = await secondYes({ approvals, clock: world.clock }, plan, extras, this.#parts.hold(plan.envs));
    if ('refusal' in yes) {
      const { guard, message } = yes.refusal;
      return record.write('refused', { env: plan.env, outcome: guard, detail: { title: plan.title, message } }) ?? yes.refusal;
    }
    const approvedBy = yes.by;
    const requests: JsonValue[] = plan.items.map((item) => ({ ...item.request }));
    const detail = {
      title: plan.title,
      hash: plan.hash,
      requests,
      stages: plan.stages.map((stage) => [...stage]),
      continues: plan.continues,
      approvedBy,
      reason: extras.reason ?? null,
      console: { ...consoleIdentity() },
    };
    const failure = record.write('bulk', { env: plan.env, detail: { ...detail, run: plan.id } });
    if (failure !== null) return failure;
    if (approvedBy !== null) await approvals.settle(plan);
    return new RunningBulk(this.#parts, plan, approvedBy, extras, onChange);
  }

  /** Runs that stopped, were aborted or lost their console, newest first. What an interrupted host's change came to is the journal's outcome of it. */
  unfinished(): readonly UnfinishedRun[] {
    const { record, world } = this.#parts;
    const entries = record.recent(world.clock.wallMs(), unfinishedForMs);
    const ends = entries.filter((entry) => entry.kind === 'bulk-end');
    const ended = new Set(ends.map((entry) => entry.detail['run']));
    const finished = new Set(ends.filter((entry) => entry.outcome === 'done').map((entry) => entry.detail['run']));
    const continued = new Set(entries.filter((entry) => entry.kind === 'bulk').map((entry) => entry.detail['continues']));
    return entries
      .flatMap((entry) => {
        const run = entry.kind === 'bulk' ? entry.detail['run'] : null;
        if (typeof run !== 'string' || finished.has(run) || continued.has(run)) return [];
        if (!ended.has(run) && isEntryOfRunningConsole(entry)) return [];
        const listed = entry.detail['requests'];
        const requests = isList(listed) ? listed.flatMap((value) => readRequest(value) ?? []) : [];
        const done = doneIn(run, entries);
        const title = typeof entry.detail['title'] === 'string' ? entry.detail['title'] : run;
        return [{ id: run, title, at: entry.at, done: [...done.values()], left: requests.filter((_, index) => !done.has(index)) }];
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
    const names = [...new Set(items.map(withoutHost))].join(', ');
    const commands = items.flatMap((item) => item.commands);
    const hosts = new Set(items.map((item) => item.request.hostId)).size;
    const title = `${names} on ${hosts} hosts`;
    return {
      id: planId('bulk', now),
      continues,
      title,
      envs,
      env: envs.join(' '),
      items,
      stages: items.some(changesPool) ? stagesOf(items.length, 1, 1) : stagesOf(items.length, fleet.bulk.canary, fleet.bulk.batch),
      targets: items.flatMap((item) => item.targets),
      commands,
      confirmation: confirmationFor(distinct(views), danger, world.views()),
      reasonNeeded: continues === null ? (items.find((item) => item.reasonNeeded !== null)?.reasonNeeded ?? null) : null,
      approvalNeeded: approvalFor(fleet, risk, hosts),
      hash: planHash(title, commands),
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

/** Places of a run whose last word is `ok`, with their subjects: the run's own notes, and outcomes written after its console had ended. */
function doneIn(run: string, entries: readonly Entry[]): ReadonlyMap<number, string> {
  const done = new Map<number, string>();
  const placeOfAction = new Map<string, number>();
  for (const entry of entries) {
    const place = bulkPlaceOf(entry);
    if (place?.run === run && entry.actionId !== null) placeOfAction.set(entry.actionId, place.index);
    const noted = entry.kind === 'bulk-item' && entry.detail['run'] === run ? entry.detail['index'] : undefined;
    const index = typeof noted === 'number' ? noted : entry.kind === 'outcome' ? placeOfAction.get(entry.actionId ?? '') : undefined;
    if (index === undefined) continue;
    if (entry.outcome === 'ok') done.set(index, entry.targets.join(', '));
    else done.delete(index);
  }
  return done;
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** Members of a pool go and come one at a time, whatever the batch: each is judged by what the one before left. */
function changesPool(item: Plan): boolean {
  return item.request.action === 'depool' || item.request.action === 'repool';
}

/** A title without its host: `Restart nginx`, `Take out of pool web`. */
function withoutHost(item: Plan): string {
  const [target] = item.targets;
  return item.title.replace(/ on .*$/, '').replace(target === undefined ? '' : ` ${target.name} `, ' ');
}

function distinct(views: readonly HostView[]): HostView[] {
  return [...new Map<HostId, HostView>(views.map((view) => [view.host.id, view])).values()];
}

function refuse(guard: Refusal['guard'], message: string): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal: { guard, message } };
}
