/** Files of the `proc` part, in the order they are asked. */
export const procFiles = [
  '/proc/sys/kernel/random/boot_id',
  '/proc/uptime',
  '/proc/stat',
  '/proc/loadavg',
  '/proc/meminfo',
  '/proc/vmstat',
  '/proc/diskstats',
  '/proc/net/dev',
  '/proc/self/mountstats',
  '/proc/net/rpc/nfsd',
  '/proc/fs/nfsd/threads',
  '/proc/pressure/cpu',
  '/proc/pressure/io',
  '/proc/pressure/memory',
] as const;

/** The command whose standard input takes the collector script; `exec sh` means the same in sh, csh and fish. */
export const collectorCommand = 'exec sh';

/** A round without, and one with, the slow parts: the line that asks for it. */
export type RoundKind = 'fast' | 'slow';

export const roundLine: Readonly<Record<RoundKind, string>> = { fast: 'f\n', slow: 's\n' };

export const noncePattern = /^[0-9a-f]{16}$/;

/** One complete round, texts undecoded of hostile bytes only when they are shown: parsers take them as they came. */
export interface Round {
  readonly seq: number;
  readonly parts: ReadonlyMap<string, { readonly text: string; readonly exit: number }>;
}
