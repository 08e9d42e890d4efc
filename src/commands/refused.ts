import { exitCode } from './usage-error.ts';

/** Says on standard error why a command is not carried out. Returns its exit code. */
export function refused(message: string): number {
  process.stderr.write(`refused: ${message}\n`);
  return exitCode.refused;
}

/** Begins the way past a lock that is in the way. */
export const toTakeALock = 'To take the lock from its holder, which is told:';
