import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { rmSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import pLimit from 'p-limit';
import type { Host } from '../fleet/host.ts';
import { childShell, type ChildSpec, killGroup, onEnded, runChild, startChild } from './child-program.ts';
import type { ExecOptions, ExecResult, ForwardTarget, HostConnection, ShellChannel } from './connection.ts';
import { ExitMark } from './exit-mark.ts';
import { type KeptShell, posixShell, proveShell } from './kept-shell.ts';
import { destination, muxArgs } from './openssh-args.ts';
import { type MuxPlace, muxTcpStream, muxUnixStream } from './openssh-forward.ts';
import { ReachError } from './reach-error.ts';
import { StartMark } from './start-mark.ts';
import type { Target } from './target.ts';

/** MaxSessions is 10 by default; the master's own shell is one more. */
const sessionsBesideShell = 7;

/** The master of one connection: an `ssh` that runs a proven `sh` on its pipes and lets others share its login. */
export interface OpensshMaster {
  readonly child: ChildProcessWithoutNullStreams;
  readonly shell: KeptShell;
  readonly control: string;
  readonly env: NodeJS.ProcessEnv;
  readonly ssh: string;
  readonly stderr: () => string;
  /** How long a further kept shell may take to answer, ms. */
  readonly shellMs: number;
}

/**
 * A host by the user's own ssh. One process carries the login and the first `exec sh`; commands and forwards are short-lived `ssh -S`
 * beside it. Closing that first shell ends the connection, since the login lives in the same process.
 */
export class OpensshConnection implements HostConnection {
  readonly transport = 'openssh';
  readonly host: Host;
  readonly #target: Target;
  readonly #master: OpensshMaster;
  readonly #sessions = pLimit(sessionsBesideShell);
  readonly #listeners = new Set<(reason: ReachError) => void>();
  #firstShell: KeptShell | null;
  #reason: ReachError | null = null;
  #ended = false;
  #received = 0;
  #sent = 0;

  constructor(host: Host, target: Target, master: OpensshMaster) {
    this.host = host;
    this.#target = target;
    this.#master = master;
    this.#firstShell = master.shell;
    master.child.stdout.on('data', (chunk: Buffer) => {
      this.#received += chunk.length;
    });
    onEnded(master.child, () => this.#end());
  }

  async shell(command: string): Promise<ShellChannel> {
    this.#demandOpen();
    const first = this.#firstShell;
    if (command === posixShell && first !== null) {
      this.#firstShell = null;
      return first;
    }
    const child = startChild(this.#mux(command));
    child.stdout.on('data', (chunk: Buffer) => {
      this.#received += chunk.length;
    });
    const shell = childShell(child);
    return command === posixShell ? proveShell(shell, this.#target.name, this.#master.shellMs) : shell;
  }

  async exec(command: string, options: ExecOptions): Promise<ExecResult> {
    const startedAt = performance.now();
    for (;;) {
      this.#demandOpen();
      const result = await this.#sessions(() => this.#run(command, options, startedAt));
      if (result !== 'full') return { ...result, durationMs: performance.now() - startedAt };
    }
  }

  /** One command in a free session; `full` when the server allows fewer sessions at once than we thought, which is then remembered. */
  async #run(command: string, options: ExecOptions, startedAt: number): Promise<ExecResult | 'full'> {
    const name = this.#target.name;
    const leftMs = options.deadlineMs - (performance.now() - startedAt);
    if (leftMs <= 0) throw new ReachError('timeout', `No command could be started on ${name} in time. It was not sent.`, null);
    this.#demandOpen();
    const start = new StartMark();
    const mark = new ExitMark();
    let marked = false;
    const notStarted = (why: string): ReachError =>
      new ReachError('no-shell', `ssh could not be started: ${why}.`, 'Install the OpenSSH client.');
    const result = await runChild(
      this.#mux(start.wrap(mark.wrap(command))),
      { ...options, deadlineMs: leftMs, mark: start },
      notStarted,
      (child, capture) => {
        child.stderr.on('data', (chunk: Buffer) => {
          const code = mark.seen(chunk);
          if (code === null) return;
          marked = true;
          capture.exited(code, null);
        });
      },
    );
    this.#received += result.stdout.length + result.stderr.length + result.droppedBytes;
    this.#sent += command.length;
    if (result.end === 'deadline')
      this.#close(new ReachError('timeout', `A command on ${name} did not end in time, so its connection was closed.`, null));
    if (marked || result.end !== 'exit') return { ...result, stderr: mark.strip(result.stderr) };
    if (!/Session open refused by peer/.test(result.stderr)) return { ...result, exit: null, end: 'lost' };
    if (this.#sessions.activeCount > 1) {
      this.#sessions.concurrency = this.#sessions.activeCount - 1;
      return 'full';
    }
    throw new ReachError('no-shell', `${name} refuses to open another session.`, 'See MaxSessions in sshd_config there.');
  }

  async forward(to: ForwardTarget, deadlineMs: number): Promise<Duplex> {
    this.#demandOpen();
    const place: MuxPlace = {
      control: this.#master.control,
      ssh: this.#master.ssh,
      env: this.#master.env,
      destination: destination(this.#target),
    };
    return 'path' in to ? muxUnixStream(place, to.path, deadlineMs) : muxTcpStream(place, to.host, to.port, deadlineMs);
  }

  onClosed(listener: (reason: ReachError) => void): void {
    if (this.#ended) queueMicrotask(() => listener(this.#finalReason()));
    else this.#listeners.add(listener);
  }

  get closed(): boolean {
    const { exitCode, signalCode } = this.#master.child;
    return this.#ended || this.#reason !== null || exitCode !== null || signalCode !== null;
  }

  close(): void {
    this.#close(new ReachError('unreachable', `The connection to ${this.#target.name} was closed here.`, null));
  }

  /** What passed through our pipes; ssh's own overhead on the wire is not known. */
  traffic(): { readonly received: number; readonly sent: number } {
    return { received: this.#received, sent: this.#sent };
  }

  #mux(command: string): ChildSpec {
    const { ssh, control, env } = this.#master;
    return { file: ssh, args: [...muxArgs(control), '--', destination(this.#target), command], env };
  }

  #close(reason: ReachError): void {
    if (this.closed) return;
    this.#reason = reason;
    killGroup(this.#master.child, 'SIGTERM');
    setTimeout(() => killGroup(this.#master.child, 'SIGKILL'), 500).unref();
    this.#end();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    rmSync(this.#master.control, { force: true });
    const reason = this.#finalReason();
    for (const listener of this.#listeners) listener(reason);
    this.#listeners.clear();
  }

  #finalReason(): ReachError {
    if (this.#reason !== null) return this.#reason;
    if (/^Timeout, server .* not responding/m.test(this.#master.stderr())) {
      return new ReachError(
        'timeout',
        `${this.#target.name} has stopped answering on its open connection.`,
        'It hangs, or the network between is gone.',
      );
    }
    return new ReachError('unreachable', `${this.#target.name} closed the connection.`, null);
  }

  #demandOpen(): void {
    if (this.closed) throw new ReachError('unreachable', `The connection to ${this.#target.name} is closed.`, null);
  }
}
