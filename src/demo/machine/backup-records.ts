import { filesOf } from './files.ts';
import type { Machine } from './machine.ts';

/** What a backup's script leaves beside its copies, one a copy (actions/backups/scripts). Times in epoch seconds. */
export interface BackupRecord {
  readonly artifact: string;
  readonly start: number;
  readonly end: number;
  readonly bytes: number | null;
  readonly own: number | null;
  readonly files: number | null;
  readonly verified: boolean;
  readonly why: string;
}

/** The records of one backup on a machine. */
export interface BackupRecords {
  /** Oldest first. */
  done: BackupRecord[];
  failed: BackupRecord | null;
  /** `line`: the last that rsync wrote. */
  running: { readonly start: number; readonly expected: number | null; line: string } | null;
}

const known = new WeakMap<Machine, Map<string, BackupRecords>>();

/** The records of the backup that copies `from` into dated trees below `to`; the first look finds those of the last nights. */
export function recordsOf(machine: Machine, slug: string, from: string, to: string): BackupRecords {
  const all = known.get(machine) ?? new Map<string, BackupRecords>();
  known.set(machine, all);
  const found = all.get(slug);
  if (found !== undefined) return found;
  const made: BackupRecords = { done: machine.spec.role === 'nfs' ? pastNights(machine, from, to) : [], failed: null, running: null };
  all.set(slug, made);
  return made;
}

const nights = 3;
const dayMs = 86_400_000;
/** The newest copy is this old when the demo begins, ms. */
const newestMs = 9.4 * 3_600_000;

function pastNights(machine: Machine, from: string, to: string): BackupRecord[] {
  const files = filesOf(machine);
  const source = files.below(from);
  const total = source.reduce((sum, { bytes }) => sum + bytes, 0);
  return Array.from({ length: nights }, (_, index) => {
    const start = Math.floor((machine.clock.now() - newestMs - (nights - 1 - index) * dayMs) / 1000);
    const artifact = stampOf(start * 1000);
    for (const { path, bytes } of source) files.add(`${to}/${artifact}/${path.slice(from.length)}`, bytes, start * 1000);
    return {
      artifact,
      start,
      end: start + 7 + index,
      bytes: total,
      own: Math.round(total * 0.4),
      files: source.length,
      verified: true,
      why: '',
    };
  });
}

/** `date -u +%Y%m%dT%H%M%SZ` */
export function stampOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}
