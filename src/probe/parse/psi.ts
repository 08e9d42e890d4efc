import { decimal, lineAfter } from './numbers.ts';

/** `some avg10` of a /proc/pressure file, per cent; `null` when it is not understood. @see Documentation/accounting/psi.rst */
export function parsePressure(text: string): number | null {
  const line = lineAfter(text, 'some avg10=');
  const value = line === null ? null : decimal(line.slice(0, Math.max(0, line.indexOf(' '))));
  return value === null || value > 100 ? null : value;
}
