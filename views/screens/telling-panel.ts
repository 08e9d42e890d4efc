import type { Panel } from '../components/dialog.ts';
import { hints } from '../components/key-hints.ts';
import { drawField } from '../components/text-field.ts';
import type { MarkDialog, TellingDialog } from '../incident-state.ts';
import type { Scene } from '../scene.ts';
import { fitLine, type Line, line, plainText, span } from '../terminal/line.ts';
import { widthOf, wrap } from '../terminal/width.ts';

/** A form of the record: a line a field, the one with the keys drawn with its cursor. */
export function tellingPanel(scene: Scene, dialog: TellingDialog): Panel {
  const width = scene.columns - 6;
  const label = Math.max(...dialog.fields.map((one) => widthOf(one.label))) + 2;
  const rows = dialog.fields.map((one, index): Line => {
    const here = index === dialog.focus;
    const before = span(one.label.padEnd(label), here ? 'accent' : 'dim');
    if (one.choices.length > 0)
      return [before, ...(here ? [span('‹ '), span(one.field.text, 'cursor'), span(' ›')] : [span(`  ${one.field.text}`)])];
    const optional = one.optional && one.field.text === '' && !here ? [span('may be left empty', 'dim')] : [];
    return [before, ...(here ? drawField(one.field) : [span(one.field.text), ...optional])];
  });
  const { choices } = dialog.fields[dialog.focus] ?? { choices: [] };
  const last = dialog.focus === dialog.fields.length - 1;
  return {
    title: dialog.title,
    env: null,
    body: rows,
    keepVisible: dialog.focus,
    foot: [
      ...wrap(dialog.hint, width)
        .filter((part) => part !== '')
        .map((part) => line(part, 'dim')),
      ...(dialog.wrong === null ? [] : wrap(dialog.wrong, width).map((part) => line(part, 'warn'))),
      hints(
        dialog.fields.length === 0
          ? [['esc', 'close']]
          : [
              ['enter', last ? 'write it' : 'next'],
              ...(choices.length > 0 ? ([['↓ ↑', 'choose']] as const) : []),
              ...(dialog.fields.length > 1 ? ([['tab', 'field']] as const) : []),
              ['esc', 'leave'],
            ],
      ),
    ],
  };
}

/** The lines that were in sight, to pick one from. */
export function markPanel(scene: Scene, dialog: MarkDialog): Panel {
  const width = scene.columns - 6;
  return {
    title: 'mark which line?',
    env: null,
    body: dialog.lines.map((text, index): Line => {
      const drawn = fitLine(line(text), width);
      return index === dialog.cursor ? [span(plainText(drawn), 'cursor')] : drawn;
    }),
    keepVisible: dialog.cursor,
    foot: [
      hints([
        ['enter', 'mark'],
        ['↓ ↑', 'choose'],
        ['esc', 'leave'],
      ]),
    ],
  };
}
