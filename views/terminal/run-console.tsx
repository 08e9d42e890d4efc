import { render } from 'ink';
import { App } from '../app.tsx';
import type { Console } from '../console.ts';
import { watchPlaybooks } from '../playbook-flow.ts';
import { watchRecovery } from '../recovery-flow.ts';
import { sayNotSuspended } from '../not-suspended.ts';
import { sentence } from '../show-dialog.ts';
import { AttentionBell, takesNotices } from '../../src/notify/attention-bell.ts';
import { watchAttention } from '../attention-watch.ts';
import { noteDebts } from '../debt-note.ts';
import { createSession } from '../session.ts';
import { createTheme, type Palette } from '../theme.ts';

/** The terminal the console is drawn on. */
export interface TerminalChoice {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly color: boolean;
  readonly ascii: boolean;
  readonly palette?: Palette;
  /** True draws even where Ink would think that nobody looks (CI). */
  readonly interactive: boolean;
  /** Off draws whole frames, for terminals that lose track of single lines. */
  readonly incremental?: boolean;
  /** Leaves the console when it is aborted. */
  readonly leave?: AbortSignal;
  /** Called once, when the first frame has been written. */
  opened?(): void;
}

const framesPerSecond = 30;
/** More unforeseen errors than this within a minute, and going on is worse than leaving. */
const tolerated = 20;

/**
 * Runs the console on the alternate screen until it is left, the terminal goes away, or SIGTERM or SIGHUP comes; then the terminal is as it
 * was. `console.quit` of the caller is called once at the end, whatever the cause. Only SIGKILL leaves the terminal as it is.
 */
export async function runConsole(shown: Console, terminal: TerminalChoice): Promise<void> {
  const { stdin, stdout } = terminal;
  let leave = (): void => {};
  const session = createSession(shown, {
    redraw: () => {
      stdout.write('\u001b[2J\u001b[H');
      instance.clear();
      stdout.emit('resize');
    },
    // OSC 52 (xterm's ctlseqs): base64 has no byte that could end or begin a sequence.
    copy: (text) => void stdout.write(`\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`),
    quit: () => leave(),
  });
  if (shown.greeting !== null) session.note(shown.greeting);
  const stopNoting = noteDebts(shown.store, (text) => session.note(text));
  const stopRinging = ringFor(shown, stdout);

  // A terminal that is gone answers writes with EPIPE or EIO; nothing may be thrown for it.
  const onGone = (): void => leave();
  stdout.on('error', onGone);
  stdin.on('error', onGone);
  const signals = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const;
  for (const signal of signals) process.on(signal, onGone);
  // A signal from outside stops it no more than the key does; SIGSTOP cannot be refused, and what comes after it is drawn anew.
  const onStop = (): void => sayNotSuspended(session);
  const onContinue = (): void => {
    if (stdin.isTTY) {
      stdin.setRawMode(false);
      stdin.setRawMode(true);
    }
    stdout.write('\u001b[?1049h');
    session.redraw();
  };
  process.on('SIGTSTP', onStop);
  process.on('SIGCONT', onContinue);
  const restoreConsole = quietConsole((text) => session.note(text));
  const recent: number[] = [];
  const onError = (error: unknown): void => {
    const now = performance.now();
    recent.push(now);
    while ((recent[0] ?? now) < now - 60_000) recent.shift();
    session.note(`An error in the console itself: ${sentence(error)}`, 'crit');
    if (recent.length > tolerated) leave();
  };
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);

  const theme = createTheme({
    color: terminal.color,
    ascii: terminal.ascii,
    ...(terminal.palette === undefined ? {} : { palette: terminal.palette }),
  });
  // Ink enters the alternate screen but leaves the cursor where the shell (or the echo of an early key) had it, and its first frame begins
  // there. Entering twice is harmless: the shell's cursor is kept at the first time.
  stdout.write('\u001b[?1049h\u001b[H');
  const instance = render(<App session={session} theme={theme} />, {
    stdin,
    stdout,
    alternateScreen: true,
    incrementalRendering: terminal.incremental ?? true,
    maxFps: framesPerSecond,
    exitOnCtrlC: false,
    patchConsole: false,
    interactive: terminal.interactive,
  });
  leave = () => instance.unmount();
  const stopRecovery = watchRecovery(session);
  const stopPlaybooks = watchPlaybooks(session);
  stdin.on('end', onGone);
  terminal.leave?.addEventListener('abort', onGone, { once: true });
  if (terminal.leave?.aborted === true) leave();
  // The first frame is written while Ink renders for the first time.
  setImmediate(() => terminal.opened?.());

  try {
    await instance.waitUntilExit();
  } finally {
    stopRecovery();
    stopPlaybooks();
    stdout.off('error', onGone);
    // Writes still under way may fail after the terminal is gone.
    stdout.on('error', () => {});
    stdin.off('error', onGone);
    stdin.off('end', onGone);
    terminal.leave?.removeEventListener('abort', onGone);
    for (const signal of signals) process.off(signal, onGone);
    process.off('SIGTSTP', onStop);
    process.off('SIGCONT', onContinue);
    process.off('uncaughtException', onError);
    process.off('unhandledRejection', onError);
    stopNoting();
    stopRinging();
    restoreConsole();
    shown.quit();
  }
}

/** Rings the terminal for what the person should look at: only bells and notices of our own words ever reach it by this. Returns the end. */
function ringFor(shown: Console, stdout: NodeJS.WriteStream): () => void {
  const bell = new AttentionBell({
    now: () => performance.now(),
    write: (bytes) => void stdout.write(bytes),
    bell: () => shown.bell,
    notices: takesNotices(process.env['TERM']),
  });
  const stops = [shown.attention.listen((what) => bell.attend(what)), watchAttention(shown.store, (what) => bell.attend(what))];
  return () => {
    for (const stop of stops) stop();
    bell.stop();
  };
}

/** What a library prints would push the frame down: its first line becomes a note. Returns how to undo it. */
function quietConsole(note: (text: string) => void): () => void {
  const methods = ['log', 'info', 'warn', 'error', 'debug'] as const;
  const before = methods.map((method) => globalThis.console[method]);
  for (const method of methods) globalThis.console[method] = (first: unknown) => note(sentence(first));
  return () => {
    for (const [index, method] of methods.entries()) {
      const original = before[index];
      if (original !== undefined) globalThis.console[method] = original;
    }
  };
}
