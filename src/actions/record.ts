import * as z from 'zod';
import type { Entry, EntryKind, JsonValue, Journal, NewEntry } from '../journal/entry.ts';
import { redactEntry } from '../journal/redact.ts';
import type { ExecResult } from '../remote/connection.ts';
import type { Plan, PlannedLock, Refusal } from './plan.ts';
import { consoleIdentity, isRunning, isThisConsole, readIdentity } from './console-identity.ts';
import { lockedThing } from './lock-name.ts';
import { readPlan } from './read-back.ts';
import type { RunPlace } from './run-desk.ts';

const keptOutput = 2000;

/** The place of a change in a run over many hosts. */
export interface BulkPlace {
  readonly run: string;
  readonly index: number;
}

/** The place that an intent holds; `null` when it is not one of a run. */
export function bulkPlaceOf(entry: Entry): BulkPlace | null {
  const read = placeSchema.safeParse(entry.kind === 'intent' ? entry.detail['bulk'] : null);
  return read.success ? read.data : null;
}

const placeSchema = z.object({ run: z.string(), index: z.number() });

/** Fields of a journal entry about one plan. */
export interface RecordFields {
  readonly env: string;
  readonly outcome?: string;
  readonly detail?: Readonly<Record<string, JsonValue>>;
}

/** A run of a playbook, as far as its locks go. */
export interface RunState {
  readonly open: boolean;
  /** Whether it had sent a change. */
  readonly acted: boolean;
  /** Who had it last. */
  readonly who: string;
  readonly title: string;
  /** Whether a lock is the run's own, for as long as it is open. */
  holds(lock: Pick<PlannedLock, 'hostId' | 'lock'>): boolean;
}

/** A command whose end was seen. */
const exitSchema = z.object({ exit: z.number() });

const heldSchema = z.object({ locks: z.array(z.object({ hostId: z.string(), lock: z.string() })) });

/** The executor's side of the journal: every entry about a plan in one form; a failure is a refusal in words. */
export class ActionRecord {
  readonly journal: Journal;
  readonly who: string;
  readonly #fleet: string;
  readonly #masks = new Map<string, (text: string) => string>();

  /** `fleet` is its name: one journal serves several fleets, and hosts of two may have one name. */
  constructor(journal: Journal, who: string, fleet: string) {
    this.journal = journal;
    this.who = who;
    this.#fleet = fleet;
  }

  /** Masks everything written about a plan from now on; returns the end of it. */
  masking(planId: string, mask: (text: string) => string): () => void {
    this.#masks.set(planId, mask);
    return () => this.#masks.delete(planId);
  }

  /** Returns only after the entry is on disk; else why changes are refused. */
  write(kind: EntryKind, fields: RecordFields, plan?: Plan): Refusal | null {
    try {
      const mask = this.#masks.get(plan?.id ?? '');
      const entry: NewEntry = {
        kind,
        actionId: plan?.id ?? null,
        who: this.who,
        env: fields.env,
        targets: plan === undefined ? [] : [plan.subject],
        command: plan?.commands.find((command) => command.purpose === 'change')?.command ?? null,
        outcome: fields.outcome ?? null,
        detail: { fleet: this.#fleet, ...fields.detail },
      };
      this.journal.append(mask === undefined ? entry : redactEntry(entry, mask));
      return null;
    } catch (error) {
      return this.refusal(error instanceof Error ? error.message : 'unknown reason');
    }
  }

  /** An entry about no single plan; a failure is told by the next change. */
  note(kind: EntryKind, env: string, targets: readonly string[], outcome: string, detail: Readonly<Record<string, JsonValue>>): void {
    try {
      this.journal.append({
        kind,
        actionId: null,
        who: this.who,
        env,
        targets,
        command: null,
        outcome,
        detail: { fleet: this.#fleet, ...detail },
      });
    } catch {
      // The journal keeps its failure, and every change after it is refused.
    }
  }

  /** Why no change is made now; `null` while the journal can write. */
  refusal(why: string | null = this.journal.failure): Refusal | null {
    if (why === null) return null;
    return {
      guard: 'journal',
      message: `the journal cannot be written (${why.replace(/\.$/, '')}): changes are refused, watching goes on`,
    };
  }

  /** The newest entries that are not another fleet's, oldest first, at least those of the last `ms`; none when the journal cannot be read. */
  recent(nowMs: number, ms: number): readonly Entry[] {
    try {
      for (let count = 500; ; count *= 4) {
        const entries = this.journal.tail(count);
        const [oldest] = entries;
        if (entries.length < count || oldest === undefined || nowMs - Date.parse(oldest.at) > ms)
          return entries.filter(({ detail }) => typeof detail['fleet'] !== 'string' || detail['fleet'] === this.#fleet);
      }
    } catch {
      return [];
    }
  }

  /** When a plan of this hash was last let through, epoch ms; `null` when not within the last `ms`. */
  lastUse(hash: string, nowMs: number, ms: number): number | null {
    const entry = this.recent(nowMs, ms).findLast((each) =>
      each.kind === 'intent' ? readPlan(each.detail['plan'])?.hash === hash : each.kind === 'bulk' && each.detail['hash'] === hash,
    );
    return entry === undefined ? null : Date.parse(entry.at);
  }

  /** The outcome that an action already has; `null` when none or unreadable. */
  outcomeOf(actionId: string): { readonly outcome: 'ok' | 'failed' | 'unknown'; readonly summary: string } | null {
    try {
      const entry = this.journal.ofAction(actionId).findLast((each) => each.kind === 'outcome');
      if (entry === undefined) return null;
      const outcome = entry.outcome === 'ok' || entry.outcome === 'failed' ? entry.outcome : 'unknown';
      const { summary } = entry.detail;
      return { outcome, summary: typeof summary === 'string' ? summary : '' };
    } catch {
      return null;
    }
  }

  /**
   * Whether nobody saw the end of a change's own command, so that its host may tell of it yet; not where the command ended and only its
   * effect is in doubt, and not after a person's word.
   */
  endedUnseen(actionId: string): boolean {
    const end = this.outcomeOf(actionId);
    if (end === null || end.outcome !== 'unknown' || end.summary.includes('says so')) return false;
    const { commands } = this.journal.ofAction(actionId).findLast((each) => each.kind === 'outcome')?.detail ?? {};
    return Array.isArray(commands) && commands.some((command) => !exitSchema.safeParse(command).success);
  }

  /** What an interrupted change left open under a lock, in words; `null` when nothing. A running console's changes are its own business. */
  leftOpen(lock: Pick<PlannedLock, 'hostId' | 'lock'>): string | null {
    let open: readonly Entry[];
    try {
      open = this.journal.open();
    } catch {
      return null;
    }
    for (const entry of open) {
      const plan = readPlan(entry.detail['plan']);
      if (plan === null || isEntryOfRunningConsole(entry)) continue;
      if (!plan.locks.some((each) => each.hostId === lock.hostId && each.lock === lock.lock)) continue;
      return `an interrupted change of ${plan.subject} (${plan.title}, ${entry.at}) is not resolved yet: quarterdeck recover asks its host what became of it, or the lock is broken with a reason`;
    }
    return null;
  }

  /** Why a lock that an ended console left stays for now, in words; empty where it is a run's that this journal does not know. */
  whyStays(lock: PlannedLock, run: string | null): string | null {
    const state = run === null ? null : this.runState(run);
    if (state === 'unknown') return '';
    if (state?.open !== true || !state.acted) return this.leftOpen(lock);
    const ways = `go on with it (quarterdeck playbook resume ${run ?? ''}), give it up (quarterdeck playbook close ${run ?? ''} --reason TEXT)`;
    return `${state.who} left ${state.title} open on ${lockedThing(lock)} in the middle: ${ways}, or break the lock with a reason`;
  }

  /** Whether a run of a playbook is still open, and had sent a change; `unknown` where this journal does not hold it. */
  runState(run: string): RunState | 'unknown' {
    let entries: readonly Entry[];
    try {
      entries = this.journal.ofAction(run).filter((entry) => entry.kind === 'run');
    } catch {
      return 'unknown';
    }
    const last = entries.at(-1);
    if (last === undefined) return 'unknown';
    const held = heldSchema.safeParse(entries.findLast((entry) => entry.outcome === 'locks')?.detail['event']);
    return {
      open: !entries.some((entry) => entry.outcome === 'close'),
      acted: entries.some((entry) => entry.outcome === 'intent' || entry.outcome === 'undo-start'),
      who: last.who,
      title: `${last.targets[0] ?? 'a playbook'} (${run})`,
      holds: ({ hostId, lock }) => held.success && held.data.locks.some((each) => each.hostId === hostId && each.lock === lock),
    };
  }
}

/** Whether the console that wrote an entry still runs. */
export function isEntryOfRunningConsole(entry: Entry): boolean {
  const identity = readIdentity(entry.detail['console']);
  return identity !== null && isRunning(identity);
}

export function isEntryOfThisConsole(entry: Entry): boolean {
  const identity = readIdentity(entry.detail['console']);
  return identity !== null && isThisConsole(identity);
}

/** What an intent keeps: the whole plan, so that an interrupted change can be taken up again, and which console it was. */
export function intentDetail(
  plan: Plan,
  extras: {
    readonly reason: string | null;
    readonly lockTokens: Readonly<Record<string, string>>;
    readonly brokeLockOf: string | null;
    readonly approvedBy: string | null;
    readonly bulk: BulkPlace | null;
    readonly step: RunPlace | null;
  },
): Readonly<Record<string, JsonValue>> {
  return {
    title: plan.title,
    plan: planJson(plan),
    console: { ...consoleIdentity() },
    reason: extras.reason,
    lockTokens: extras.lockTokens,
    brokeLockOf: extras.brokeLockOf,
    approvedBy: extras.approvedBy,
    bulk: extras.bulk === null ? null : { ...extras.bulk },
    step: extras.step === null ? null : { ...extras.step },
  };
}

/** A plan is plain JSON by construction; this says so to the type checker by making it so. */
function planJson(plan: Plan): JsonValue {
  const value: JsonValue = JSON.parse(JSON.stringify(plan));
  return value;
}

export function resultDetail(result: ExecResult): { [key: string]: JsonValue } {
  return {
    end: result.end,
    exit: result.exit,
    ms: Math.round(result.durationMs),
    stdout: result.stdout.slice(0, keptOutput),
    stderr: result.stderr.slice(0, keptOutput),
  };
}
