const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** As `systemctl show` writes a time on a machine in UTC, to the second, or with `us` to the microsecond: `Sat 2026-11-21 22:12:31 UTC`. */
export function systemdTime(at: number, style: 'pretty' | 'us' | 'unix'): string {
  if (style === 'unix') return `@${Math.floor(at / 1000)}`;
  const date = new Date(at);
  const iso = date.toISOString();
  const micro = style === 'us' ? `.${iso.slice(20, 23)}000` : '';
  return `${days[date.getUTCDay()]} ${iso.slice(0, 10)} ${iso.slice(11, 19)}${micro} UTC`;
}

/** As syslog and `journalctl` write it: `Nov 21 22:12:31`. */
export function syslogTime(at: number): string {
  const date = new Date(at);
  return `${months[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2, '0')} ${date.toISOString().slice(11, 19)}`;
}

/** As `journalctl -o short-iso` writes it: `2026-11-21T22:12:31+0000`. */
export function isoTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}+0000`;
}

/** As nginx writes it in an access log: `21/Nov/2026:22:12:31 +0000`. */
export function nginxTime(at: number): string {
  const date = new Date(at);
  return `${String(date.getUTCDate()).padStart(2, '0')}/${months[date.getUTCMonth()]}/${date.getUTCFullYear()}:${date.toISOString().slice(11, 19)} +0000`;
}
