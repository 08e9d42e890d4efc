import type { BulkPlan, BulkRun, BulkState, UnfinishedRun } from '../../src/actions/bulk.ts';
import type { ConfirmExtras, Plan, Refusal } from '../../src/actions/plan.ts';
import type { ActionRequest } from '../../src/actions/request.ts';
import type { ScreenExecutor } from '../../views/console.ts';

/** A run that does only what the test says. */
export interface FakeRun {
  readonly plan: BulkPlan;
  readonly word: string;
  readonly extras: ConfirmExtras;
  readonly steered: ('pause' | 'resume' | 'abort')[];
  /** Changes its state, as the executor would. */
  set(change: Partial<BulkState>): void;
  item(index: number, state: BulkState['items'][number]['state'], text: string): void;
  end(change: Partial<BulkState>): void;
}

export interface FakeBulk {
  readonly bulk: ScreenExecutor['bulk'];
  readonly planned: { readonly requests: readonly ActionRequest[]; readonly continues: string | null }[];
  readonly runs: FakeRun[];
}

export interface FakeBulkSpec {
  readonly unfinished?: readonly UnfinishedRun[];
  readonly refuseStart?: Refusal;
  readonly bulk?: Partial<BulkPlan>;
}

export function fakeBulk(clock: () => number, planOf: (request: ActionRequest) => Plan, spec: FakeBulkSpec): FakeBulk {
  const planned: FakeBulk['planned'] = [];
  const runs: FakeRun[] = [];
  return {
    planned,
    runs,
    bulk: {
      async plan(requests, continues = null) {
        planned.push({ requests, continues });
        const items = requests.map(planOf);
        return { ok: true, plan: { ...bulkPlanOf(items, continues, clock(), `bulk-${planned.length}`), ...spec.bulk } };
      },
      async start(plan, word, extras, onChange) {
        if (spec.refuseStart !== undefined) return spec.refuseStart;
        const run = fakeRun(plan, word, extras, onChange);
        runs.push(run.fake);
        return run.real;
      },
      unfinished: () => spec.unfinished ?? [],
    },
  };
}

function bulkPlanOf(items: readonly Plan[], continues: string | null, at: number, id: string): BulkPlan {
  const indexes = items.map((_, index) => index);
  return {
    id,
    continues,
    title: `restart on ${items.length} hosts`,
    envs: [...new Set(items.map((item) => item.env))],
    env: items[0]?.env ?? '',
    items,
    stages: [indexes.slice(0, 1), indexes.slice(1)],
    targets: items.flatMap((item) => item.targets),
    commands: items.flatMap((item) => item.commands),
    confirmation: { kind: 'word', word: String(items.length), what: 'number of hosts' },
    reasonNeeded: null,
    approvalNeeded: null,
    hash: 'abcdef12'.repeat(8),
    healthyPolls: 2,
    stopAfter: 1,
    madeAt: at,
    expiresAt: at + 60_000,
  };
}

function fakeRun(
  plan: BulkPlan,
  word: string,
  extras: ConfirmExtras,
  onChange: (state: BulkState) => void,
): { readonly fake: FakeRun; readonly real: BulkRun } {
  const over = Promise.withResolvers<BulkState>();
  const steered: FakeRun['steered'] = [];
  let state: BulkState = {
    id: plan.id,
    title: plan.title,
    phase: 'running',
    why: null,
    items: plan.items.map((item) => ({ subject: item.subject, hostName: item.targets[0]?.name ?? '', state: 'waiting', text: '' })),
  };
  const set = (change: Partial<BulkState>): void => {
    state = { ...state, ...change };
    onChange(state);
  };
  return {
    fake: {
      plan,
      word,
      extras,
      steered,
      set,
      item: (index, itemState, text) =>
        set({ items: state.items.map((item, at) => (at === index ? { ...item, state: itemState, text } : item)) }),
      end: (change) => {
        set(change);
        over.resolve(state);
      },
    },
    real: {
      state: () => state,
      pause: () => void steered.push('pause'),
      resume: () => void steered.push('resume'),
      abort: () => void steered.push('abort'),
      done: over.promise,
    },
  };
}
