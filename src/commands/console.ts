import { createExecutor } from '../actions/executor.ts';
import type { Journal } from '../journal/entry.ts';
import type { Console } from '../../views/console.ts';
import { createPromptQueue } from '../../views/prompt-queue.ts';
import { runConsole } from '../../views/terminal/run-console.tsx';
import type { GlobalOptions } from './global-options.ts';
import type { DemoChoice } from './open-fleet.ts';
import { openJournalFor } from './open-state-dir.ts';
import { version } from './program.ts';
import { operator, openSession, type Session } from './session.ts';
import { UsageError } from './usage-error.ts';

/** Opens the console and resolves when the person has quit. */
export async function openConsole(options: GlobalOptions, demo: DemoChoice | null, ascii: boolean): Promise<number> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new UsageError('the console needs a terminal on standard input and output; without one use quarterdeck status, watch or act');
  }
  const { queue, prompts } = createPromptQueue();
  const session = await openSession(options, { continuous: true, prompts, demo });
  const journal = openOrFailed(session, options);
  try {
    session.live.start();
    await runConsole(describe(session, journal, queue, options), {
      stdin: process.stdin,
      stdout: process.stdout,
      color: options.color,
      ascii,
      interactive: true,
    });
    return 0;
  } finally {
    journal.close();
    await session.stop();
  }
}

function describe(session: Session, journal: Journal, queue: Console['prompts'], options: GlobalOptions): Console {
  const { fleet, live, demo } = session;
  return {
    store: session.store,
    executor: createExecutor({ world: live, journal, readOnly: options.readOnly, who: operator() }),
    prompts: queue,
    scenarios:
      demo === null
        ? null
        : {
            list: demo.scenarios.map((scenario) => ({ name: scenario.name, text: scenario.what })),
            current: () => demo.current(),
            set: (name) => demo.setScenario(name),
          },
    environments: fleet.environments,
    serviceKeys: new Map(fleet.services.flatMap((service) => (service.key === null ? [] : [[service.name, service.key] as const]))),
    limits: fleet.limits,
    staleMs: fleet.poll.staleMs,
    clock: live.clock.wallMs,
    quit: () => {},
    operator: operator(),
    readOnly: options.readOnly,
    version,
    refresh: () => void live.refresh(),
  };
}

/** Watching goes on without a journal; every change is then refused, with the reason. */
function openOrFailed(session: Session, options: GlobalOptions): Journal {
  try {
    return openJournalFor(session.fleet, options);
  } catch (error) {
    const failure = error instanceof Error ? error.message : 'the journal could not be opened';
    return {
      append: () => {
        throw new Error(failure, { cause: error });
      },
      tail: () => [],
      ofAction: () => [],
      open: () => [],
      failure,
      close: () => {},
    };
  }
}
