import { matchCommands } from '../palette.ts';
import type { Scene } from '../scene.ts';
import { fitLine, type Line, line, plainText, span } from '../terminal/line.ts';
import { widthOf } from '../terminal/width.ts';

/** What the command line offers for what was typed, best match next to the line; at most `height` rows. */
export function paletteList(scene: Scene, height: number): Line[] {
  const { input } = scene.ui;
  if (input?.kind !== 'command') return [];
  const found = matchCommands(scene.commands(), input.field.text).slice(0, height);
  if (found.length === 0) return [line('   no such command', 'dim')];
  const width = Math.min(40, Math.max(...found.map((one) => widthOf(one.label)))) + 3;
  return found.map((one, index) => {
    const row: Line = [span('   '), ...fitLine([span(one.label, 'strong')], width), span(one.detail, 'dim')];
    return index === input.choice ? [span(plainText(fitLine(row, scene.columns)), 'cursor')] : row;
  });
}
