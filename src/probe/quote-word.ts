import { shq } from '../remote/quote.ts';

/**
 * One word of the collector's script, which is read by lines.
 * @throws Error when the text holds NUL or a newline: no name of a unit, container or socket does.
 */
export function quoteWord(text: string): string {
  if (text.includes('\n')) throw new Error('A name with a newline cannot be passed to a host.');
  return shq(text);
}
