import { join } from 'node:path';
import type { ConfirmExtras, Plan } from '../../src/actions/plan.ts';
import { createOwingExecutor, type OwingExecutor } from '../../src/actions/owing-executor.ts';
import type { ActionRequest } from '../../src/actions/request.ts';
import type { ActionOutcome, Progress } from '../../src/actions/plan.ts';
import { openSession, type Session } from '../../src/commands/session.ts';
import type { Journal } from '../../src/journal/entry.ts';
import { openJournal } from '../../src/journal/sqlite-journal.ts';

export interface ConsoleOptions {
  readonly fleet: string;
  /** State directory of this console. */
  readonly state: string;
  readonly who?: string;
  readonly readOnly?: boolean;
  /** Polls on its own, as the screen's console does. */
  readonly continuous?: boolean;
  /** Only the hosts of these names. */
  readonly hosts?: readonly string[];
  /** Stands between the executor and its journal. */
  readonly through?: (journal: Journal) => Journal;
}

/** A console without a screen: the program's own parts over real connections. */
export interface BenchConsole {
  readonly session: Session;
  readonly journal: Journal;
  readonly executor: OwingExecutor;
  /** Plans and does one change as a person would: armed, confirmed with the word the plan asks for. */
  change(request: ActionRequest, extras?: ConfirmExtras, onProgress?: (progress: Progress) => void): Promise<ActionOutcome>;
  /** The plan, or the refusal as an outcome. */
  plan(request: ActionRequest): Promise<Plan>;
  close(): Promise<void>;
}

/** Opens it and asks every host once. */
export async function openConsole(options: ConsoleOptions): Promise<BenchConsole> {
  const global = { fleet: options.fleet, env: null, readOnly: options.readOnly === true, stateDir: options.state, color: false };
  const { hosts } = options;
  const session = await openSession(global, {
    continuous: options.continuous === true,
    ...(hosts === undefined ? {} : { only: (host) => hosts.includes(host.name) }),
  });
  const opened = openJournal(join(options.state, 'quarterdeck'), () => new Date(), { redact: session.mask });
  const journal = options.through?.(opened) ?? opened;
  await session.live.pollOnce(0);
  if (options.continuous === true) session.live.start();
  const executor = createOwingExecutor({
    world: session.live,
    journal,
    readOnly: options.readOnly === true,
    who: options.who ?? 'ann@deck',
    redact: session.mask,
  });
  return {
    session,
    journal,
    executor,
    change: async (request, extras = {}, onProgress = () => {}) => {
      const planned = await executor.plan(request);
      if (!planned.ok) return { kind: 'refused', refusal: planned.refusal };
      const { plan } = planned;
      if (executor.armed(plan.env).state === 'locked') executor.arm(plan.env);
      return executor.execute(plan, plan.confirmation.word, onProgress, extras);
    },
    plan: async (request) => {
      const planned = await executor.plan(request);
      if (!planned.ok) throw new Error(planned.refusal.message);
      return planned.plan;
    },
    close: async () => {
      journal.close();
      await session.stop();
    },
  };
}
