import type { NfsMountCounters } from './parse/mountstats.ts';

/** A mount whose client begins connections that nobody answers. Seconds of the host's own clock. */
export interface Seeking {
  readonly triedS: number;
}

/** Longer than the longest pause between two tries (300 s, xprtsock.c XS_TCP_MAX_REEST_TO): after it, nobody waits for the mount any more. */
const forgottenS = 330;

export function mountKey(mount: Pick<NfsMountCounters, 'server' | 'mount'>): string {
  return `${mount.server}\n${mount.mount}`;
}

/**
 * The mounts that seek their server. A server that is off or refuses leaves no request on its way, since none can be sent, and the tries
 * come in bursts with long pauses: what was seen in earlier rounds is kept until an answer comes.
 */
export function seekingMounts(
  before: { readonly mounts: readonly NfsMountCounters[] | null; readonly seeking: ReadonlyMap<string, Seeking> } | null,
  now: readonly NfsMountCounters[] | null,
  nowS: number | null,
): ReadonlyMap<string, Seeking> {
  const earlier = new Map((before?.mounts ?? []).map((mount) => [mountKey(mount), mount]));
  const seeking = new Map<string, Seeking>();
  for (const mount of now ?? []) {
    const key = mountKey(mount);
    const was = earlier.get(key)?.xprt;
    if (nowS === null || was == null || mount.xprt === null || mount.xprt.receives !== was.receives) continue;
    const tried = (mount.xprt.connects ?? 0) > (was.connects ?? Number.POSITIVE_INFINITY);
    const known = tried ? { triedS: nowS } : before?.seeking.get(key);
    if (known !== undefined && nowS - known.triedS <= forgottenS) seeking.set(key, known);
  }
  return seeking;
}
