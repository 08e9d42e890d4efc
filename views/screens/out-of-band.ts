import { formatClock } from '../../src/fleet/duration.ts';
import type { Contact } from '../../src/fleet/contact.ts';
import type { HostView } from '../../src/fleet/view.ts';
import { type OutOfBandCard, outOfBandCard } from '../../src/health/out-of-band.ts';
import { duration } from '../format.ts';
import { allRows, lookBack } from '../journal-flow.ts';
import type { Scene } from '../scene.ts';
import { blank, clipLine, type Line, line, span } from '../terminal/line.ts';
import { paint } from '../terminal/paint.ts';
import { glyphOf } from '../theme.ts';
import { field } from './card-field.ts';
import { heading } from './host-words.ts';

/** `FSF sysadmins · power and console · +1 … · office hours` */
export function contactWords({ name, role, phone, mail, when }: Contact): string {
  return [name, role, phone, mail, when].filter((part) => part !== null).join(' · ');
}

/** The card of a wedged host: since when, what was tried, whom to call, which console to try. Empty while it is not wedged. */
export function outOfBandLines(scene: Scene, view: HostView, width: number): Line[] {
  const { contacts } = scene.console;
  const card = outOfBandCard(view, contacts.list, scene.now);
  if (card === null) return [];
  const tried = triedSince(scene, view, card);
  return [
    heading('out of band', `wedged for ${duration(card.forMs)}`),
    ...field('why', `${card.why}. ${escalation(card)}`, width, card.escalate ? 'crit' : 'warn'),
    ...(tried.length === 0
      ? field('tried', 'nothing was recorded since', width, 'dim')
      : tried.flatMap((text, index) => field(index === 0 ? 'tried' : '', text, width))),
    ...callLines(scene, card, width),
    ...card.hints.flatMap((hint, index) => field(index === 0 ? 'console' : '', hint, width, 'accent')),
    blank,
  ];
}

function escalation({ escalate, escalateAt }: OutOfBandCard): string {
  return escalate ? `Call somebody: it was due ${formatClock(escalateAt)}.` : `Call somebody at ${formatClock(escalateAt)}.`;
}

function callLines({ console: { contacts } }: Scene, card: OutOfBandCard, width: number): Line[] {
  if (contacts.problem !== null) return field('call', contacts.problem, width, 'warn');
  if (contacts.file === null) return field('call', 'The fleet file names no contacts: file.', width, 'dim');
  if (card.contacts.length === 0) return field('call', `${contacts.file} has nobody for this host.`, width, 'dim');
  return card.contacts.flatMap((contact, index) => field(index === 0 ? 'call' : '', contactWords(contact), width, 'strong'));
}

const mostTried = 4;

/** What people did to the host since it hangs, newest first. */
function triedSince({ console, now }: Scene, view: HostView, card: OutOfBandCard): string[] {
  return allRows(console.journal.tail(lookBack))
    .filter((row) => row.at >= card.since && row.targets.split(/[\s,]+/).some((target) => target.split('/', 1)[0] === view.host.name))
    .slice(0, mostTried)
    .map((row) => `${formatClock(row.at)} ${row.what}: ${row.outcome}, ${row.who}, ${duration(now - row.at)} ago`);
}

/** One line of the alert bar for what hangs longest: `■ sunjammer wedged for 6h12m, call FSF sysadmins +1 …: why`, and how many more. */
export function wedgedLines(scene: Scene): Line[] {
  const { fleet, console, now, columns } = scene;
  const cards = fleet.hosts.flatMap((view) => outOfBandCard(view, console.contacts.list, now) ?? []);
  const [card] = cards.toSorted((a, b) => a.since - b.since);
  if (card === undefined) return [];
  const [first] = card.contacts;
  const who = first === undefined ? null : [first.name, first.phone ?? first.mail].filter((part) => part !== null).join(' ');
  const call = who === null ? 'its screen says what to do' : `call ${who}`;
  const token = card.escalate ? 'crit' : 'warn';
  const more = cards.length === 1 ? '' : ` and ${cards.length - 1} more`;
  return [
    clipLine(
      [
        span(` ${glyphOf(token)} `, token),
        span(card.hostName, 'strong'),
        span(`${more} wedged for ${duration(card.forMs)}, ${call}: ${card.why}`, token),
      ],
      columns,
    ),
  ];
}

/** Everybody of the local file, or what is wrong with it. */
export function contactsScreen(scene: Scene, scroll: number, height: number): string[] {
  const { columns, theme, viewport, console } = scene;
  const { list, file, problem } = console.contacts;
  const width = columns - 2;
  const none = file === null ? 'The fleet file names no contacts: file.' : `${file} names nobody.`;
  const lines: Line[] = [
    [span('contacts  ', 'strong'), span('of a local file: shown here, never sent or kept', 'dim')],
    ...(problem !== null
      ? field('wrong', problem, width, 'warn')
      : list.length === 0
        ? [line(none, 'dim')]
        : list.flatMap((contact) =>
            field(
              contact.for.length === 0 ? 'all' : '',
              `${contactWords(contact)}${contact.for.length === 0 ? '' : `  (for ${contact.for.join(', ')})`}`,
              width,
            ),
          )),
  ];
  viewport.maxTop = Math.max(0, lines.length - height);
  viewport.top = Math.min(scroll, viewport.maxTop);
  viewport.bodyRows = height;
  return lines.slice(viewport.top, viewport.top + height).map((spans) => paint(theme, [span(' '), ...spans], columns));
}
