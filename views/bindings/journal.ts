import { fieldWith } from '../components/text-field.ts';
import { chosenRow, copyChosen, openEntry, openJournal, saveShown } from '../journal-flow.ts';
import { filterOf, openInput, screenOf } from '../state.ts';
import { type Binding, binding, everywhere } from './binding.ts';

/** Keys of the command log. */
export const logging: readonly Binding[] = [
  binding({
    id: 'command-log',
    keys: ['@'],
    label: 'command log',
    description: 'What was run, by whom, and what came of it',
    group: 'open',
    screens: everywhere.filter((kind) => kind !== 'journal' && kind !== 'entry'),
    run: openJournal,
  }),
  binding({
    id: 'open-entry',
    keys: ['enter'],
    label: 'open',
    description: 'The line in full: plan, exact command, exit, output, evidence',
    group: 'open',
    screens: ['journal'],
    footer: 1,
    disabled: (s) => (screenOf(s.ui.getState()).kind === 'journal' && chosenRow(s) === null ? 'there is no line' : null),
    run: openEntry,
  }),
  binding({
    id: 'filter-log',
    keys: ['/'],
    label: 'filter',
    description: 'Only the lines that hold every word; !word leaves out',
    group: 'find',
    screens: ['journal'],
    footer: 10,
    run: (s) => s.update((ui) => openInput(ui, 'filter', fieldWith(filterOf(ui)))),
  }),
  binding({
    id: 'save-log',
    keys: ['ctrl-s'],
    label: 'save',
    description: 'Save what is shown, as JSON lines, under the state directory',
    group: 'open',
    screens: ['journal', 'entry'],
    footer: 4,
    run: saveShown,
  }),
  binding({
    id: 'copy-log',
    keys: ['c'],
    label: 'copy',
    description: 'The command to the terminal’s clipboard (OSC 52); of an open entry all of it',
    group: 'open',
    screens: ['journal', 'entry'],
    footer: 3,
    run: copyChosen,
  }),
];
