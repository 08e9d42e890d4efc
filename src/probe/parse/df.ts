import { unsigned } from './numbers.ts';

/** One line of `df -P`, in the unit that was asked for. */
export interface DfRow {
  readonly device: string;
  readonly mount: string;
  readonly total: number;
  readonly used: number;
  /** What is left to users, without the reserve of root; 0 when even that is used up. */
  readonly available: number;
}

const row = /^(\S.*?) +(\d+) +(-?\d+|-) +(-?\d+|-) +(?:\d+%|-) +(\/.*)$/;

function count(text: string | undefined): number | null {
  return text !== undefined && /^-\d+$/.test(text) ? 0 : unsigned(text);
}

/** `df -P -k` or `df -P -i`; lines that are none of its rows are passed over. @see df(1), POSIX */
export function parseDf(text: string): readonly DfRow[] {
  const rows: DfRow[] = [];
  for (const line of text.split('\n')) {
    const match = row.exec(line);
    if (match === null) continue;
    const [, device = '', totalText, usedText, availableText, mount = ''] = match;
    const total = unsigned(totalText);
    const used = count(usedText);
    const available = count(availableText);
    if (total !== null && used !== null && available !== null) rows.push({ device, mount, total, used, available });
  }
  return rows;
}
