import { fieldWith } from '../components/text-field.ts';
import { move, page, toEdge, toMatch } from '../movement.ts';
import { sortColumns } from '../order.ts';
import { showDialog } from '../show-dialog.ts';
import type { Session } from '../session.ts';
import {
  clearMarks,
  goBack,
  goForward,
  markAll,
  markRange,
  moveBy,
  openInput,
  openScreen,
  screenOf,
  setFilter,
  sortBy,
  toggleMark,
} from '../state.ts';
import { type Binding, binding, everywhere, fleetOnly, marked, needsHost } from './binding.ts';

function openHost(session: Session): void {
  const view = session.selected();
  if (view === null) return;
  if (screenOf(session.ui.getState()).kind !== 'fleet') {
    session.update((ui) => openScreen(ui, { kind: 'host', hostId: view.host.id, service: null, scroll: null }));
    return;
  }
  const order = session.order();
  session.update((ui) => openScreen(moveBy(ui, order, 0), { kind: 'host', hostId: view.host.id, service: null, scroll: null }));
}

/** Back; on the first screen Escape lets go of the filter, and `q` asks before it leaves. */
function back(session: Session, leave: boolean): void {
  const ui = session.ui.getState();
  if (ui.position > 0) session.update(goBack);
  else if (leave) showDialog(session, { kind: 'quit', openedAt: session.now() });
  else if (ui.filter !== '') session.update((state) => setFilter(state, ''));
  else if (ui.onlyWrong) session.update((state) => ({ ...state, onlyWrong: false }));
  else if (ui.note !== null) session.update((state) => ({ ...state, note: null }));
}

/** Keys that move. */
export const moving: readonly Binding[] = [
  binding({ id: 'down', keys: ['j', 'down'], label: 'down', description: 'One row down', group: 'move', run: (s) => move(s, 1) }),
  binding({ id: 'up', keys: ['k', 'up'], label: 'up', description: 'One row up', group: 'move', run: (s) => move(s, -1) }),
  binding({
    id: 'first',
    keys: ['g', 'home'],
    label: 'first',
    description: 'To the first row',
    group: 'move',
    run: (s) => toEdge(s, 'first'),
  }),
  binding({ id: 'last', keys: ['G', 'end'], label: 'last', description: 'To the last row', group: 'move', run: (s) => toEdge(s, 'last') }),
  binding({
    id: 'page-down',
    keys: ['ctrl-f', 'pagedown'],
    label: 'page',
    description: 'One page down',
    group: 'move',
    run: (s) => page(s, 1),
  }),
  binding({ id: 'page-up', keys: ['ctrl-b', 'pageup'], label: 'page', description: 'One page up', group: 'move', run: (s) => page(s, -1) }),
  binding({ id: 'half-down', keys: ['ctrl-d'], label: 'half', description: 'Half a page down', group: 'move', run: (s) => page(s, 0.5) }),
  binding({ id: 'half-up', keys: ['ctrl-u'], label: 'half', description: 'Half a page up', group: 'move', run: (s) => page(s, -0.5) }),
];

/** Keys that open and close screens. */
export const opening: readonly Binding[] = [
  binding({
    id: 'open',
    keys: ['enter'],
    label: 'open',
    description: 'Open the host; never changes anything',
    group: 'open',
    screens: ['fleet', 'pools', 'backups', 'alerts'],
    footer: 1,
    aboutHost: true,
    disabled: needsHost,
    run: openHost,
  }),
  binding({
    id: 'back',
    keys: ['escape'],
    label: 'back',
    description: 'Back to the screen before; on the first one, drop the filter',
    group: 'open',
    screens: everywhere,
    run: (s) => back(s, false),
  }),
  binding({
    id: 'leave',
    keys: ['q'],
    label: 'back',
    description: 'Back; on the first screen, ask whether to quit',
    group: 'open',
    footer: 2,
    run: (s) => back(s, true),
  }),
  binding({
    id: 'history-back',
    keys: ['['],
    label: 'before',
    description: 'Back in the history of screens',
    group: 'open',
    run: (s) => s.update(goBack),
  }),
  binding({
    id: 'history-forward',
    keys: [']'],
    label: 'after',
    description: 'Forward in the history of screens',
    group: 'open',
    run: (s) => s.update(goForward),
  }),
  binding({
    id: 'raw',
    keys: ['y'],
    label: 'json',
    description: 'All that is known of the host, as JSON',
    group: 'open',
    screens: ['fleet', 'host', 'pools', 'backups', 'alerts'],
    footer: 14,
    aboutHost: true,
    disabled: needsHost,
    run: (s) => {
      const view = s.selected();
      if (view !== null) s.update((ui) => openScreen(ui, { kind: 'raw', hostId: view.host.id, scroll: 0 }));
    },
  }),
  binding({
    id: 'help',
    keys: ['?'],
    label: 'help',
    description: 'Every key, and why a greyed one is greyed',
    group: 'open',
    footer: 20,
    run: (s) => {
      if (screenOf(s.ui.getState()).kind !== 'help') s.update((ui) => openScreen(ui, { kind: 'help', cursor: 0 }));
    },
  }),
];

/** Keys that look for something. */
export const finding: readonly Binding[] = [
  binding({
    id: 'filter',
    keys: ['/'],
    label: 'filter',
    description: 'Filter: text, !text leaves out, ~text fuzzy, key=value a label',
    group: 'find',
    screens: fleetOnly,
    footer: 10,
    run: (s) => s.update((ui) => openInput(ui, 'filter', fieldWith(ui.filter))),
  }),
  binding({
    id: 'next',
    keys: ['n'],
    label: 'next',
    description: 'Next match of the filter',
    group: 'find',
    screens: fleetOnly,
    run: (s) => toMatch(s, 1),
  }),
  binding({
    id: 'previous',
    keys: ['N'],
    label: 'previous',
    description: 'Match before',
    group: 'find',
    screens: fleetOnly,
    run: (s) => toMatch(s, -1),
  }),
  binding({
    id: 'only-wrong',
    keys: ['!'],
    label: 'only wrong',
    description: 'Show only what is wrong; again shows all',
    group: 'find',
    screens: fleetOnly,
    footer: 11,
    run: (s) => s.update((ui) => ({ ...ui, onlyWrong: !ui.onlyWrong })),
  }),
  binding({
    id: 'command',
    keys: [':'],
    label: 'command',
    description: 'Command line: screens (alerts, pools, backups, sources), hosts, changes, scenarios',
    group: 'find',
    footer: 12,
    run: (s) => s.update((ui) => openInput(ui, 'command')),
  }),
];

/** Keys that mark and sort rows. */
export const marking: readonly Binding[] = [
  binding({
    id: 'mark',
    keys: ['space'],
    label: 'mark',
    description: 'Mark or unmark the host and go on to the next',
    group: 'mark and sort',
    screens: marked,
    aboutHost: true,
    disabled: needsHost,
    run: (s) => {
      const id = s.selected()?.host.id;
      if (id === undefined) return;
      s.update((ui) => toggleMark(ui, id));
      move(s, 1);
    },
  }),
  binding({
    id: 'mark-range',
    keys: ['ctrl-space'],
    label: 'range',
    description: 'Mark from the last mark to here',
    group: 'mark and sort',
    screens: fleetOnly,
    run: (s) => {
      const order = s.order();
      s.update((ui) => markRange(ui, order));
    },
  }),
  binding({
    id: 'unmark',
    keys: ['ctrl-\\'],
    label: 'unmark',
    description: 'Clear all marks',
    group: 'mark and sort',
    screens: marked,
    run: (s) => s.update(clearMarks),
  }),
  binding({
    id: 'mark-all',
    keys: ['*'],
    label: 'mark all',
    description: 'Mark every host shown',
    group: 'mark and sort',
    screens: fleetOnly,
    run: (s) => {
      const order = s.order();
      s.update((ui) => markAll(ui, order));
    },
  }),
  binding({
    id: 'sort',
    keys: ['S'],
    label: 'sort',
    description: 'Sort: then a column’s letter; the same again reverses',
    group: 'mark and sort',
    screens: fleetOnly,
    footer: 13,
    run: (s) => s.update((ui) => ({ ...ui, chord: 'sort' })),
  }),
  ...sortColumns.map((column) =>
    binding({
      id: `sort-${column.id}`,
      keys: [`S ${column.letter}`],
      label: 'sort',
      description: `Sort by ${column.words}`,
      group: 'mark and sort',
      screens: fleetOnly,
      run: (s) => s.update((ui) => sortBy(ui, column.id)),
    }),
  ),
];
