import { closeSync, constants, fsyncSync, openSync, writeFileSync } from 'node:fs';

/** Writes a new file for its owner only: nothing that is there is written over, no link is followed. Throws one plain sentence. */
export function saveReport(path: string, text: string): void {
  let file: number;
  try {
    file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  } catch (error) {
    throw new Error(`${path} ${reasonOf(error)}`, { cause: error });
  }
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } catch (error) {
    throw new Error(`${path} could not be written whole: the disk may be full`, { cause: error });
  } finally {
    closeSync(file);
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'EEXIST') return 'is there already; name another file with --out';
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'cannot be made: its folder is not there';
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'cannot be made: you may not write there';
  return 'could not be made';
}
