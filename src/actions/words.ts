import type { ExecResult } from '../remote/connection.ts';

/** How a command ended, in words. */
export function endWords(result: ExecResult): string {
  switch (result.end) {
    case 'exit':
      return result.exit === 124 ? 'cut off at its deadline on the host' : `exit ${result.exit ?? '?'}`;
    case 'signal':
      return `killed by ${result.signal ?? 'a signal'}`;
    case 'deadline':
      return 'no end before the deadline';
    case 'lost':
      return 'the connection was lost';
    default:
      return result.end satisfies never;
  }
}

/** The first thing it said, standard error first: where `Did not start.` and sudo's refusals stand. */
export function firstLine(result: ExecResult): string {
  const text = [...result.stderr.split('\n'), ...result.stdout.split('\n')].map((line) => line.trim()).find((line) => line !== '');
  return text === undefined ? '' : `: ${text.slice(0, 200)}`;
}

/** How a command ended, after how long, and what it said first. */
export function resultWords(result: ExecResult): string {
  return `${endWords(result)} after ${Math.round(result.durationMs / 100) / 10} s${firstLine(result)}`;
}

/** What to do about a sudo that refused. */
export function remedyOf(result: ExecResult): string {
  if (!/^sudo:/m.test(result.stderr)) return '';
  return ' (the login may not run this with sudo -n: give it a NOPASSWD rule for exactly this command, or set ssh.sudo in the fleet file)';
}
