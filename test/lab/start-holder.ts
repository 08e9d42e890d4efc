import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { type KnownProcess, knownProcess } from './known-process.ts';

/**
 * Starts a long-lived process of the lab. Unless `kept`, the kernel kills it when this process dies, however that happens.
 * Its words go to `logFile`, or nowhere.
 */
export function startHolder(program: string, args: readonly string[], kept: boolean, logFile: string | null): KnownProcess {
  const [command, ...rest] = kept ? [program, ...args] : ['setpriv', '--pdeathsig', 'KILL', program, ...args];
  const log = logFile === null ? 'ignore' : openSync(logFile, 'a');
  const child = spawn(command, rest, { stdio: ['ignore', log, log], detached: true });
  child.unref();
  child.once('error', () => undefined);
  if (child.pid === undefined) throw new Error(`cannot start ${command}`);
  return knownProcess(child.pid);
}
