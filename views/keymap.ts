import type { Console } from './console.ts';
import { move, page, toEdge, toMatch } from './movement.ts';
import { sortColumns } from './order.ts';
import { refresh } from './palette.ts';
import { disarm, offerArming, offerRestart, planRestart, showDialog } from './restart-flow.ts';
import { bandEnv, type Session } from './session.ts';
import {
  clearMarks,
  goBack,
  goForward,
  markAll,
  markRange,
  moveBy,
  openInput,
  openScreen,
  type ScreenKind,
  screenOf,
  setFilter,
  sortBy,
  toggleMark,
} from './state.ts';
import { fieldWith } from './components/text-field.ts';

export type BindingGroup = 'move' | 'open' | 'find' | 'mark and sort' | 'change' | 'console';

/** One thing a key does. Help, the footer, the documentation's table and the dispatch all read this list. */
export interface Binding {
  readonly id: string;
  /** Each a key name (`j`, `ctrl-d`) or a chord (`r n`). */
  readonly keys: readonly string[];
  /** A word for the footer. */
  readonly label: string;
  /** A sentence for help. */
  readonly description: string;
  readonly group: BindingGroup;
  readonly screens: readonly ScreenKind[];
  /** Leads to a change of the world, by way of a plan. */
  readonly dangerous: boolean;
  /** Is about the host under the cursor, which it holds from the key press on, wherever its row moves. */
  readonly aboutHost: boolean;
  /** Place in the footer; `null` keeps it out. */
  readonly footer: number | null;
  /** Why it cannot be used now, in words; `null` when it can. */
  disabled(session: Session): string | null;
  run(session: Session): void;
}

const everywhere: readonly ScreenKind[] = ['fleet', 'host', 'help', 'raw'];
const fleetOnly: readonly ScreenKind[] = ['fleet'];
const aboutHost: readonly ScreenKind[] = ['fleet', 'host', 'raw'];

const notYet = 'not available yet';
const usable = (): null => null;

interface Draft extends Pick<Binding, 'id' | 'keys' | 'label' | 'description' | 'group'> {
  readonly screens?: readonly ScreenKind[];
  readonly dangerous?: boolean;
  readonly aboutHost?: boolean;
  readonly footer?: number;
  disabled?(session: Session): string | null;
  run(session: Session): void;
}

function binding(draft: Draft): Binding {
  return { screens: everywhere, dangerous: false, aboutHost: false, disabled: usable, ...draft, footer: draft.footer ?? null };
}

/** A key of a later release: shown greyed, and pressing it says why. */
function later(id: string, key: string, label: string, description: string, group: BindingGroup, dangerous = false): Binding {
  return binding({ id, keys: [key], label, description, group, dangerous, disabled: () => notYet, run: () => {} });
}

const needsHost = (session: Session): string | null => (session.selected() === null ? 'no host is selected' : null);

function openHost(session: Session): void {
  const view = session.selected();
  if (view === null) return;
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

const moving: readonly Binding[] = [
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

const opening: readonly Binding[] = [
  binding({
    id: 'open',
    keys: ['enter'],
    label: 'open',
    description: 'Open the host; never changes anything',
    group: 'open',
    screens: fleetOnly,
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
    screens: ['fleet', 'host'],
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

const finding: readonly Binding[] = [
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
    description: 'Command line: screens, hosts, restarts, scenarios',
    group: 'find',
    footer: 12,
    run: (s) => s.update((ui) => openInput(ui, 'command')),
  }),
];

const marking: readonly Binding[] = [
  binding({
    id: 'mark',
    keys: ['space'],
    label: 'mark',
    description: 'Mark or unmark the host and go on to the next',
    group: 'mark and sort',
    screens: fleetOnly,
    aboutHost: true,
    disabled: needsHost,
    run: (s) => {
      const id = s.selected()?.host.id;
      const order = s.order();
      if (id !== undefined) s.update((ui) => moveBy(toggleMark(ui, id), order, 1));
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
    screens: fleetOnly,
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

const changing: readonly Binding[] = [
  binding({
    id: 'restart',
    keys: ['r'],
    label: 'restart',
    description: 'Restart a service of the host: first the list, then a plan, then it asks',
    group: 'change',
    screens: aboutHost,
    dangerous: true,
    footer: 3,
    aboutHost: true,
    disabled: needsHost,
    run: offerRestart,
  }),
  binding({
    id: 'arm',
    keys: ['A'],
    label: 'arm writes',
    description: 'Arm writes in this environment for 5 minutes; again locks them',
    group: 'change',
    dangerous: true,
    footer: 4,
    disabled: (s) => (s.console.readOnly ? 'this console was started read-only' : bandEnv(s) === null ? 'no environment is shown' : null),
    run: (s) => {
      const env = bandEnv(s);
      if (env === null) return;
      if (s.console.executor.armed(env).state === 'armed') disarm(s, env);
      else offerArming(s, env, null);
    },
  }),
  later('depool', 'd', 'depool', 'Take the host out of its pool', 'change', true),
  later('repool', 'D', 'repool', 'Put the host back into its pool', 'change', true),
  later('backup', 'b', 'backup', 'Start a backup', 'change', true),
  later('playbooks', 'p', 'playbooks', 'Guided procedures, the suggested ones first', 'change', true),
  later('shell', 's', 'shell', 'A shell on the host', 'change', true),
  later('acknowledge', 'a', 'ack', 'Take charge of an alert', 'change'),
  later('maintenance', 'm', 'maintenance', 'Announce maintenance', 'change', true),
  later('actions', 'x', 'actions', 'Menu of all actions', 'change', true),
  later('undo', 'z', 'undo', 'Undo the last change', 'change', true),
  later('logs', 'l', 'logs', 'Logs of the marked hosts', 'open'),
  later('command-log', '@', 'command log', 'What was run, and by whom', 'open'),
  later('wrap', 'w', 'wrap', 'Wrap long lines', 'open'),
  later('time', 't', 'time', 'Show times', 'open'),
  later('full-screen', 'f', 'full screen', 'Only the log', 'open'),
  later('copy', 'c', 'copy', 'Copy to the clipboard', 'open'),
  later('save', 'ctrl-s', 'save', 'Save or export what is shown', 'open'),
];

const housekeeping: readonly Binding[] = [
  binding({ id: 'refresh', keys: ['ctrl-r'], label: 'refresh', description: 'Ask every host now', group: 'console', run: refresh }),
  binding({
    id: 'redraw',
    keys: ['ctrl-l'],
    label: 'redraw',
    description: 'Draw the screen anew',
    group: 'console',
    run: (s) => s.redraw(),
  }),
  binding({
    id: 'scenario',
    keys: ['X'],
    label: 'break it',
    footer: 5,
    description: 'Demo only: break or mend the demo fleet',
    group: 'console',
    disabled: (s) => (s.console.scenarios === null ? 'only in the demo' : null),
    run: (s) => showDialog(s, { kind: 'scenario', cursor: 0 }),
  }),
  binding({
    id: 'cancel',
    keys: ['ctrl-c'],
    label: 'cancel',
    description: 'Cancel what is open; twice quits',
    group: 'console',
    run: () => {},
  }),
];

/** All keys of a console, in the order help shows them. The chords `r …` come from the fleet file. */
export function bindingsOf(console: Pick<Console, 'serviceKeys'>): readonly Binding[] {
  const chords = [...console.serviceKeys].map(([service, key]) =>
    binding({
      id: `restart-${service}`,
      keys: [`r ${key}`],
      label: service,
      description: `Plan a restart of ${service} on the host`,
      group: 'change',
      screens: aboutHost,
      dangerous: true,
      aboutHost: true,
      disabled: (s) => (s.selected()?.services.some((one) => one.name === service) === true ? null : `the host has no service ${service}`),
      run: (s) => {
        const view = s.selected();
        if (view !== null) void planRestart(s, { action: 'restart', hostId: view.host.id, service });
      },
    }),
  );
  return [...moving, ...opening, ...finding, ...marking, ...changing.slice(0, 1), ...chords, ...changing.slice(1), ...housekeeping];
}

/** Two bindings that want the same key on the same screen, as `key: id and id`; none in a sound keymap. A chord may begin with a bound key. */
export function conflicts(bindings: readonly Binding[]): string[] {
  const taken = new Map<string, string>();
  const found: string[] = [];
  for (const { id, keys, screens } of bindings) {
    for (const key of keys) {
      for (const screen of screens) {
        const place = `${screen} ${key}`;
        const other = taken.get(place);
        if (other !== undefined && other !== id) found.push(`${key} on ${screen}: ${other} and ${id}`);
        taken.set(place, id);
      }
    }
  }
  return found;
}

/** How a key is written for people: `<ctrl-f>`. */
export function keyLabel(key: string): string {
  return `<${key}>`;
}

/** The key table of the documentation, as Markdown. */
export function keyTable(bindings: readonly Binding[]): string {
  const rows = bindings.map(
    (one) => `| ${one.keys.map((key) => `\`${key}\``).join(' ')} | ${one.description} | ${one.screens.join(', ')} |`,
  );
  return ['| key | does | screens |', '|---|---|---|', ...rows, ''].join('\n');
}
