import * as z from 'zod';
import type { Debt } from '../../fleet/debt.ts';
import type { Entry, EntryKind, Journal, NewEntry } from '../../journal/entry.ts';
import type { World } from '../../live/world.ts';
import type { Refusal } from '../plan.ts';

const debtKinds = ['debt-open', 'debt-settled'] as const satisfies readonly EntryKind[];

export interface DebtsOptions {
  readonly world: World;
  readonly journal: Journal;
  readonly readOnly: boolean;
  /** `user@machine`, written under what is settled by word. */
  readonly who: string;
}

/** What is owed back, as the journal knows: nothing of it is kept anywhere else, so it outlives every console. */
export class Debts {
  readonly #options: DebtsOptions;

  constructor(options: DebtsOptions) {
    this.#options = options;
  }

  /** Of this fleet, oldest first. Empty when the journal cannot be read: then no change is made either. */
  list(): readonly Debt[] {
    try {
      return debtsIn(this.#options.journal.ofKinds(debtKinds), this.#options.world.fleet.name);
    } catch {
      return [];
    }
  }

  /** Tells the world what is owed now. */
  tell(): void {
    this.#options.world.tellDebts(this.list());
  }

  /** A person's word that a debt is no more: it was put back by other means, or the host is gone. */
  settle(id: string, reason: string): Refusal | null {
    const { journal, who, readOnly } = this.#options;
    if (readOnly) return { guard: 'read-only', message: 'started with --read-only: no change is made' };
    const debt = this.list().find((each) => each.id === id);
    if (debt === undefined) return { guard: 'empty', message: `no debt ${JSON.stringify(id)} is open` };
    if (reason.trim() === '') return { guard: 'reason', message: 'a debt is settled by word only with a reason: how do you know?' };
    try {
      journal.append(settledByWord(debt, who, reason));
    } catch (error) {
      return { guard: 'journal', message: error instanceof Error ? error.message : 'the journal cannot be written' };
    }
    this.tell();
    return null;
  }
}

/** Debts that stand after these entries, oldest first. */
export function debtsIn(entries: readonly Entry[], fleet: string): readonly Debt[] {
  const open = new Map<string, Debt>();
  for (const entry of entries) {
    const debt = entry.kind === 'debt-open' ? debtOf(entry, fleet) : null;
    if (debt !== null) open.set(debt.id, debt);
    if (entry.kind === 'debt-settled') open.delete(settledSchema.safeParse(entry.detail).data?.debt ?? '');
  }
  return [...open.values()];
}

const openSchema = z.object({
  kind: z.enum(['pool', 'maintenance', 'drain', 'step']),
  fleet: z.string(),
  what: z.string(),
  pool: z.string().nullable(),
  hostId: z.string().nullable(),
  reason: z.string().nullable(),
  remindMs: z.number().nullable(),
  saved: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});

const settledSchema = z.object({ debt: z.string() });

function debtOf(entry: Entry, fleet: string): Debt | null {
  const read = openSchema.safeParse(entry.detail);
  if (!read.success || entry.actionId === null || read.data.fleet !== fleet) return null;
  const { kind, hostId, what, pool, reason, remindMs, saved } = read.data;
  const since = Date.parse(entry.at);
  const remindAt = remindMs === null ? null : since + remindMs;
  return { id: entry.actionId, kind, hostId, what, pool, who: entry.who, reason, since, remindAt, saved };
}

function settledByWord(debt: Debt, who: string, reason: string): NewEntry {
  const detail = { debt: debt.id, why: `${who} says so: ${reason}` };
  return { kind: 'debt-settled', actionId: debt.id, who, env: null, targets: [], command: null, outcome: 'word', detail };
}

/** The debt that stands for a host in a pool. */
export function debtOn(world: World, hostId: string, pool: string): Debt | null {
  return world.debts().find((debt) => debt.kind === 'pool' && debt.hostId === hostId && debt.pool === pool) ?? null;
}
