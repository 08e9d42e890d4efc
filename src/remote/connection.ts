import type { Duplex } from 'node:stream';
import type { Host } from '../fleet/host.ts';
import type { Secret } from '../fleet/secret.ts';
import type { ReachError } from './reach-error.ts';

/** What one finished remote command left. Texts are decoded and sanitized; the middle is cut beyond the cap. */
export interface ExecResult {
  /** Exit status; `null` when it was killed by a signal or the connection ended first. */
  readonly exit: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Bytes that came but were not kept. */
  readonly droppedBytes: number;
  readonly durationMs: number;
  /** `deadline`: our deadline passed and the outcome is unknown. `lost`: the connection ended first. */
  readonly end: 'exit' | 'signal' | 'deadline' | 'lost';
}

export interface ExecOptions {
  /** Hard limit here, ms; the command carries its own on the host (see `deadline.ts`). */
  readonly deadlineMs: number;
  /** Kept of each stream, half head, half tail. Default 1 MiB. */
  readonly maxBytes?: number;
  readonly stdin?: string | Secret;
}

/** A running remote program that reads what we write: the collector's `sh`. Both its outputs are always drained. */
export interface ShellChannel {
  write(text: string): void;
  /** Raw bytes of standard output; the probe's frame reader decodes and sanitizes. */
  onData(listener: (chunk: Buffer) => void): void;
  /** Called once, with the reason in words. */
  onClose(listener: (why: string) => void): void;
  close(): void;
}

/** Where a forwarded stream leads, as seen from the host. */
export type ForwardTarget = { readonly host: string; readonly port: number } | { readonly path: string };

/** One authenticated connection to a host, by ssh2, by the user's own ssh, or to this machine without SSH. */
export interface HostConnection {
  readonly host: Host;
  readonly transport: 'ssh2' | 'openssh' | 'local';
  shell(command: string): Promise<ShellChannel>;
  /** Rejects with a ReachError only when the command could not be started. */
  exec(command: string, options: ExecOptions): Promise<ExecResult>;
  /** Opens a byte stream from the host to a port or unix socket there. Rejects with a plain Error when refused. */
  forward(to: ForwardTarget, deadlineMs: number): Promise<Duplex>;
  /** Called once when the connection is gone, whoever ended it. */
  onClosed(listener: (reason: ReachError) => void): void;
  readonly closed: boolean;
  close(): void;
  /** Bytes on the wire so far. */
  traffic(): { readonly received: number; readonly sent: number };
}

export interface HostKeyQuestion {
  readonly hostName: string;
  /** As known_hosts would name it: `web1` or `[web1]:2222`. */
  readonly knownAs: string;
  readonly keyType: string;
  /** `SHA256:…` */
  readonly fingerprint: string;
  readonly file: string;
}

export interface PassphraseQuestion {
  readonly keyFile: string;
  /** Whether an earlier answer was wrong. */
  readonly again: boolean;
}

/** Questions to the person at the console. Without a terminal both answer `null`. */
export interface Prompts {
  hostKey(question: HostKeyQuestion, signal: AbortSignal): Promise<'accept' | 'reject' | null>;
  passphrase(question: PassphraseQuestion, signal: AbortSignal): Promise<Secret | null>;
}

/** Makes connections; holds what they share (agents, parsed key files, known_hosts, handshake limits, jump hosts, masters). */
export interface Connector {
  /** Rejects with a ReachError. */
  connect(host: Host, signal: AbortSignal): Promise<HostConnection>;
  close(): Promise<void>;
}

/** For when there is nobody to ask. */
export const noPrompts: Prompts = {
  hostKey: async () => null,
  passphrase: async () => null,
};
