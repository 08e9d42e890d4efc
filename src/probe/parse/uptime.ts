import { decimal, words } from './numbers.ts';

/** /proc/uptime: seconds since boot, to 10 ms. @see proc(5) */
export function parseUptime(text: string): number | null {
  return decimal(words(text.slice(0, 100))[0]);
}

/** A boot_id file's UUID in small letters; `null` when it is not one. @see random(4) */
export function parseBootId(text: string): string | null {
  const id = text.trim().toLowerCase();
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? id : null;
}
