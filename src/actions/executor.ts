import { canonicalJson } from '../journal/canonical-json.ts';
import type { Journal } from '../journal/entry.ts';
import type { World } from '../live/world.ts';
import { noToken } from '../remote/host-lock.ts';
import { Approvals } from './approvals.ts';
import { secondYes } from './approval-wait.ts';
import { Arming } from './arming.ts';
import { Bulk } from './bulk.ts';
import { draftOf, targetMayBeAway } from './catalogue.ts';
import { Engine } from './engine.ts';
import type { RunExtras } from './engine-parts.ts';
import { coolDownMs, deniedBy } from './guards.ts';
import { claimAll, type HeldLocks, takeOverAll, tokenKey } from './held-locks.ts';
import { HostLocks } from './host-locks.ts';
import { lockedThing } from './lock-name.ts';
import { Looks } from './looks.ts';
import { locksOf, makePlan } from './make-plan.ts';
import type { ActionOutcome, ActionRequest, ArmState, ConfirmExtras, Executor, Plan, PlanResult, Progress, Refusal } from './plan.ts';
import { PresenceBoard } from './presence.ts';
import { ActionRecord } from './record.ts';
import { Recovery } from './recovery.ts';
import type { RunDesk } from './run-desk.ts';
import { UndoStack } from './undo.ts';

export interface ExecutorOptions {
  readonly world: World;
  readonly journal: Journal;
  readonly readOnly: boolean;
  /** `user@machine`, written into every entry. */
  readonly who: string;
  /** Masks what must not be seen in what hosts say; the journal has its own. Default: nothing. */
  readonly redact?: (text: string) => string;
  /** Lets other consoles see on which hosts this one plans changes; for a console that stays. */
  readonly presence?: boolean;
}

/** The executor with what stands on it: many hosts, undo, and what an earlier run left open. */
export interface FullExecutor extends Executor {
  readonly bulk: Bulk;
  readonly undo: UndoStack;
  readonly recovery: Recovery;
  readonly approvals: Approvals;
  readonly runs: RunDesk;
  /** Calls a running change off; false when it does not run here, or its host cannot be told. */
  cancel(plan: Plan): Promise<boolean>;
  /** Takes this console's notes and requests off the hosts; before connections are closed. */
  leave(): Promise<void>;
}

const unreasoned: Refusal = { guard: 'reason', message: 'breaking a lock needs a reason' };

/** The one place that changes the world: plan → guards → lock → journal → send → verify by effect → journal. Takes the world's shells; a second one cannot. */
export function createExecutor(options: ExecutorOptions): FullExecutor {
  return new OneExecutor(options);
}

class OneExecutor implements FullExecutor {
  readonly bulk: Bulk;
  readonly undo: UndoStack;
  readonly recovery: Recovery;
  readonly approvals: Approvals;
  readonly runs: RunDesk;
  readonly #world: World;
  readonly #record: ActionRecord;
  readonly #engine: Engine;
  readonly #locks: HostLocks;
  readonly #presence: PresenceBoard;
  readonly #shows: boolean;
  readonly #arming: Arming;
  /** Locks under which a change of this console runs. */
  readonly #busy = new Set<string>();
  readonly #spent = new Set<string>();

  constructor(options: ExecutorOptions) {
    const { world, redact = (text) => text } = options;
    const shells = world.takeShells();
    this.#world = world;
    this.#record = new ActionRecord(options.journal, options.who, world.fleet.name);
    this.#locks = new HostLocks(shells, options.who);
    this.#presence = new PresenceBoard(shells, options.who);
    this.#shows = options.presence === true;
    this.#engine = new Engine({ world, shells, record: this.#record, locks: this.#locks, redact });
    this.#arming = new Arming(world.fleet, options.readOnly, () => world.clock.wallMs());
    const readOnly = (): Refusal | null => (options.readOnly ? this.#arming.refuse('') : null);
    this.approvals = new Approvals({ world, shells, record: this.#record, redact, refuse: readOnly });
    this.undo = new UndoStack(this.#record, () => world.clock.wallMs());
    this.recovery = new Recovery({
      world,
      engine: this.#engine,
      record: this.#record,
      locks: this.#locks,
      refuse: readOnly,
    });
    this.runs = {
      looks: new Looks(shells, (command) => deniedBy(world.fleet, command), redact),
      claim: async (env, subject, locks, reason, { run, under = null, breakIt = false }) => {
        const refusal = this.#arming.refuse(env) ?? this.#record.refusal();
        if (refusal !== null) return { ok: false, refusal };
        const why = redact(reason);
        if (breakIt && why.trim() === '') return { ok: false, refusal: unreasoned };
        const unwritten = breakIt
          ? this.#record.write('note', { env, outcome: 'breaking locks', detail: { text: subject, reason: why } })
          : null;
        if (unwritten !== null) return { ok: false, refusal: unwritten };
        const claimed = await claimAll(this.#locks, this.#record, { subject, locks }, { reason: why, breakIt, under, run });
        if (claimed.ok && claimed.brokeOf !== null)
          this.#record.note('note', env, [subject], 'lock broken', { brokeLockOf: claimed.brokeOf, reason: why, run });
        return claimed;
      },
      plan: (request, under) => this.#plan(request, under),
      hold: (env) => this.#arming.hold([env]),
      takeOver: ({ locks, tokens }, run, reason) => takeOverAll(this.#locks, locks, tokens, redact(reason), run),
      explain: async ({ locks, tokens }, run, { reason, left }) => {
        const what = { reason: redact(reason), left: redact(left) };
        await Promise.all(locks.map((lock) => this.#locks.explain(lock, tokens[tokenKey(lock)] ?? noToken, run, what)));
      },
      execute: async (plan, word, onProgress, { mask, reason, breakLock, ...step }) => {
        const extras = { ...(reason === undefined ? {} : { reason }), ...(breakLock === undefined ? {} : { breakLock }) };
        if (mask === undefined) return this.#execute(plan, word, onProgress, { ...extras, step });
        const unmask = this.#record.masking(plan.id, mask);
        try {
          return await this.#execute(plan, word, onProgress, { ...extras, step });
        } finally {
          unmask();
        }
      },
    };
    this.bulk = new Bulk({
      world,
      record: this.#record,
      plan: (request) => this.plan(request),
      refuse: (env) => this.#arming.refuse(env),
      hold: (envs) => this.#arming.hold(envs),
      run: (plan, approvedBy, extras, tell) => this.#go(plan, approvedBy, extras, tell),
      approvals: this.approvals,
    });
  }

  plan(request: ActionRequest): Promise<PlanResult> {
    return this.#plan(request, null);
  }

  /** Locks that are held `under` a run are nobody else's. */
  async #plan(request: ActionRequest, under: HeldLocks | null): Promise<PlanResult> {
    const refused = (guard: Refusal['guard'], message: string): PlanResult => ({ ok: false, refusal: { guard, message } });
    if (this.#world.view(request.hostId) === null) return refused('unknown-target', `no host ${request.hostId} in this fleet`);
    await this.#world.freshRound(request.hostId);
    const view = this.#world.view(request.hostId);
    if (view === null) return refused('unknown-target', `no host ${request.hostId} in this fleet`);
    if (view.reach.reach !== 'ok' && !targetMayBeAway(request)) {
      const why = view.reach.why === null ? '' : `: ${view.reach.why}`;
      return refused('unreachable', `${view.host.name} cannot be reached (${view.reach.reach}${why}); nothing can be changed there`);
    }
    let drafted: Awaited<ReturnType<typeof draftOf>>;
    try {
      drafted = await draftOf(this.#engine.context, view, request);
    } catch (error) {
      return refused('unknown-target', error instanceof Error ? error.message : 'this change cannot be planned');
    }
    if (!drafted.ok) return drafted;
    const { draft } = drafted;
    if (draft.commands.length === 0) return refused('empty', 'nothing would be run');
    const denied = draft.commands.map((command) => deniedBy(this.#world.fleet, command.command)).find((found) => found !== null);
    if (denied !== undefined && denied !== null)
      return refused('never', `refused: the fleet file's never list forbids ${JSON.stringify(denied)}`);
    const plan = makePlan(this.#world.fleet, request, view, draft, {
      views: this.#world.views(),
      recent: this.#record.recent(this.#world.clock.wallMs(), coolDownMs),
      others: [
        ...(
          await Promise.all(
            locksOf(view, draft)
              .filter((lock) => (under?.holding(lock) ?? null) === null)
              .map((lock) => this.#locks.others(lock)),
          )
        ).flat(),
        ...(await this.#presence.others(request.hostId, this.#shows && this.#arming.refuse(view.host.env) === null)),
      ],
      nowMs: this.#world.clock.wallMs(),
    });
    return { ok: true, plan };
  }

  async leave(): Promise<void> {
    await Promise.all([this.#presence.leave(), this.approvals.leaveAll()]);
  }

  async planUndo(): Promise<PlanResult> {
    const last = this.undo.next();
    if (last === null)
      return {
        ok: false,
        refusal: { guard: 'empty', message: 'nothing to undo: no verified change of this journal has an inverse that was not used yet' },
      };
    const planned = await this.plan(last.request);
    if (!planned.ok) return planned;
    if (canonicalJson(last.after) !== canonicalJson({ ...planned.plan.before })) {
      return { ok: false, refusal: { guard: 'expired', message: `${last.subject} was changed by somebody since; it is not undone` } };
    }
    const known = Object.values(planned.plan.before);
    const warnings =
      known.length === 0 || known.includes(null)
        ? [...planned.plan.warnings, 'nothing shows whether somebody changed it since: the fleet file names no check for it']
        : planned.plan.warnings;
    return { ok: true, plan: { ...planned.plan, warnings, undoes: last.actionId, reasonNeeded: null } };
  }

  execute(plan: Plan, word: string, onProgress: (progress: Progress) => void, extras: ConfirmExtras = {}): Promise<ActionOutcome> {
    return this.#execute(plan, word, onProgress, extras);
  }

  async #execute(plan: Plan, word: string, onProgress: (progress: Progress) => void, extras: RunExtras): Promise<ActionOutcome> {
    const early = this.#refuse(plan, word, extras);
    if (early !== null) return this.#engine.refused(plan, early);
    this.#spent.add(plan.id);
    const yes = await secondYes(
      { approvals: this.approvals, clock: this.#world.clock },
      plan,
      extras,
      extras.step?.held ?? this.#arming.hold([plan.env]),
    );
    if ('refusal' in yes) return this.#engine.refused(plan, yes.refusal);
    const approvedBy = yes.by;
    if (approvedBy !== null) onProgress({ at: this.#world.clock.wallMs(), phase: 'signed', text: `by ${approvedBy}`, health: 'ok' });
    const outcome = await this.#go(plan, approvedBy, extras, onProgress);
    if (approvedBy !== null && outcome.kind !== 'refused') await this.approvals.settle(plan);
    return outcome;
  }

  cancel(plan: Plan): Promise<boolean> {
    return this.#engine.cancel(plan);
  }

  arm(env: string, lasting = false): Refusal | null {
    const refusal = this.#arming.arm(env, lasting);
    if (refusal !== null) return refusal;
    const failure = this.#record.write('arm', { env });
    if (failure === null) return null;
    this.#arming.disarm(env);
    return failure;
  }

  disarm(env: string): void {
    this.#arming.disarm(env);
    this.#record.write('disarm', { env });
  }

  touch(): void {
    this.#arming.touch();
  }

  armed(env: string): ArmState {
    return this.#arming.state(env);
  }

  #refuse(plan: Plan, word: string, extras: RunExtras): Refusal | null {
    if (word !== plan.confirmation.word) {
      return {
        guard: 'confirmation',
        message: `not confirmed: this plan asks for ${JSON.stringify(plan.confirmation.word)}; nothing was sent`,
      };
    }
    if (this.#spent.has(plan.id)) return { guard: 'expired', message: 'this plan was already used; make a new one' };
    if (this.#world.clock.wallMs() > plan.expiresAt)
      return { guard: 'expired', message: 'this plan is older than a minute; make a new one' };
    const reason = extras.reason?.trim() ?? '';
    if (plan.reasonNeeded !== null && reason === '') return { guard: 'reason', message: plan.reasonNeeded };
    if (extras.breakLock === true && reason === '') return unreasoned;
    const held = extras.step?.held;
    return (held === undefined ? this.#arming.refuse(plan.env) : held()) ?? this.#record.refusal();
  }

  /** One change at a time under a lock from this console; the locks on the hosts keep other consoles out. */
  async #go(plan: Plan, approvedBy: string | null, extras: RunExtras, onProgress: (progress: Progress) => void): Promise<ActionOutcome> {
    const wanted = plan.locks.map(tokenKey);
    const unwritable = this.#record.refusal();
    if (unwritable !== null) return this.#engine.refused(plan, unwritable);
    const under = extras.step?.under ?? null;
    const taken = plan.locks.find((lock) => this.#busy.has(tokenKey(lock)) && under?.holding(lock) == null);
    if (taken !== undefined) {
      const message = `another change is running on ${lockedThing(taken)}; wait for it to end`;
      return this.#engine.refused(plan, { guard: 'busy', message });
    }
    for (const key of wanted) this.#busy.add(key);
    try {
      return await this.#engine.run(plan, approvedBy, extras, onProgress);
    } finally {
      for (const key of wanted) this.#busy.delete(key);
    }
  }
}
