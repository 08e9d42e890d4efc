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

/** Words of a line, separated by any blanks. A loop, for it runs over thousands of lines a second, and splitting by pattern costs five times as much. */
export function words(line: string): string[] {
  const found: string[] = [];
  let from = -1;
  for (let index = 0; index < line.length; index += 1) {
    const code = line.charCodeAt(index);
    const blank = code === 32 || (code >= 9 && code <= 13);
    if (blank && from !== -1) {
      found.push(line.slice(from, index));
      from = -1;
    } else if (!blank && from === -1) from = index;
  }
  if (from !== -1) found.push(line.slice(from));
  return found;
}

/** Numbers without sign in `text` from `from` to `end`, separated by blanks; `null` when anything else stands there. */
export function unsignedList(text: string, from: number, end: number): number[] | null {
  const numbers: number[] = [];
  let value = -1;
  for (let index = from; index < end; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 48 && code <= 57) value = (value === -1 ? 0 : value) * 10 + (code - 48);
    else if (code !== 32 && code !== 9) return null;
    else if (value !== -1) {
      numbers.push(value);
      value = -1;
    }
  }
  if (value !== -1) numbers.push(value);
  return numbers.every((number) => number < 1e20) ? numbers : null;
}
