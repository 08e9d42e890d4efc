import { lineAfter, unsigned, unsignedList } from './numbers.ts';

/** Counters of the NFS server since it was loaded. */
export interface NfsdCounters {
  /** RPC calls; a call of version 4 is one COMPOUND of several operations. */
  readonly calls: number;
  readonly badCalls: number | null;
  readonly reads: number;
  readonly writes: number;
  readonly readBytes: number | null;
  readonly writeBytes: number | null;
  readonly threads: number | null;
}

/** Numbers after the word `key`; `null` when the line is absent or one of them is none. */
function numbersAfter(text: string, key: string): readonly number[] | null {
  const line = lineAfter(text, `${key} `);
  if (line === null) return null;
  return unsignedList(line, 0, line.length);
}

/** Values of a `proc*` line, whose first number only counts them. */
function counted(text: string, key: string): readonly number[] | null {
  const numbers = numbersAfter(text, key);
  const count = numbers?.[0];
  return numbers === null || count === undefined || numbers.length !== count + 1 ? null : numbers.slice(1);
}

/**
 * /proc/net/rpc/nfsd. Reads and writes are counted over versions 2 (READ 6, WRITE 8), 3 (READ 6, WRITE 7; RFC 1813) and 4
 * (READ 25, WRITE 38; RFC 8881; READ_PLUS 68, RFC 7862).
 * @see kernel fs/nfsd/stats.c
 */
export function parseNfsd(text: string): NfsdCounters | null {
  const calls = numbersAfter(text, 'rpc');
  const total = calls?.[0];
  if (total === undefined) return null;
  const v2 = counted(text, 'proc2');
  const v3 = counted(text, 'proc3');
  const v4 = counted(text, 'proc4ops');
  if (v2 === null && v3 === null && v4 === null) return null;
  const io = numbersAfter(text, 'io');
  const threads = unsigned(lineAfter(text, 'th ')?.split(' ', 1)[0]);
  return {
    calls: total,
    badCalls: calls?.[1] ?? null,
    reads: (v2?.[6] ?? 0) + (v3?.[6] ?? 0) + (v4?.[25] ?? 0) + (v4?.[68] ?? 0),
    writes: (v2?.[8] ?? 0) + (v3?.[7] ?? 0) + (v4?.[38] ?? 0),
    readBytes: io?.[0] ?? null,
    writeBytes: io?.[1] ?? null,
    threads,
  };
}
