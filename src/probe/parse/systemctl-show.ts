/** Properties of one unit by name. systemd prints them in an order of its own. */
export type UnitProperties = ReadonlyMap<string, string>;

/** `systemctl show`: blocks apart by an empty line, `Key=value` each; other lines (errors) are passed over. */
export function parseSystemctlShow(text: string): readonly UnitProperties[] {
  const units: UnitProperties[] = [];
  for (const block of text.split(/\n{2,}/)) {
    const unit = new Map<string, string>();
    for (const line of block.split('\n')) {
      const equals = line.indexOf('=');
      if (equals > 0 && /^[A-Z]\w*$/.test(line.slice(0, equals))) unit.set(line.slice(0, equals), line.slice(equals + 1));
    }
    if (unit.has('Id')) units.push(unit);
  }
  return units;
}

/** A number property; `null` for `[not set]`, an absent one and the largest 64-bit number, which means the same. */
export function unitNumber(unit: UnitProperties, key: string): number | null {
  const text = unit.get(key);
  if (text === undefined || !/^\d{1,20}$/.test(text) || text === '18446744073709551615') return null;
  return Number(text);
}

/** The first line that is no property: why systemctl could not answer. */
export function showError(text: string): string | null {
  return text.split('\n').find((line) => line.trim() !== '' && !/^[A-Z]\w*=/.test(line)) ?? null;
}
