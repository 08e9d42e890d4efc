import { unsigned } from './numbers.ts';

/** Properties of one unit by name. systemd prints them in an order of its own. */
export type UnitProperties = ReadonlyMap<string, string>;

const propertyName = /^[A-Z]\w*$/;

/** `systemctl show`: blocks apart by an empty line, `Key=value` each; other lines (errors) are passed over. */
export function parseSystemctlShow(text: string): readonly UnitProperties[] {
  const units: UnitProperties[] = [];
  let unit = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line === '') {
      if (unit.has('Id')) units.push(unit);
      unit = new Map();
      continue;
    }
    const equals = line.indexOf('=');
    const key = equals > 0 ? line.slice(0, equals) : '';
    if (propertyName.test(key)) unit.set(key, line.slice(equals + 1));
  }
  if (unit.has('Id')) units.push(unit);
  return units;
}

/** A number property; `null` for `[not set]`, an absent one and the largest 64-bit number, which means the same. */
export function unitNumber(unit: UnitProperties, key: string): number | null {
  const text = unit.get(key);
  return text === '18446744073709551615' ? null : unsigned(text);
}

/** The first line that is no property: why systemctl could not answer. */
export function showError(text: string): string | null {
  return text.split('\n').find((line) => line.trim() !== '' && !/^[A-Z]\w*=/.test(line)) ?? null;
}
