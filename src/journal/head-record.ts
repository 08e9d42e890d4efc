import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { headFile } from './schema.ts';

/** The head of the chain as the last writer saw it: a chain cut short at its end is whole in itself, only this tells. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
}

const seqWidth = 16;

/** Repeats the newest entry's place beside the journal. Written after the commit and without fsync: it may lag, it never leads. Failures are ignored. */
export function writeHead(dir: string, head: Head): void {
  try {
    const fd = openSync(join(dir, headFile), constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    try {
      // One fixed length at one place: the disk may be full, and two writers never mix.
      writeSync(fd, `${String(head.seq).padStart(seqWidth, '0')} ${head.hash}\n`, 0);
    } finally {
      closeSync(fd);
    }
  } catch {
    // The entry itself is safe; without this record only a cut end goes unseen.
  }
}

/** The record; `none` when there is none, `unreadable` when it is not as it was written. */
export function readHead(dir: string): Head | 'none' | 'unreadable' {
  let text: string;
  try {
    text = readFileSync(join(dir, headFile), 'latin1');
  } catch {
    return 'none';
  }
  if (text === '') return 'none';
  const found = /^(\d{16}) ([0-9a-f]{64})\n$/.exec(text);
  const [, seq, hash] = found ?? [];
  return seq === undefined || hash === undefined ? 'unreadable' : { seq: Number(seq), hash };
}
