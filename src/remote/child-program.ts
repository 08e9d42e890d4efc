import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { ExecOptions, ExecResult } from './connection.ts';
import { ExecCapture } from './exec-capture.ts';
import { KeptShell } from './kept-shell.ts';
import { sanitizeLine } from './sanitize.ts';
import type { StartMark } from './start-mark.ts';

export interface ChildSpec {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** A child process in its own process group, with pipes. Errors of its pipes (it ended before it read) are not ours to throw. */
export function startChild(spec: ChildSpec): ChildProcessWithoutNullStreams {
  const child = spawn(spec.file, spec.args, { stdio: 'pipe', detached: true, env: spec.env });
  child.stdin.on('error', () => {});
  return child;
}

/** Ends a child and all it started in its process group. */
export function killGroup(child: ChildProcessWithoutNullStreams, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}

/**
 * Runs a child to its end and captures its output; past the deadline its whole process group is killed. Rejects with `notStarted` words.
 * @param onStart sees the child and its capture before anything has come, to watch for more than the usual.
 */
export async function runChild(
  spec: ChildSpec,
  options: ExecOptions & { readonly mark?: StartMark },
  notStarted: (why: string) => Error,
  onStart: (child: ChildProcessWithoutNullStreams, capture: ExecCapture) => void = () => {},
): Promise<ExecResult> {
  const child = startChild(spec);
  const capture = new ExecCapture(options, performance.now(), options.deadlineMs, options.mark);
  onStart(child, capture);
  const failed = Promise.withResolvers<never>();
  child.on('error', (error) => failed.reject(notStarted(sanitizeLine(error.message, 200))));
  child.stdout.on('data', capture.stdout);
  child.stderr.on('data', capture.stderr);
  child.on('exit', (code, signal) => capture.exited(code, signal));
  child.on('close', () => capture.closed());
  child.stdin.end(typeof options.stdin === 'string' ? options.stdin : options.stdin?.reveal());
  const result = await Promise.race([capture.result, failed.promise]);
  if (child.exitCode === null && child.signalCode === null) killGroup(child, 'SIGKILL');
  // What a service it started still writes is nobody's any more.
  child.stdout.destroy();
  child.stderr.destroy();
  return result;
}

/** What is left in the pipes of an ended child comes within this, ms; a process it left behind may hold them for ever. */
const drainMs = 300;

/** Calls once when a child has ended and its pipes are read out, as far as that can be waited for. */
export function onEnded(child: ChildProcessWithoutNullStreams, listener: () => void): void {
  let called = false;
  const once = (): void => {
    if (called) return;
    called = true;
    listener();
  };
  child.once('close', once);
  if (child.exitCode !== null || child.signalCode !== null) setTimeout(once, drainMs);
  else child.once('exit', () => setTimeout(once, drainMs));
}

/** A child as a kept shell. Its standard error goes to `onStderr`, or nowhere, but is always drained. */
export function childShell(child: ChildProcessWithoutNullStreams, onStderr: (chunk: Buffer) => void = () => {}): KeptShell {
  const shell = new KeptShell({
    write: (text) => child.stdin.write(text),
    close: () => {
      child.stdin.end();
      // A shell ends at end-of-file; what does not is made to.
      setTimeout(() => killGroup(child, 'SIGKILL'), 1_000).unref();
    },
  });
  child.stdout.on('data', (chunk: Buffer) => shell.received(chunk));
  child.stderr.on('data', onStderr);
  child.on('error', (error) => shell.ended(sanitizeLine(error.message, 200)));
  onEnded(child, () => shell.ended(`it ended with ${child.exitCode ?? child.signalCode}`));
  return shell;
}
