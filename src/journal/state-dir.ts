import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import process from 'node:process';

/** The state directory cannot be used; `message` is one plain sentence with the remedy. */
export class StateDirError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StateDirError';
  }
}

/**
 * Directory for all that the program writes: `flag` (`--state-dir`), else `$XDG_STATE_HOME/quarterdeck`, else `~/.local/state/quarterdeck`.
 * A relative XDG_STATE_HOME is ignored, as the XDG Base Directory Specification demands. Made with mode 0700 when it is not there.
 * Throws a StateDirError when it belongs to someone else or others may write in it.
 */
export function stateDir(env: Readonly<Record<string, string | undefined>>, home: string, flag: string | null): string {
  const dir = chosenDir(env, home, flag);
  try {
    makeWithParents(dir);
  } catch (error) {
    throw new StateDirError(`The state directory ${dir} cannot be made: ${reasonOf(error)}; name another with --state-dir.`);
  }
  checkDir(dir);
  return dir;
}

function chosenDir(env: Readonly<Record<string, string | undefined>>, home: string, flag: string | null): string {
  if (flag !== null) return resolve(flag);
  const xdg = env['XDG_STATE_HOME'];
  const base = xdg !== undefined && isAbsolute(xdg) ? xdg : join(home, '.local', 'state');
  return join(base, 'quarterdeck');
}

/** Not Node's own `recursive`: below /proc, where a folder is there and takes no new one, it tries for ever (Node 24.21). */
function makeWithParents(dir: string): void {
  if (existsSync(dir)) return;
  const parent = dirname(dir);
  if (parent !== dir) makeWithParents(parent);
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch (error) {
    // Another console may have made it meanwhile.
    if (!existsSync(dir)) throw error;
  }
}

function checkDir(dir: string): void {
  const found = statSync(dir);
  if (!found.isDirectory()) throw new StateDirError(`The state directory ${dir} is not a directory; name another with --state-dir.`);
  const me = process.getuid?.();
  if (me !== undefined && found.uid !== me) {
    throw new StateDirError(`The state directory ${dir} belongs to another user (uid ${found.uid}); name another with --state-dir.`);
  }
  if ((found.mode & 0o022) !== 0) {
    const mode = (found.mode & 0o777).toString(8).padStart(4, '0');
    throw new StateDirError(`Others may write in the state directory ${dir} (mode ${mode}); run chmod 700 ${dir}.`);
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EEXIST':
    case 'ENOTDIR':
      return 'a file stands in its place';
    case 'ENOSPC':
      return 'the disk is full';
    case 'EROFS':
      return 'the file system is read-only';
    case 'ENOENT':
      return 'its parent takes no new folder';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
