import { lockPlace } from './lock-place.ts';
import { shq } from './quote.ts';

/**
 * Locks that operators on different machines both see: a directory under the target's `/run/lock` (world-writable and sticky on
 * Linux; `/var/lock` or `/tmp` where it is missing), claimed atomically by mkdir. Age is told by the host's own clock, so that two
 * consoles with different clocks agree.
 */
export interface LockHolder {
  /** `user@machine`, with the console's pid. */
  readonly who: string;
  readonly reason: string;
  /** Random, so that only its own holder renews and releases it. */
  readonly token: string;
  /** Without a heartbeat for so long it counts as left behind, seconds. */
  readonly ttlS: number;
  /** Which process of which machine, so that a console started later there can tell that it has ended; left out where that cannot be told. */
  readonly console?: LockConsole;
  /** The run of a playbook that it belongs to. */
  readonly run?: string;
  /** What is open here: its console ended in an orderly way and left it standing, for its run to be taken up or given up. */
  readonly left?: string;
}

export interface LockConsole {
  /** Boot and process namespace. */
  readonly machine: string;
  readonly pid: number;
  readonly started: string;
}

export type LockState =
  | { readonly kind: 'free' }
  /**
   * `ageS`: since its last heartbeat. `sinceS`: since it was claimed, or left; `null` when the host does not tell. `holder` is `null` when
   * the claimer died before it could write who it is.
   */
  | { readonly kind: 'held'; readonly ageS: number; readonly sinceS: number | null; readonly holder: LockHolder | null };

/** Answer to a claim, renewal or release. `not-yours`: another token holds it now. `refused`: the directory cannot be made or removed. */
export type LockAnswer =
  /** `boot`: id of the host's boot that it was told in; `null` where the host has none. */
  | { readonly kind: 'ours'; readonly boot: string | null }
  | { readonly kind: 'not-yours'; readonly state: LockState }
  | { readonly kind: 'released' }
  | { readonly kind: 'refused' };

const namePattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,100}$/;
const tokenPattern = /^[a-f0-9]{16,64}$/;
/** A token that is nobody's. */
export const noToken = '0000000000000000';
const bootPattern = /^[A-Fa-f0-9-]{8,64}$/;

/** Shell text that names the lock and defines `mine`: whether `token` holds it. */
export function lockWords(name: string, token: string): string {
  if (!namePattern.test(name)) throw new Error(`${JSON.stringify(name)} is not a lock name`);
  if (!tokenPattern.test(token)) throw new Error('a lock token is 16 to 64 hexadecimal digits');
  return `${lockPlace}
L=$B/quarterdeck-${name}.lock
T=${token}
mine() { [ -f "$L/holder" ] && read -r q_token <"$L/holder" && [ "$q_token" = "$T" ]; }
since() { q_then=$(date -r "$1" +%s 2>/dev/null) || q_then=$(stat -c %Y "$1" 2>/dev/null) || return 1; echo $(($(date +%s) - q_then)); }
age() { q_file=$L/holder; [ -f "$q_file" ] || q_file=$L; since "$q_file"; }
tell() {
if q_age=$(age); then printf '\\n#lock held %s %s\\n' "$q_age" "$(since "$L")"; [ -f "$L/holder" ] && sed -n 2p "$L/holder"; else printf '\\n#lock free\\n'; fi
}
write() { printf '%s\\n%s\\n' "$T" "$1" >"$L/holder.$T" && mv "$L/holder.$T" "$L/holder"; }
lock_boot() { q_now=; [ -r /proc/sys/kernel/random/boot_id ] && read -r q_now </proc/sys/kernel/random/boot_id; }
ours() { lock_boot; printf '\\n#lock ours %s\\n' "$q_now"; }
`;
}

/** Shell text that claims the lock or tells who holds it. */
export function claimLock(name: string, holder: LockHolder): string {
  return `# quarterdeck lock claim ${name} ${holder.token}
${lockWords(name, holder.token)}
if mkdir "$L" 2>/dev/null; then
if write ${shq(JSON.stringify(holder))}; then ours; else rmdir "$L" 2>/dev/null; printf '\\n#lock refused\\n'; fi
elif mine; then ours
elif [ -d "$L" ]; then tell
else printf '\\n#lock refused\\n'; fi`;
}

/**
 * Shell text of a heartbeat: proves that the lock is still ours and makes it young again. A reboot empties `/run/lock`: a lock that is gone
 * in another boot than `boot`, the one in which it was ours last, was taken away by nobody, and is claimed again.
 */
export function renewLock(name: string, holder: LockHolder, boot: string | null = null): string {
  return `# quarterdeck lock renew ${name} ${holder.token}
${lockWords(name, holder.token)}
W=${shq(boot ?? '')}
rebooted() { lock_boot; [ -n "$W" ] && [ -n "$q_now" ] && [ "$W" != "$q_now" ]; }
if mine && touch "$L/holder"; then ours
elif [ ! -d "$L" ] && rebooted && mkdir "$L" 2>/dev/null && write ${shq(JSON.stringify(holder))}; then ours
else tell; fi`;
}

/** Shell text that writes anew who holds the lock, which stays the same token's. */
export function amendLock(name: string, holder: LockHolder): string {
  return `# quarterdeck lock amend ${name} ${holder.token}
${lockWords(name, holder.token)}
if mine && write ${shq(JSON.stringify(holder))}; then printf '\\n#lock ours\\n'; else tell; fi`;
}

/** Shell text that gives the lock back; another's lock is left alone. Releasing and breaking exclude each other, or one would remove the other's. */
export function releaseLock(name: string, token: string): string {
  return `# quarterdeck lock release ${name} ${token}
${lockWords(name, token)}
q_left=20
while mine && [ "$q_left" -gt 0 ] && ! mkdir "$L/breaking" 2>/dev/null; do q_left=$((q_left - 1)); sleep 0.1 2>/dev/null || sleep 1; done
if mine; then mv "$L" "$L.$T" && rm -rf "$L.$T" && printf '\\n#lock released\\n' || printf '\\n#lock refused\\n'; else tell; fi`;
}

/** Shell text that tells who holds the lock. */
export function readLock(name: string): string {
  return `# quarterdeck lock read ${name}
${lockWords(name, noToken)}tell`;
}

/**
 * Shell text that takes the lock away from the holder of `brokenToken` and claims it. Of several breakers one wins; a lock that changed
 * hands since it was read is left alone.
 */
export function breakLock(name: string, brokenToken: string, holder: LockHolder): string {
  if (!tokenPattern.test(brokenToken) && brokenToken !== '') throw new Error('a lock token is 16 to 64 hexadecimal digits');
  return `# quarterdeck lock break ${name} ${holder.token}
${lockWords(name, holder.token)}
O=${shq(brokenToken)}
theirs() { if [ -f "$L/holder" ]; then read -r q_token <"$L/holder" && [ "$q_token" = "$O" ]; else [ -z "$O" ] && [ -d "$L" ]; fi; }
q_left=20
while :; do
if mkdir "$L/breaking" 2>/dev/null; then
if theirs && mv "$L" "$L.$T"; then rm -rf "$L.$T"; else rmdir "$L/breaking" 2>/dev/null; fi
fi
if mkdir "$L" 2>/dev/null && write ${shq(JSON.stringify(holder))}; then ours; exit 0; fi
if [ "$q_left" -eq 0 ] || { [ -d "$L" ] && [ ! -d "$L/breaking" ]; }; then break; fi
q_left=$((q_left - 1))
sleep 0.1 2>/dev/null || sleep 1
done
if [ -d "$L" ]; then tell
else printf '\\n#lock refused\\n'; fi`;
}

/** Reads the answer of any text above; `null` when the connection ended before it. */
export function readLockAnswer(stdout: string): LockAnswer | null {
  const at = stdout.lastIndexOf('\n#lock ');
  if (at < 0) return null;
  const [head = '', body = ''] = stdout.slice(at + '\n#lock '.length).split('\n');
  const [word, number, since] = head.split(' ');
  switch (word) {
    case 'ours':
      return { kind: 'ours', boot: number !== undefined && bootPattern.test(number) ? number : null };
    case 'released':
      return { kind: 'released' };
    case 'refused':
      return { kind: 'refused' };
    case 'free':
      return { kind: 'not-yours', state: { kind: 'free' } };
    case 'held': {
      const ageS = Number(number);
      const sinceS = /^\d+$/.test(since ?? '') ? Number(since) : null;
      return Number.isFinite(ageS) ? { kind: 'not-yours', state: { kind: 'held', ageS, sinceS, holder: readHolder(body) } } : null;
    }
    default:
      return null;
  }
}

/** What stands in the holder file is another machine's word: every field is checked. */
function readHolder(text: string): LockHolder | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return null;
    const { who, reason, token, ttlS, console, run, left } = value as Partial<Record<keyof LockHolder, unknown>>;
    if (typeof who !== 'string' || typeof reason !== 'string' || typeof token !== 'string' || typeof ttlS !== 'number') return null;
    if (!tokenPattern.test(token) || !Number.isFinite(ttlS)) return null;
    const process = readConsole(console);
    return {
      who,
      reason,
      token,
      ttlS,
      ...(process === null ? {} : { console: process }),
      ...(typeof run === 'string' ? { run } : {}),
      ...(typeof left === 'string' ? { left } : {}),
    };
  } catch {
    return null;
  }
}

function readConsole(value: unknown): LockConsole | null {
  if (typeof value !== 'object' || value === null) return null;
  const { machine, pid, started } = value as Partial<Record<keyof LockConsole, unknown>>;
  if (typeof machine !== 'string' || typeof pid !== 'number' || typeof started !== 'string') return null;
  return Number.isSafeInteger(pid) && pid > 0 ? { machine, pid, started } : null;
}
