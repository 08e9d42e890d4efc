import type { BulkPlan } from '../../src/actions/bulk.ts';
import type { Plan } from '../../src/actions/plan.ts';
import { healthRank, type Health } from '../../src/fleet/health.ts';
import { plural } from '../format.ts';
import type { Line } from '../terminal/line.ts';
import { glyphOf } from '../theme.ts';
import { field } from './card-field.ts';
import { commandHead, scriptLines } from './command-text.ts';

/** Last changes shown on one card. */
const lastShown = 3;

/** How often each text occurs, in the order of its first place. */
function counted(texts: readonly string[]): [string, number][] {
  return [...Map.groupBy(texts, (text) => text)].map(([text, same]) => [text, same.length]);
}

const times = (amount: number, of: number): string => (amount === 1 || of === 1 ? '' : amount === of ? '  (on each)' : `  (on ${amount})`);

/** A text about one host as it would stand for any: the same said of ten hosts is one line. */
function anyHost(item: Plan, text: string): string {
  const name = item.targets[0]?.name ?? item.subject;
  return text
    .split(' ')
    .map((word) => (word === name ? 'the host' : word))
    .join(' ');
}

/** Who acts on any of the hosts in full; of the last changes only some. */
function othersOf({ items }: BulkPlan): string[] {
  const all = items.flatMap((item) => item.others.map((other) => ({ other, name: item.targets[0]?.name ?? item.subject })));
  const last = all.filter(({ other }) => other.startsWith('last change:')).map(({ other }) => other);
  const acting = all.filter(({ other }) => !other.startsWith('last change:')).map(({ other, name }) => `${name}: ${other}`);
  const more = last.length > lastShown ? [`and ${plural(last.length - lastShown, 'more host')} with a last change on record`] : [];
  return [...acting, ...last.slice(0, lastShown), ...more];
}

/** The card of a change on many hosts: which, in what order, what runs, and what stops it. */
export function bulkLines(plan: BulkPlan, width: number): Line[] {
  const { items } = plan;
  const names = items.map((item) => item.targets[0]?.name ?? item.subject);
  const commands = counted(items.flatMap((item) => item.commands.map((command) => `${command.purpose} ${commandHead(command.command)}`)));
  const warnings = counted(items.flatMap((item) => item.warnings.map((warning) => anyHost(item, warning))));
  const [first] = items;
  return [
    ...field('on', names.join(' '), width, 'strong'),
    ...field('stages', stageWords(plan, names), width),
    ...commands.flatMap(([text, amount]) => {
      const precheck = text.startsWith('precheck ');
      return field(precheck ? 'first' : 'runs', `${text.slice(text.indexOf(' ') + 1)}${times(amount, items.length)}`, width, 'accent');
    }),
    ...othersOf(plan).flatMap((text, index) => field(index === 0 ? 'also here' : '', text, width, 'warn')),
    ...warnings.flatMap(([text, amount]) => field('beware', `${glyphOf('warn')} ${text}${times(amount, items.length)}`, width, 'warn')),
    ...nowLines(plan, width),
    ...(first === undefined ? [] : field('then', first.expected, width)),
    ...(first?.proofs ?? []).flatMap((proof, index) => field(index === 0 ? 'proof' : '', `${index + 1}. ${proof.text}`, width)),
    ...field('stops', `at ${plural(plan.stopAfter, 'failure')} over the whole run; the rest is not begun and can be resumed`, width),
    ...(first === undefined ? [] : field('undo', `a host at a time: ${first.undo}`, width)),
    ...(plan.continues === null ? [] : field('goes on', `with what is left of ${plan.continues}`, width)),
    ...scriptLines(plan.commands, width),
  ];
}

function stageWords(plan: BulkPlan, names: readonly string[]): string {
  const words = plan.stages.map((stage) => stage.map((index) => names[index] ?? '?').join(' '));
  const [canary = '', ...batches] = words;
  const healthy = plan.healthyPolls > 0 ? ` (healthy for ${plural(plan.healthyPolls, 'poll')})` : '';
  if (batches.length === 0) return `${canary}, all at once${healthy}`;
  const size = plan.stages[1]?.length ?? 1;
  return `first ${canary}${healthy}, then ${plural(batches.length, 'batch', 'batches')} of ${size > 1 ? `up to ${size}` : '1'}, each the same way`;
}

/** Hosts in the same state stand together, the worst first. What else there is to say (the pool) is said for the first one begun. */
function nowLines(plan: BulkPlan, width: number): Line[] {
  const nameOf = (item: Plan): string => item.targets[0]?.name ?? item.subject;
  const states = plan.items.flatMap((item) => item.now.slice(0, 1).map((now) => ({ ...now, name: nameOf(item) })));
  const byHealth = [...Map.groupBy(states, (state) => state.health)].sort(([a], [b]) => healthRank(b) - healthRank(a));
  const more = plan.items[0]?.now.slice(1) ?? [];
  return [
    ...byHealth.flatMap(([health, some]) => field('now', nowWords(health, some), width, health)),
    ...more.flatMap(({ text, health }) => field('', `${glyphOf(health)} ${text}`, width, health)),
  ];
}

function nowWords(health: Health, some: readonly { readonly text: string; readonly name: string }[]): string {
  const [only, second] = some;
  if (only !== undefined && second === undefined) return `${glyphOf(health)} ${only.text}`;
  return `${glyphOf(health)} ${health} on ${some.length}: ${some.map(({ name }) => name).join(' ')}`;
}
