import { hostCommand, sudoPrefix, withHostDeadline } from '../remote/deadline.ts';
import type { ExecResult, HostConnection } from '../remote/connection.ts';
import { shellCommand } from '../remote/quote.ts';
import type { PlannedCommand } from './plan.ts';

/** Slack for the connection around a command's own deadline on the host, ms. */
const wireSlackMs = 10_000;

/** Runs one planned command; never rejects: a command that could not be started is `lost` with the reason in its standard error. */
export function runOnHost(connection: HostConnection, command: PlannedCommand): Promise<ExecResult> {
  return connection.exec(hostText(command), { deadlineMs: command.deadlineMs + wireSlackMs }).catch((error: unknown) => ({
    exit: null,
    signal: null,
    stdout: '',
    stderr: error instanceof Error ? error.message : 'the command could not be started',
    droppedBytes: 0,
    durationMs: 0,
    end: 'lost' as const,
  }));
}

/**
 * The text sent. A deadline can end a privileged command only from inside sudo, which a login with a rule for every command may do;
 * one with a narrow rule gets exactly the command of its rule, and the deadline ends only our side of it.
 */
export function hostText(command: PlannedCommand): string {
  const seconds = command.deadlineMs / 1000;
  const narrow = withHostDeadline(command.command, seconds);
  if (command.sudo.kind === 'no' || command.bare === command.command) return narrow;
  const mayAll = shellCommand([...sudoPrefix(command.sudo).filter((word) => word !== '--'), '-l', 'sh']);
  return `if ${mayAll} >/dev/null 2>&1 </dev/null; then ${hostCommand(command.bare, { seconds, sudo: command.sudo })}; else ${narrow}; fi`;
}

/** A result with what must not be seen masked in both its outputs. */
export function masked(result: ExecResult, redact: (text: string) => string): ExecResult {
  return { ...result, stdout: redact(result.stdout), stderr: redact(result.stderr) };
}
