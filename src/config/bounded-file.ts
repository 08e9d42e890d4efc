import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** A file's bytes and mode, or why it could not be read, as the end of a sentence. */
export type BoundedFile =
  | { readonly ok: true; readonly bytes: Buffer; readonly mode: number }
  | { readonly ok: false; readonly why: 'missing' | 'other'; readonly text: string };

/** Reads a regular file of at most `maxBytes`. Never waits on a pipe or a device: it is opened without blocking and refused. */
export async function readBounded(path: string, maxBytes: number): Promise<BoundedFile> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await handle.stat();
    if (stat.isDirectory()) return { ok: false, why: 'other', text: 'is a folder, not a file' };
    if (!stat.isFile()) return { ok: false, why: 'other', text: 'is not a regular file' };
    const buffer = Buffer.alloc(maxBytes + 1);
    let length = 0;
    while (length <= maxBytes) {
      const { bytesRead } = await handle.read(buffer, length, maxBytes + 1 - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    if (length > maxBytes) return { ok: false, why: 'other', text: `is larger than ${Math.floor(maxBytes / 1024)} KB` };
    return { ok: true, bytes: buffer.subarray(0, length), mode: stat.mode };
  } catch (error) {
    return failureOf(error);
  } finally {
    await handle?.close();
  }
}

const words: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EACCES: 'may not be read by you',
  EPERM: 'may not be read by you',
  EISDIR: 'is a folder, not a file',
  ELOOP: 'is a circle of links',
  ENAMETOOLONG: 'has too long a name',
  ENXIO: 'is not a regular file',
};

function failureOf(error: unknown): BoundedFile {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown reason';
  return {
    ok: false,
    why: code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'other',
    text: words[code] ?? `could not be read (${code})`,
  };
}
