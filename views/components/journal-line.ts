import type { Scene } from '../scene.ts';
import { clipLine, type Line, span } from '../terminal/line.ts';
import { glyphOf } from '../theme.ts';

/** Under the header of every screen while the journal cannot be written; else nothing. */
export function journalLines({ console, columns }: Scene): Line[] {
  const failure = console.journalFailure();
  if (failure === null) return [];
  return [clipLine([span(` ${glyphOf('crit')} The journal cannot be written. Every change is refused: ${failure}`, 'crit')], columns)];
}
