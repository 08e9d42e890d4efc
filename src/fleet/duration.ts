/** Longest that `setTimeout` takes, ms; it fires at once above (Node, timers). */
export const longestTimerMs = 2 ** 31 - 1;

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * A length of time in ms, as short as it can be said: `800ms 1.2s 23s 3m12s 2h5m 3d 3d4h`.
 * `–` when unknown. Negative times (a clock that went back) count as zero.
 */
export function formatDuration(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return '–';
  const length = Math.max(0, Math.round(ms));
  if (length === 0) return '0s';
  if (length < second) return `${length}ms`;
  const tenths = Math.floor(length / 100) / 10;
  if (tenths < 10) return `${Number.isInteger(tenths) ? tenths.toFixed(0) : tenths.toFixed(1)}s`;
  if (length < minute) return `${Math.floor(length / second)}s`;
  if (length < hour) return twoUnits(length, minute, 'm', second, 's');
  if (length < day) return twoUnits(length, hour, 'h', minute, 'm');
  return twoUnits(length, day, 'd', hour, 'h');
}

function twoUnits(length: number, big: number, bigName: string, small: number, smallName: string): string {
  const rest = Math.floor((length % big) / small);
  return `${Math.floor(length / big)}${bigName}${rest === 0 ? '' : `${rest}${smallName}`}`;
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Bytes in powers of 1000 (IEC 80000-13), three digits: `512 B`, `1.21 MB`, `97.3 GB`. `–` when unknown. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null || !Number.isFinite(bytes)) return '–';
  let value = Math.abs(bytes);
  let step = 0;
  while (value >= 999.5 && step < byteUnits.length - 1) {
    value /= 1000;
    step += 1;
  }
  const digits = step === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${bytes < 0 ? '-' : ''}${value.toFixed(digits)} ${byteUnits[step] ?? 'PB'}`;
}

/** A count, rounded, with a plain space between thousands: `2 911`. `–` when unknown. */
export function formatCount(count: number | null): string {
  if (count === null || !Number.isFinite(count)) return '–';
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** A measured number for a sentence: whole from ten on, one digit below: `48`, `3.2`, `0`. */
export function formatNumber(value: number): string {
  const rounded = Math.abs(value) >= 10 ? Math.round(value) : Math.round(value * 10) / 10;
  return String(rounded === 0 ? 0 : rounded);
}

/** Time of day in UTC of epoch ms: `14:07:31Z`. */
export function formatClock(at: number): string {
  return `${new Date(at).toISOString().slice(11, 19)}Z`;
}

/** Day and minute in UTC, of epoch ms or of ISO 8601 UTC: `2026-11-22 14:07`. */
export function formatMinute(at: number | string): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ');
}
