import { decimal, words } from './numbers.ts';

export interface LoadAverage {
  readonly load1: number;
  readonly load5: number;
  readonly load15: number;
}

/** /proc/loadavg. @see proc(5) */
export function parseLoadavg(text: string): LoadAverage | null {
  const [first, second, third] = words(text.slice(0, 100));
  const load1 = decimal(first);
  const load5 = decimal(second);
  const load15 = decimal(third);
  return load1 === null || load5 === null || load15 === null ? null : { load1, load5, load15 };
}
