import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Host } from '../fleet/host.ts';
import { childShell, type ChildSpec, killGroup, runChild, startChild } from './child-program.ts';
import type { ExecOptions, ExecResult, ForwardTarget, HostConnection, ShellChannel } from './connection.ts';
import { posixShell, proveShell } from './kept-shell.ts';
import { ReachError } from './reach-error.ts';
import { visibleName } from './sanitize.ts';

const shellDeadlineMs = 10_000;

/** This machine, without SSH: the same `sh`, run as a child. */
export class LocalConnection implements HostConnection {
  readonly transport = 'local';
  readonly host: Host;
  readonly #children = new Set<ChildProcessWithoutNullStreams>();
  readonly #listeners = new Set<(reason: ReachError) => void>();
  #received = 0;
  #sent = 0;
  #closed = false;

  constructor(host: Host) {
    this.host = host;
  }

  async shell(command: string): Promise<ShellChannel> {
    this.#demandOpen();
    const child = startChild(shSpec(command));
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    child.stdout.on('data', (chunk: Buffer) => {
      this.#received += chunk.length;
    });
    const shell = childShell(child);
    return command === posixShell ? proveShell(shell, visibleName(this.host.name), shellDeadlineMs) : shell;
  }

  async exec(command: string, options: ExecOptions): Promise<ExecResult> {
    this.#demandOpen();
    return runChild(
      shSpec(command),
      options,
      (why) => new ReachError('no-shell', `No shell could be started on this machine: ${why}.`, null),
    );
  }

  forward(to: ForwardTarget, deadlineMs: number): Promise<Duplex> {
    const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
    const socket = 'path' in to ? connect(to.path) : connect(to.port, to.host);
    const timer = setTimeout(() => socket.destroy(new Error('The connection was not opened in time.')), deadlineMs);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
    return promise.finally(() => clearTimeout(timer));
  }

  onClosed(listener: (reason: ReachError) => void): void {
    if (this.#closed) queueMicrotask(() => listener(closedHere()));
    else this.#listeners.add(listener);
  }

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const child of this.#children) killGroup(child, 'SIGKILL');
    for (const listener of this.#listeners) listener(closedHere());
  }

  traffic(): { readonly received: number; readonly sent: number } {
    return { received: this.#received, sent: this.#sent };
  }

  #demandOpen(): void {
    if (this.#closed) throw closedHere();
  }
}

function shSpec(command: string): ChildSpec {
  return { file: 'sh', args: ['-c', command], env: process.env };
}

function closedHere(): ReachError {
  return new ReachError('unreachable', 'The connection to this machine was closed here.', null);
}
