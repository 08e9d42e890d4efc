import { bindingsOf, keyTable } from '../views/keymap.ts';

/** docs/keys.md: every key, from the list that help, the footer and the dispatch read. */
export function keysPage(): string {
  // A fleet file gives its services second keys; those of the embedded fleet stand for them.
  const bindings = bindingsOf({
    serviceKeys: new Map([
      ['nginx', 'n'],
      ['pencils', 'p'],
      ['uwsgi', 'u'],
      ['haproxy', 'h'],
    ]),
    backupKeys: new Map([['tree', 't']]),
  });
  const groups = [...new Set(bindings.map((one) => one.group))];
  const now = bindings.filter((one) => one.available);
  const later = bindings.filter((one) => !one.available);
  return [
    '# Keys',
    '',
    'Made from the list of bindings that the console itself reads (`npm run docs`). `?` in the console shows the same, with the reason for every key that cannot be used just now, and Enter there runs the chosen one.',
    '',
    'Enter opens and never changes anything. No change sits on a movement key; every change shows its plan first. A dialog drops what is typed in its first 300 ms, and pasted text counts as keys nowhere.',
    '',
    ...groups.flatMap((group) => {
      const rows = now.filter((one) => one.group === group);
      return rows.length === 0 ? [] : [`## ${headings[group]}`, '', keyTable(rows)];
    }),
    '`r` and a second key restart a service without the list, `b` and a second key make a backup: the keys come from `key:` of each service and backup in the fleet file, here those of the embedded fleet.',
    '',
    '## In a dialog',
    '',
    '| key | does |',
    '|---|---|',
    '| `escape` | leaves without doing anything, always |',
    '| `enter` | in a list: chooses; on a plan: Cancel, until the word that the plan asks for is typed |',
    '| `y` | yes, where the question says so |',
    '| `w` `f` `u` | after a drain that did not end in its time: wait on, force the host out, put it back |',
    '| `A` | on a plan that cannot be done yet: arms writes after asking, and makes the plan anew |',
    '| `↓` `↑` `pagedown` `pageup` | scroll a card that is higher than its place |',
    '',
    '## In a text field',
    '',
    '`left` `right` `home` `end` `ctrl-a` `ctrl-e` `ctrl-b` `ctrl-f` move, `ctrl-u` clears to the left, `ctrl-w` takes a word, `tab` completes a command.',
    '',
    ...(later.length === 0 ? [] : ['## Kept for later releases', '', 'These say “not available yet”.', '', keyTable(later)]),
  ].join('\n');
}

const headings = {
  move: 'Moving',
  open: 'Opening and going back',
  find: 'Finding',
  'mark and sort': 'Marking and sorting',
  change: 'Changing',
  tell: 'The record: incidents, notes, routines',
  console: 'The console itself',
} as const;
