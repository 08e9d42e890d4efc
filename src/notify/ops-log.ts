import { constants } from 'node:fs';
import { open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The local record of what was told, whatever becomes of mail and webhook. */
const opsLogFile = 'ops.log';
const mostBytes = 4 * 1024 * 1024;

/** Appends whole lines. Never rejects: gives why it could not, `null` when it did. One older file is kept when it has grown. */
export async function appendOpsLog(dir: string, lines: readonly string[]): Promise<string | null> {
  const path = join(dir, opsLogFile);
  try {
    const size = await stat(path).then(
      (found) => found.size,
      () => 0,
    );
    if (size > mostBytes) await rename(path, `${path}.1`);
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
    const file = await open(path, flags, 0o600);
    try {
      // One write: lines of several consoles do not mix.
      await file.appendFile(`${lines.join('\n')}\n`);
    } finally {
      await file.close();
    }
    return null;
  } catch (error) {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown reason';
    return `${path} could not be written (${code})`;
  }
}
