/** Shown where nothing was measured. */
export const absent = '–';

/** `2 911`; above a million `1.2M`. */
export function count(value: number | null): string {
  if (value === null) return absent;
  if (value >= 1_000_000) return `${(value / 1_000_000).toFixed(1)}M`;
  if (value > 0 && value < 10 && !Number.isInteger(value)) return value.toFixed(1);
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ' ');
}

export function percent(value: number | null): string {
  return value === null ? absent : `${Math.round(value)}%`;
}

/** Milliseconds without the unit: `0.84`, `48.0`, `1 204`. */
export function milliseconds(value: number | null): string {
  if (value === null) return absent;
  if (value < 1) return value.toFixed(2);
  return value < 100 ? value.toFixed(1) : count(value);
}

/** `840ms`, `12s`, `3m12s`, `2h05m`, `4d03h`. */
export function duration(ms: number | null): string {
  if (ms === null) return absent;
  if (ms < 0) return '0s';
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${String(seconds % 60).padStart(2, '0')}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h${String(minutes % 60).padStart(2, '0')}m`;
  return `${Math.floor(hours / 24)}d${String(hours % 24).padStart(2, '0')}h`;
}

/** At most four columns: `9s`, `59m`, `23h`, `99d`. */
export function age(ms: number | null): string {
  if (ms === null) return absent;
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** Binary units: `1.2G`, `512M`. */
export function bytes(value: number | null): string {
  if (value === null) return absent;
  const units = ['B', 'K', 'M', 'G', 'T', 'P'];
  let amount = value;
  let unit = 0;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${amount < 10 && unit > 0 ? amount.toFixed(1) : Math.round(amount)}${units[unit] ?? ''}`;
}

/** `14:07Z` within the last day, else with the date: `03-01 14:07Z`. */
export function shortTime(at: number, now: number): string {
  const text = new Date(at).toISOString();
  return Math.abs(now - at) < 86_400_000 ? `${text.slice(11, 16)}Z` : `${text.slice(5, 16).replace('T', ' ')}Z`;
}

/** `1.2s ago`, `3m12s ago` */
export function ago(ms: number): string {
  if (ms < 10_000) return `${(Math.max(0, ms) / 1000).toFixed(1)}s ago`;
  return `${duration(ms)} ago`;
}

/** `1 host`, `3 hosts` */
export function plural(amount: number, one: string, many = `${one}s`): string {
  return `${count(amount)} ${amount === 1 ? one : many}`;
}

/** A sentence about a host where its name stands already. */
export function withoutHost(text: string, name: string | null): string {
  return name !== null && text.startsWith(`${name} `) ? text.slice(name.length + 1) : text;
}
