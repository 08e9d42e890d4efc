import { createFleetStore } from '../live/store.ts';
import type { Console } from '../../views/console.ts';
import { createPromptQueue } from '../../views/prompt-queue.ts';
import { runConsole } from '../../views/terminal/run-console.tsx';
import type { GlobalOptions } from './global-options.ts';
import { chooseFleet, type ChosenFleet, type DemoChoice } from './open-fleet.ts';
import { startingConsole } from './starting-console.ts';
import { UsageError } from './usage-error.ts';

/** What was started ends within this time once the screen is closed, ms. */
const endsWithinMs = 3000;

/**
 * Opens the console and resolves when the person has quit. A bad fleet file is said before the terminal changes; the first frame is drawn
 * before connections, journal and the embedded fleet are loaded. Throws a UsageError, or what made the fleet fail to open.
 */
export async function openConsole(options: GlobalOptions, demo: DemoChoice | null, ascii: boolean): Promise<number> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new UsageError('the console needs a terminal on standard input and output; without one use quarterdeck status, watch or act');
  }
  if (process.env['TERM'] === 'dumb') {
    throw new UsageError(
      'the console moves the cursor, which TERM=dumb says this terminal cannot; use another, or quarterdeck status, watch or act',
    );
  }
  const chosen = await chooseFleet(options, demo);
  const { queue, prompts } = createPromptQueue();
  const store = createFleetStore({ ...nameOf(chosen), at: Date.now() });
  const shown: Console = startingConsole(store, queue, options, chosen);
  const leave = new AbortController();
  const opened = Promise.withResolvers<void>();

  const opening = opened.promise.then(async () => {
    const { openBehind } = await import('./open-behind.ts');
    return openBehind({ options, chosen, store, prompts, shown });
  });
  // The reason is thrown below, once the terminal is as it was.
  opening.catch(() => leave.abort());

  await runConsole(shown, {
    stdin: process.stdin,
    stdout: process.stdout,
    color: options.color,
    ascii,
    interactive: true,
    leave: leave.signal,
    opened: opened.resolve,
  });
  opened.resolve();
  // A connection that does not close in time must not keep a console that has been left.
  setTimeout(() => process.exit(), endsWithinMs).unref();
  const close = await opening;
  await close();
  return 0;
}

function nameOf(chosen: ChosenFleet): { fleetName: string; title: string; demo: boolean } {
  if ('file' in chosen) return { fleetName: chosen.file.name, title: chosen.file.title, demo: false };
  return { fleetName: 'demo', title: 'Demo fleet', demo: true };
}
