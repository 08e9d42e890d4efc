import type { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import type { Host } from '../fleet/host.ts';
import type { ExecOptions, ExecResult, ForwardTarget, HostConnection, ShellChannel } from './connection.ts';
import { ExecCapture } from './exec-capture.ts';
import { KeptShell, posixShell, proveShell } from './kept-shell.ts';
import { ReachError } from './reach-error.ts';
import { SessionSlots } from './session-slots.ts';
import { openTunnel } from './ssh2-forward.ts';
import type { Ssh2Link } from './ssh2-link.ts';
import { StartMark } from './start-mark.ts';

/** A host over ssh2. */
export class Ssh2Connection implements HostConnection {
  readonly transport = 'ssh2';
  readonly host: Host;
  readonly #link: Ssh2Link;
  readonly #slots: SessionSlots;
  readonly #shellMs: number;

  /** @param shellMs how long the kept shell may take to start and answer. */
  constructor(host: Host, link: Ssh2Link, shellMs: number) {
    this.host = host;
    this.#link = link;
    this.#shellMs = shellMs;
    this.#slots = new SessionSlots(link.client, link.target.name);
  }

  async shell(command: string): Promise<ShellChannel> {
    this.#demandOpen();
    let opened: ClientChannel | null = null;
    const shell = new KeptShell({
      write: (text) => opened?.write(text),
      close: () => {
        // End-of-file first: it is what ends the shell on the host, the channel's close does not.
        opened?.end();
        opened?.close();
      },
    });
    await this.#slots.open(command, this.#shellMs, (channel) => {
      opened = channel;
      let exit: number | string | null = null;
      channel.on('data', (chunk: Buffer) => shell.received(chunk));
      channel.stderr.resume();
      channel.on('error', () => {});
      channel.on('exit', (code: number | null, signal?: string) => {
        exit = code ?? signal ?? null;
      });
      channel.on('close', () => shell.ended(exit === null ? 'the connection ended' : `it ended with ${exit}`));
    });
    return command === posixShell ? proveShell(shell, this.#link.target.name, this.#shellMs) : shell;
  }

  async exec(command: string, options: ExecOptions): Promise<ExecResult> {
    this.#demandOpen();
    const startedAt = performance.now();
    const captures: ExecCapture[] = [];
    const mark = new StartMark();
    const channel = await this.#slots.open(mark.wrap(command), options.deadlineMs, (started) => {
      const capture = new ExecCapture(options, startedAt, options.deadlineMs - (performance.now() - startedAt), mark);
      started.on('data', capture.stdout);
      started.stderr.on('data', capture.stderr);
      started.on('error', () => {});
      started.on('exit', (code: number | null, signal?: string) => capture.exited(code, signal ?? null));
      started.on('close', () => capture.closed());
      captures.push(capture);
    });
    const [capture] = captures;
    if (capture === undefined) throw new ReachError('unreachable', `The command could not be sent to ${this.#link.target.name}.`, null);
    channel.end(typeof options.stdin === 'string' ? options.stdin : options.stdin?.reveal());
    const result = await capture.result;
    channel.close();
    if (result.end === 'deadline') {
      // The channel keeps its slot on the server while the command runs; nothing may queue behind it.
      this.#link.close(
        new ReachError('timeout', `A command on ${this.#link.target.name} did not end in time, so its connection was closed.`, null),
      );
    }
    return result;
  }

  async forward(to: ForwardTarget, deadlineMs: number): Promise<Duplex> {
    this.#demandOpen();
    return openTunnel(this.#link.client, to, deadlineMs);
  }

  onClosed(listener: (reason: ReachError) => void): void {
    this.#link.onClosed(listener);
  }

  get closed(): boolean {
    return this.#link.closed;
  }

  close(): void {
    this.#link.close(new ReachError('unreachable', `The connection to ${this.#link.target.name} was closed here.`, null));
  }

  traffic(): { readonly received: number; readonly sent: number } {
    return this.#link.traffic();
  }

  #demandOpen(): void {
    if (this.#link.closed) throw new ReachError('unreachable', `The connection to ${this.#link.target.name} is closed.`, null);
  }
}
