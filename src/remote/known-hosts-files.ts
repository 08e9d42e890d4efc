import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync, readSync, fstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { KnownHosts, type KnownHostLine, parseKnownHosts } from './known-hosts.ts';
import { ReachError } from './reach-error.ts';
import { sanitizeLine } from './sanitize.ts';

interface Cached {
  readonly stamp: string;
  readonly lines: readonly KnownHostLine[];
}

/** known_hosts files, read once and again only when they change on disk (the person may mend them while the console runs). */
export class KnownHostsFiles {
  readonly #builtIn: readonly KnownHostLine[];
  readonly #files = new Map<string, Cached>();
  readonly #sets = new Map<string, { readonly stamp: string; readonly set: KnownHosts }>();

  /** @param builtIn lines that count as known without any file (the embedded demo fleet). */
  constructor(builtIn: readonly string[] = []) {
    this.#builtIn = parseKnownHosts(builtIn.join('\n'), 'built in');
  }

  /**
   * The hosts of these files together. A missing file is empty.
   * @throws ReachError when a file is there but cannot be read: taking it for empty would ask for keys that are already known.
   */
  read(files: readonly string[]): KnownHosts {
    const cached = files.map((file) => this.#file(file));
    const stamp = cached.map((file) => file.stamp).join('|');
    const name = files.join('\0');
    const known = this.#sets.get(name);
    if (known !== undefined && known.stamp === stamp) return known.set;
    const set = new KnownHosts([...this.#builtIn, ...cached.flatMap((file) => file.lines)]);
    this.#sets.set(name, { stamp, set });
    return set;
  }

  #file(file: string): Cached {
    try {
      const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
      const stamp = stat === undefined ? 'missing' : `${stat.ino}:${stat.size}:${stat.mtimeNs}`;
      const cached = this.#files.get(file);
      if (cached !== undefined && cached.stamp === stamp) return cached;
      const fresh = { stamp, lines: stat === undefined ? [] : parseKnownHosts(readFileSync(file, 'utf8'), file) };
      this.#files.set(file, fresh);
      return fresh;
    } catch (error) {
      throw new ReachError(
        'host-key',
        `The known hosts file ${sanitizeLine(file)} cannot be read (${errorCode(error)}), so no host key can be checked against it.`,
        `Make ${sanitizeLine(file)} a readable file, or name another under ssh.known_hosts in the fleet file.`,
      );
    }
  }

  /** Adds an accepted key to the end of `file`, in one write so that no lock is needed; makes the file (0600) and its directory (0700). */
  append(file: string, name: string, keyType: string, key: Buffer): void {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const gap = endsInMidLine(file) ? '\n' : '';
    appendFileSync(file, `${gap}${name} ${keyType} ${key.toString('base64')}\n`, { mode: 0o600, flag: 'a' });
  }
}

function endsInMidLine(file: string): boolean {
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return false;
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const last = Buffer.alloc(1);
    return size > 0 && readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
  } finally {
    closeSync(descriptor);
  }
}

/** The system's own word for what went wrong (`EACCES`), for messages. */
function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';
}
