import type { BackupProgress } from '../../fleet/backup.ts';
import { sanitizeLine } from '../../remote/sanitize.ts';

/** What is known of a backup under way. Times are epoch ms, already by our clock. */
export interface Underway {
  readonly startedAt: number | null;
  readonly now: number;
  /** Bytes of the last copy, `null` before the first. */
  readonly expected: number | null;
  /** Bytes of the growing file, `null` where there is none. */
  readonly bytes: number | null;
  /** The last line it wrote. */
  readonly line: string;
}

/**
 * How far a backup is. Rsync tells it itself (`--info=progress2`): `1,234,567  34%   12.34MB/s    0:01:23 (xfr#5, to-chk=10/20)`.
 * A growing dump is measured against the last one, so its share and time left are guesses and stop short of 100 %.
 */
export function progressOf(underway: Underway): BackupProgress {
  const rsync = /^\s*([\d,]+)\s+(\d{1,3})%\s+([\d.]+)([kMGT]?)B\/s\s+(\d+):(\d\d):(\d\d)/.exec(underway.line);
  if (rsync !== null) {
    const [, sent = '', pct = '', rate = '', unit = '', hours = '', minutes = '', seconds = ''] = rsync;
    // With `(xfr#` the clock at the end counts up: the transfer of that moment is over.
    const left = /\(xfr#/.test(underway.line) ? null : (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
    const bytes = Number(sent.replaceAll(',', ''));
    return {
      startedAt: underway.startedAt,
      bytes,
      pct: Math.min(100, Number(pct)),
      bytesPerS: Math.round(Number(rate) * (unitBytes[unit] ?? 1)),
      leftMs: left ?? leftOf(bytes, Number(pct), underway),
      text: sanitizeLine(underway.line, 120),
    };
  }
  const { bytes, expected, startedAt, now } = underway;
  const passed = startedAt === null ? null : Math.max(0, now - startedAt);
  const bytesPerS = bytes === null || passed === null || passed < 1000 ? null : Math.round((bytes * 1000) / passed);
  const pct = bytes === null || expected === null || expected === 0 ? null : Math.min(99, Math.floor((100 * bytes) / expected));
  const rest = bytes === null || expected === null ? null : Math.max(0, expected - bytes);
  const leftMs = rest === null || bytesPerS === null || bytesPerS === 0 ? null : Math.round((rest * 1000) / bytesPerS);
  return { startedAt, bytes, pct, bytesPerS, leftMs, text: underway.line === '' ? null : sanitizeLine(underway.line, 120) };
}

/** Rsync's units are powers of 1024 (its `human_num` with `--no-h`). */
const unitBytes: Readonly<Record<string, number>> = { '': 1, k: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

function leftOf(bytes: number, pct: number, { startedAt, now }: Underway): number | null {
  if (startedAt === null || pct <= 0 || bytes === 0) return null;
  return Math.round(((now - startedAt) * (100 - pct)) / pct);
}
