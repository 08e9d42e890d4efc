import type { Panel } from '../components/dialog.ts';
import { hints } from '../components/key-hints.ts';
import { drawField } from '../components/text-field.ts';
import { offersOf } from '../playbook-form.ts';
import type { FormDialog, FormField } from '../playbook-state.ts';
import type { Scene } from '../scene.ts';
import { join, type Line, line, span } from '../terminal/line.ts';
import { clip, widthOf, wrap } from '../terminal/width.ts';

/** A line a field; the one with the keys says what it is for and what it offers, a wrong one says why. */
export function formPanel(scene: Scene, dialog: FormDialog): Panel {
  const width = scene.columns - 6;
  const label = Math.min(20, Math.max(6, ...dialog.fields.map(({ input }) => widthOf(input.name)))) + 2;
  const body: Line[] = [];
  let keepVisible = 0;
  for (const [index, field] of dialog.fields.entries()) {
    const focused = index === dialog.focus && !dialog.ready;
    body.push(...fieldLines(scene, field, focused, dialog.wrong[field.input.name] ?? null, label, width));
    if (focused) keepVisible = body.length - 1;
  }
  if (dialog.fields.length === 0) body.push(line('It asks for nothing.', 'dim'));
  return {
    title: dialog.title,
    env: dialog.env,
    body,
    foot: dialog.ready ? readyFoot(dialog) : [editFoot(dialog)],
    keepVisible,
  };
}

function fieldLines(scene: Scene, form: FormField, focused: boolean, wrong: string | null, label: number, width: number): Line[] {
  const { input, field } = form;
  const hidden = input.type === 'secret';
  const shown = hidden ? '•'.repeat([...field.text].length) : field.text;
  const empty = input.optional ? '(may be left out)' : '–';
  const kind = `${input.type}${input.from === null ? '' : ` of ${input.from}`}`;
  const value: Line = focused ? drawField(field, hidden) : [span(shown === '' ? empty : shown, shown === '' ? 'dim' : 'strong')];
  const indent = ' '.repeat(label + 2);
  const help = [input.help, focused ? `(${kind}${input.optional ? ', may be left out' : ''})` : null]
    .filter((text) => text !== null)
    .join(' ');
  const offers = focused ? offersOf(scene, form) : [];
  return [
    [span(focused ? '› ' : '  ', 'accent'), span(input.name.padEnd(label), focused ? 'accent' : 'dim'), ...value],
    ...(wrong === null ? [] : wrap(`${input.name} ${wrong}`, width - label - 2).map((part): Line => [span(indent), span(part, 'crit')])),
    ...(focused && help !== '' ? wrap(help, width - label - 2).map((part): Line => [span(indent), span(part, 'dim')]) : []),
    ...(offers.length === 0 ? [] : [offerLine(offers, indent, width)]),
  ];
}

function offerLine(offers: readonly string[], indent: string, width: number): Line {
  const [first = '', ...rest] = offers;
  return [
    span(indent),
    ...join([[span(first, 'chip')], line(clip(rest.join('  '), Math.max(8, width - indent.length - first.length - 4)), 'dim')], '  '),
  ];
}

function editFoot(dialog: FormDialog): Line {
  const last = dialog.focus >= dialog.fields.length - 1;
  return hints([
    ['enter', last ? (dialog.purpose.kind === 'answer' ? 'answer' : 'check') : 'next'],
    ['tab', 'complete'],
    ['↑ ↓', 'fields'],
    ['esc', 'cancel'],
  ]);
}

function readyFoot(dialog: FormDialog): readonly Line[] {
  const what =
    dialog.purpose.kind === 'resume' ? 'Go on with it?' : 'Start it? It reads first; every change is shown before it is sent, and asks.';
  return [
    line(what, 'strong'),
    hints([
      ['y', dialog.purpose.kind === 'resume' ? 'go on' : 'start'],
      ['esc', dialog.fields.length === 0 ? 'cancel' : 'back to the fields'],
    ]),
  ];
}
