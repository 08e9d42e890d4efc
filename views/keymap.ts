import { type Binding, type BindingGroup, everywhere } from './bindings/binding.ts';
import { alerting } from './bindings/alerts.ts';
import { signing } from './bindings/approvals.ts';
import { acting } from './bindings/actions.ts';
import { changing, housekeeping, restartChords } from './bindings/changing.ts';
import { finding, marking, moving, opening } from './bindings/looking.ts';
import { backupChords, pooling } from './bindings/pools.ts';
import { logging } from './bindings/journal.ts';
import { telling } from './bindings/incidents.ts';
import { guiding } from './bindings/playbooks.ts';
import { walking } from './bindings/playbook-run.ts';
import { running } from './bindings/run.ts';
import type { Console } from './console.ts';

const groups: readonly BindingGroup[] = ['move', 'open', 'find', 'mark and sort', 'change', 'tell', 'console'];

/** All keys of a console, in the order help shows them. The chords `r …` and `b …` come from the fleet file. */
export function bindingsOf(console: Pick<Console, 'serviceKeys' | 'backupKeys'>): readonly Binding[] {
  const all = [
    ...moving,
    ...opening,
    ...alerting,
    ...signing,
    ...finding,
    ...marking,
    ...changing.slice(0, 1),
    ...restartChords(console.serviceKeys),
    ...pooling,
    ...backupChords(console.backupKeys),
    ...changing.slice(1),
    ...acting,
    ...guiding,
    ...running,
    ...walking,
    ...logging,
    ...telling,
    ...housekeeping,
  ];
  return groups.flatMap((group) => all.filter((one) => one.group === group));
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

const screensOf = ({ screens }: Binding): string => (screens.length === everywhere.length ? 'everywhere' : screens.join(', '));

/** The key table of the documentation, as Markdown. */
export function keyTable(bindings: readonly Binding[]): string {
  const rows = bindings.map((one) => `| ${one.keys.map((key) => `\`${key}\``).join(' ')} | ${one.description} | ${screensOf(one)} |`);
  return ['| key | does | screens |', '|---|---|---|', ...rows, ''].join('\n');
}
