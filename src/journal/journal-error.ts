/** Why the journal cannot be used. */
export type JournalFault = 'full' | 'io' | 'read-only' | 'damaged' | 'busy' | 'newer' | 'entry' | 'closed';

/** The journal did not take or give an entry; `message` is one plain sentence. */
export class JournalError extends Error {
  readonly fault: JournalFault;

  constructor(fault: JournalFault, message: string) {
    super(message);
    this.name = 'JournalError';
    this.fault = fault;
  }
}

/** Faults that pass by themselves or are the caller's: they leave the journal as it was. */
export function isPassing(fault: JournalFault): boolean {
  return fault === 'busy' || fault === 'entry';
}

/** Faults that end when somebody mends the disk, and that have written nothing: the journal may be tried again. */
export function isMendable(fault: JournalFault): boolean {
  return fault === 'full' || fault === 'read-only';
}

/** Primary result codes, https://www.sqlite.org/rescode.html */
const faultOfCode: Readonly<Record<number, JournalFault>> = {
  5: 'busy',
  6: 'busy',
  8: 'read-only',
  10: 'io',
  11: 'damaged',
  13: 'full',
  14: 'read-only',
  26: 'damaged',
};

/** Words an error of SQLite or of the file system for a person. `path` is the file that was used. */
export function journalErrorOf(error: unknown, path: string): JournalError {
  if (error instanceof JournalError) return error;
  const { errcode, code } = codesOf(error);
  const fault = (errcode === null ? undefined : faultOfCode[errcode & 0xff]) ?? faultOfSystemCode(code) ?? 'io';
  return new JournalError(fault, sentence(fault, path, error instanceof Error ? error.message : String(error)));
}

function sentence(fault: JournalFault, path: string, why: string): string {
  switch (fault) {
    case 'full':
      return `The journal ${path} cannot be written: the disk is full; make room there.`;
    case 'io':
      return `The journal ${path} cannot be written: ${why}; it stays closed until quarterdeck is started again.`;
    case 'read-only':
      return `The journal ${path} cannot be opened for writing: ${why}; make it writable.`;
    case 'damaged':
      return `The journal ${path} is damaged: ${why}; run quarterdeck journal verify, then move the file away.`;
    case 'busy':
      return `The journal ${path} is held by another quarterdeck and did not come free in time.`;
    default:
      return `The journal ${path} cannot be used: ${why}.`;
  }
}

function codesOf(error: unknown): { errcode: number | null; code: string | null } {
  if (typeof error !== 'object' || error === null) return { errcode: null, code: null };
  const errcode = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : null;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  return { errcode, code };
}

function faultOfSystemCode(code: string | null): JournalFault | null {
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'full';
  return code === 'EACCES' || code === 'EPERM' || code === 'EROFS' ? 'read-only' : null;
}
