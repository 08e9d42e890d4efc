import type { Panel } from '../components/dialog.ts';
import { hints } from '../components/key-hints.ts';
import { drawField } from '../components/text-field.ts';
import type { Scene } from '../scene.ts';
import type { ActionsDialog, InputDialog } from '../dialog-state.ts';
import { blank, fitLine, type Line, line, plainText, span } from '../terminal/line.ts';
import { widthOf, wrap } from '../terminal/width.ts';

/** Everything that can be done to the host, what cannot be done now greyed with the reason. */
export function actionsPanel(scene: Scene, dialog: ActionsDialog): Panel {
  const { items, cursor } = dialog;
  const width = scene.columns - 6;
  const label = Math.min(40, Math.max(...items.map((item) => widthOf(item.label))));
  const rows = items.map((item, index): Line => {
    const key = (item.key === '' ? '' : `<${item.key}>`).padEnd(4);
    const row: Line =
      item.why === null
        ? [span(key, 'key'), ...fitLine([span(item.label, 'strong')], label + 2), span(item.detail, 'dim')]
        : [span(key, 'dim'), ...fitLine([span(item.label, 'dim')], label + 2), span(item.why, 'dim')];
    return index === cursor ? [span(plainText(fitLine(row, width)), 'cursor')] : row;
  });
  const why = items[cursor]?.why ?? null;
  return {
    title: dialog.title,
    env: dialog.env,
    body: rows,
    foot: [
      ...(why === null ? [] : wrap(`Not now: ${why}.`, width).map((part) => line(part, 'warn'))),
      [
        span('A plan is shown before anything happens.   ', 'dim'),
        ...hints([
          ['enter', 'choose'],
          ['esc', 'cancel'],
        ]),
      ],
    ],
    keepVisible: cursor,
  };
}

/** One input of a custom action. */
export function inputPanel(scene: Scene, dialog: InputDialog): Panel {
  const { action, index, answers, choices } = dialog;
  const width = scene.columns - 6;
  const input = action.inputs[index];
  const told = Object.entries(answers).map(([name, given]): Line => [span(`${name}  `, 'dim'), span(given === '' ? '–' : given, 'strong')]);
  const optional = input?.optional === true ? ', may be left empty' : '';
  const asks = `${input?.name ?? ''}: ${input?.help ?? input?.type ?? ''}${optional}`;
  const list = choices.map(
    (choice, at): Line => (at === dialog.cursor ? [span(plainText(fitLine(line(choice), width)), 'cursor')] : line(choice)),
  );
  return {
    title: `${action.name} on ${dialog.hostName}   ${index + 1} of ${action.inputs.length}`,
    env: dialog.env,
    body: [...told, ...(told.length === 0 ? [] : [blank]), ...wrap(asks, width).map((part) => line(part, 'strong')), ...list],
    foot: [
      ...(dialog.wrong === null ? [] : [line(dialog.wrong, 'warn')]),
      ...(choices.length > 0 ? [] : [[span(`${input?.name ?? ''}: `, 'strong'), ...drawField(dialog.field)]]),
      hints([['enter', 'next'], ...(index === 0 ? [] : ([['shift-tab', 'before']] as const)), ['esc', 'cancel']]),
    ],
    ...(choices.length > 0 ? { keepVisible: told.length + 1 + dialog.cursor } : {}),
  };
}
