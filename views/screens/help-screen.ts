import { everywhere } from '../bindings/binding.ts';
import { keyLabel } from '../keymap.ts';
import type { Scene } from '../scene.ts';
import { blank, fitLine, type Line, line, plainText, span } from '../terminal/line.ts';
import { paint } from '../terminal/paint.ts';
import { widthOf, wrap } from '../terminal/width.ts';
import { heading } from './host-words.ts';

/** Every binding of the console in its groups, the ones that cannot be used now greyed with the reason. Enter runs the chosen one. */
export function helpScreen(scene: Scene, cursor: number, height: number): string[] {
  const { bindings, viewport, columns, theme } = scene;
  const lines: Line[] = [...aboutConsole(scene), blank];
  let chosenLine = 0;
  let group = '';
  const keysWidth = Math.min(24, Math.max(...bindings.map((one) => widthOf(one.keys.map(keyLabel).join(' ')))));
  for (const [index, one] of bindings.entries()) {
    if (one.group !== group) {
      if (group !== '') lines.push(blank);
      group = one.group;
      lines.push(heading(group));
    }
    const why = scene.reasonOf(one);
    const keys = fitLine([span(one.keys.map(keyLabel).join(' '), why === null ? 'key' : 'dim')], keysWidth);
    const where = one.screens.length >= everywhere.length - 2 ? '' : `  on ${one.screens.join(', ')}`;
    const text: Line =
      why === null
        ? [span('  '), ...keys, span(`  ${one.description}`), span(where, 'dim')]
        : [span('  '), ...keys, span(`  ${one.description}`, 'dim'), span(`: ${why}`, 'dim')];
    if (index === Math.min(cursor, bindings.length - 1)) {
      // The row under the cursor is shown whole, on as many lines as it needs.
      const [head = '', ...more] = wrap(`${one.description}${why === null ? where : `: ${why}`}`, columns - 2 - keysWidth - 4);
      lines.push([span(plainText(fitLine([span('  '), ...keys, span(`  ${head}`)], columns - 2)), 'cursor')]);
      for (const part of more) lines.push([span(plainText(fitLine([span(`${' '.repeat(keysWidth + 4)}${part}`)], columns - 2)), 'cursor')]);
      chosenLine = lines.length - 1;
    } else lines.push(text);
  }
  const maxTop = Math.max(0, lines.length - height);
  let top = Math.min(viewport.top, maxTop);
  if (chosenLine < top) top = Math.max(0, chosenLine - 2);
  if (cursor === 0) top = 0;
  if (chosenLine >= top + height) top = chosenLine - height + 1;
  viewport.top = top;
  // The cursor of help counts bindings, and that is what moves.
  viewport.maxTop = bindings.length - 1;
  viewport.bodyRows = height;
  return lines.slice(top, top + height).map((spans) => paint(theme, [span(' '), ...spans], columns));
}

function aboutConsole({ console }: Scene): Line[] {
  return [
    [span('Every key of this console. ', 'strong'), span('Enter does what the chosen row says.', 'dim')],
    line(`quarterdeck ${console.version} · ${console.operator}`, 'dim'),
  ];
}
