import type { Refusal } from '../actions/plan.ts';
import type { Library } from '../playbook/library.ts';
import type { FleetStore } from '../live/store.ts';
import { AttentionCalls } from '../../views/attention-calls.ts';
import type { Console, ScreenExecutor } from '../../views/console.ts';
import type { GlobalOptions } from './global-options.ts';
import type { ChosenFleet } from './open-fleet.ts';
import { operator } from './operator.ts';
import { version } from './version.ts';

/** The console of the first frame: it shows what the fleet file says and lets nothing be changed yet. */
export function startingConsole(store: FleetStore, prompts: Console['prompts'], options: GlobalOptions, chosen: ChosenFleet): Console {
  const fleet = 'file' in chosen ? chosen.file : null;
  return {
    store,
    prompts,
    executor: startingExecutor(options.readOnly),
    scenarios: null,
    environments: fleet?.environments ?? [],
    serviceKeys: new Map(),
    backupKeys: new Map(),
    catalogue: null,
    limits: fleet?.limits ?? null,
    staleMs: fleet?.poll.staleMs ?? 15_000,
    clock: Date.now,
    quit: () => {},
    operator: operator(),
    readOnly: options.readOnly,
    version,
    journalFailure: () => null,
    journal: {
      tail: () => [],
      save: stillStarting,
    },
    incidents: {
      list: () => [],
      desk: startingDesk,
      timeline: () => [],
      export: stillStarting,
      handoff: stillStarting,
      noteAlone: stillStarting,
    },
    approvals: {
      board: () => ({ waiting: [], ended: [], silent: [], lookedAt: null }),
      look: async () => {},
      whyNot: () => stillOpening,
      sign: async () => stillOpening,
      decline: async () => stillOpening,
    },
    routines: { list: () => [], tick: stillStarting },
    contacts: { list: [], file: null, problem: null },
    playbooks: { library: () => noneRead, reload: async () => {}, suggest: () => [], page: stillStarting, plan: stillStarting, desk: null },
    notices: () => null,
    attention: new AttentionCalls(),
    bell: fleet?.notify.bell ?? true,
    cost: () => null,
    greeting: greetingOf(chosen),
    refresh: () => {},
  };
}

const stillOpening = 'the console is still starting';

/** Written out: what reads playbooks is loaded behind the first frame. */
const noneRead: Library = { folder: null, files: [], problems: [] };

function stillStarting(): never {
  throw new Error(stillOpening);
}

const startingDesk: Console['incidents']['desk'] = {
  start: stillStarting,
  note: stillStarting,
  role: stillStarting,
  severity: stillStarting,
  decide: stillStarting,
  update: stillStarting,
  time: stillStarting,
  reopen: stillStarting,
  followUp: stillStarting,
  impact: stillStarting,
  analysis: stillStarting,
};

function greetingOf(chosen: ChosenFleet): string | null {
  if ('file' in chosen) return null;
  return chosen.said ?? 'Demo fleet: nothing here is real. X breaks it, ? lists the keys.';
}

function startingExecutor(readOnly: boolean): ScreenExecutor {
  const refusal: Refusal = { guard: 'not-available', message: 'The console is still starting; in a moment it can.' };
  return {
    plan: async () => ({ ok: false, refusal }),
    execute: async () => ({ kind: 'refused', refusal }),
    bulk: { plan: async () => ({ ok: false, refusal }), start: async () => refusal, unfinished: () => [] },
    undo: { list: () => [] },
    recovery: {
      pending: () => [],
      resolve: async () => ({ kind: 'away', why: refusal.message }),
      answer: async () => ({ kind: 'away', why: refusal.message }),
    },
    planUndo: async () => ({ ok: false, refusal }),
    touch: () => {},
    arm: () => refusal,
    disarm: () => {},
    armed: () => ({ state: readOnly ? 'read-only' : 'locked' }),
  };
}
