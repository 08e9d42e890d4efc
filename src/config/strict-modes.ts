import { lstat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Why a file must not be believed, as the end of a sentence with its remedy; `null` when it may be: a regular file, no link, of this user or
 * root, in which and in whose folders nobody else may write (OpenSSH, `misc.c` safe_path). A folder for all with the sticky bit is allowed,
 * since nobody can put another file in place of ours there.
 */
export async function strictModeProblem(path: string, uid: number | undefined = process.getuid?.()): Promise<string | null> {
  const whole = resolve(path);
  for (let at = whole; ; at = dirname(at)) {
    const found = await lstat(at).catch(() => null);
    if (found === null) return 'does not exist';
    if (at === whole && !found.isFile()) return found.isSymbolicLink() ? 'is a link; name the file itself' : 'is not a regular file';
    if (uid !== undefined && found.uid !== uid && found.uid !== 0) return `lies under another user's rights (${at}); run chown on it`;
    const sticky = at !== whole && (found.mode & 0o1000) !== 0;
    if (!found.isSymbolicLink() && (found.mode & 0o022) !== 0 && !sticky) return `may be changed by others; run chmod go-w ${at}`;
    if (dirname(at) === at) return null;
  }
}
