/** A decimal number without sign as the kernel prints it; anything else is `null`, never NaN. */
export function unsigned(text: string | undefined): number | null {
  if (text === undefined || text.length === 0 || text.length > 20) return null;
  let value = 0;
  for (let index = 0; index < text.length; index += 1) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) return null;
    value = value * 10 + digit;
  }
  return value;
}

/** A decimal with an optional fraction, as in loadavg and uptime. */
export function decimal(text: string | undefined): number | null {
  if (text === undefined || text.length > 24 || !/^\d+(\.\d+)?$/.test(text)) return null;
  return Number(text);
}

/** The text of the line that begins with `key`, without the key; `null` when there is none. */
export function lineAfter(text: string, key: string): string | null {
  const at = text.startsWith(key) ? 0 : text.indexOf(`\n${key}`) + 1;
  if (at === 0 && !text.startsWith(key)) return null;
  const end = text.indexOf('\n', at);
  return text.slice(at + key.length, end === -1 ? text.length : end);
}

/** Words of a line, separated by any blanks. */
export function words(line: string): string[] {
  const trimmed = line.trim();
  return trimmed === '' ? [] : trimmed.split(/[ \t]+/);
}
