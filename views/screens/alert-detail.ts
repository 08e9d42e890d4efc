import { formatClock } from '../../src/fleet/duration.ts';
import type { Alert } from '../../src/fleet/alert.ts';
import { signedWords } from '../../src/fleet/debt.ts';
import { serverName } from '../../src/health/server-host.ts';
import type { AlertEpisode } from '../../src/journal/alert-episodes.ts';
import type { AlertRow } from '../alert-rows.ts';
import { reminderWords } from '../debt-words.ts';
import { duration, plural, shortTime, withoutHost } from '../format.ts';
import { isOpen } from '../incident-state.ts';
import { keyLabel } from '../keymap.ts';
import type { Scene } from '../scene.ts';
import { blank, clipLine, type Line, lineWidth, span } from '../terminal/line.ts';
import { clip, clipMiddle, widthOf, wrap } from '../terminal/width.ts';
import { glyphOf, type Token } from '../theme.ts';

interface Room {
  /** So many of what it explains are named. */
  readonly children: number;
  /** Beside the list: everything, with a title. Below its line: what the line does not say. */
  readonly whole: boolean;
  /** Columns of what is wrong that the line has already. */
  readonly said: number;
}

/** Links of a chain that are told. */
const mostLinks = 3;
const mostNamed = 5;

/** Its host, or what it is about where that is no host. */
export function hostWord({ id, hostName, labels }: Alert): string {
  if (hostName !== null) return hostName;
  if (labels['role'] !== undefined) return `role ${labels['role']}`;
  if (labels['server'] !== undefined) return serverName(labels['server']);
  return id.endsWith('@here') ? 'here' : 'fleet';
}

/** The same of one that ended: the record keeps no labels, and without a host its id names what it is about. */
export function endedPlace({ host, id }: AlertEpisode): string {
  return host ?? (id.slice(id.indexOf('@') + 1) || 'fleet');
}

/** All that is known of one line of the list, none wider than `width`. */
export function alertDetail(scene: Scene, row: AlertRow, width: number, room: Room): Line[] {
  const lines = row.kind === 'ended' ? endedLines(scene, row, width, room) : standingLines(scene, row, width, room);
  return lines.map((spans) => clipLine(spans, width));
}

const says = (text: string, width: number, token: Token = 'text'): Line[] => wrap(text, width).map((part) => [span(part, token)]);

function standingLines(scene: Scene, row: Exclude<AlertRow, { kind: 'ended' }>, width: number, room: Room): Line[] {
  const { fleet, now } = scene;
  const { alert } = row;
  const labels = Object.entries(alert.labels).filter(([name]) => name !== 'host');
  const facts = [
    `alert ${alert.name} since ${formatClock(alert.since)}`,
    ...(alert.ackedBy === null ? [] : [`taken by ${alert.ackedBy}`]),
    ...(room.whole ? labels.map(([name, value]) => `${name} ${value}`) : []),
  ];
  const title = `${glyphOf(alert.severity)} ${alert.severity}  ${hostWord(alert)}`;
  const what = withoutHost(alert.what, alert.hostName);
  const out: Line[] = room.whole
    ? [[span(clip(title, width), alert.severity)], ...says(what, width, 'strong'), blank]
    : widthOf(what) <= room.said
      ? []
      : says(what, width);
  out.push(...says(facts.join(' · '), width, 'dim'));
  out.push(...playbookLines(scene, alert, width));
  if (room.whole) out.push(blank);
  if (row.kind === 'explained') out.push(...explainedLines(scene, row.alert, row.root, width));
  else if (row.heldBack) out.push(...heldBackLines(row.alert, width));
  if (row.kind === 'root') out.push(...effectLines(scene, row.alert, row.explains, width, room));
  for (const debt of fleet.debts.filter((one) => one.hostId !== null && one.hostId === alert.host))
    out.push(
      ...says(`Owed back: ${debt.what} ${signedWords(debt.who, debt.since, debt.reason)}; ${reminderWords(debt, now)}.`, width, 'warn'),
    );
  if (alert.host !== null && fleet.byId.get(alert.host)?.verdict.health === 'maintenance')
    out.push([span(`${glyphOf('maintenance')} ${hostWord(alert)} is in maintenance.`, 'maintenance')]);
  const incident = scene.console.incidents
    .list()
    .find((one) => isOpen(one) && one.alert === (row.kind === 'root' ? alert.id : row.root.id));
  if (incident !== undefined)
    out.push([span(`Incident ${incident.id} was started from ${row.kind === 'root' ? 'it' : 'its root'}.`, 'accent')]);
  return out;
}

function playbookLines({ bindings }: Scene, { playbooks }: Alert, width: number): Line[] {
  const [best, ...others] = playbooks;
  if (best === undefined) return [[span('No playbook is about it.', 'dim')]];
  const key = bindings.find(({ id }) => id === 'playbooks')?.keys[0];
  const first: Line = [span('→ playbook ', 'dim'), span(best, 'accent'), ...(key === undefined ? [] : [span(` ${keyLabel(key)}`, 'key')])];
  const also = others.length === 0 ? '' : `   also ${others.join(', ')}`;
  return [[...first, span(clip(also, Math.max(0, width - lineWidth(first))), 'dim')]];
}

/** What the root brought about, each with its host and how long, and what names it the root. */
function effectLines(scene: Scene, root: Alert, explains: readonly Alert[], width: number, room: Room): Line[] {
  if (explains.length === 0) return [[span('It explains no other alert, and none explains it.', 'dim')]];
  const shown = explains.slice(0, room.children);
  const out: Line[] = [[span(`Explains ${plural(explains.length, 'alert')}`, 'strong'), ...(shown.length === 0 ? [] : [span(':')])]];
  const nameWidth = Math.min(24, Math.max(0, ...shown.map((alert) => hostWord(alert).length)));
  for (const alert of shown) {
    const held = duration(scene.fleet.at - alert.since);
    const head: Line = [
      span(`${glyphOf(alert.severity)} `, alert.severity),
      span(clipMiddle(hostWord(alert), nameWidth).padEnd(nameWidth + 2)),
    ];
    const left = width - lineWidth(head) - held.length - 5;
    out.push([...head, span(clip(withoutHost(alert.what, alert.hostName), Math.max(8, left)), 'dim'), span(` for ${held}`, 'dim')]);
  }
  const rest = explains.length - shown.length;
  if (rest > 0 && shown.length > 0) out.push([span(`  and ${rest} more: <space> lists them`, 'dim')]);
  if (room.whole) out.push(blank);
  return [...out, ...says(evidenceWords(root, explains), width, 'dim')];
}

/** Which evidence names it the root, as the causes were found; see `because` of an alert. */
function evidenceWords(root: Alert, explains: readonly Alert[]): string {
  const links = linksOf(explains.toSorted((a, b) => Number(b.cause === root.id) - Number(a.cause === root.id)));
  const first = Math.min(...explains.map((alert) => alert.since));
  const apart = Math.abs(first - root.since);
  const when =
    apart < 1000
      ? 'it began together with the first of them'
      : root.since <= first
        ? `it began ${duration(apart)} before the first of them`
        : `the first of them was seen ${duration(apart)} before it, within the minute that polls may differ`;
  const more = links.length > mostLinks ? ` and ${plural(links.length - mostLinks, 'link')} more` : '';
  const why = links.length === 0 ? '' : `${links.slice(0, mostLinks).join('; ')}${more}; `;
  return `Named the root: ${why}${when}; nothing that stands explains it.`;
}

/** What joins the alerts to their causes; the same on several hosts is said once. */
function linksOf(explains: readonly Alert[]): readonly string[] {
  const groups = Map.groupBy(
    explains.filter((alert) => alert.because !== undefined),
    ({ because = '', hostName }) => (hostName === null ? because : because.replaceAll(hostName, '\0')),
  );
  return [...groups].map(([pattern, group]) => {
    const [first = '', ...others] = new Set(group.flatMap((alert) => alert.hostName ?? []));
    const because = group.find((alert) => (alert.hostName ?? '') === first)?.because ?? '';
    if (!pattern.includes('\0')) return first === '' ? because : `${because} (${clipNames([first, ...others])})`;
    return others.length === 0 ? because : `${because} (the same on ${clipNames(others)})`;
  });
}

function clipNames(names: readonly string[]): string {
  return names.length > mostNamed ? `${names.slice(0, mostNamed).join(' ')} and ${names.length - mostNamed} more` : names.join(' ');
}

function explainedLines({ fleet }: Scene, alert: Alert, root: Alert, width: number): Line[] {
  const cause = fleet.alerts.find((one) => one.id === alert.cause);
  const because = alert.because === undefined ? '' : ` (${alert.because})`;
  const through = cause === undefined || cause.id === root.id ? '' : ` through ${cause.name} on ${hostWord(cause)}`;
  return says(`Held back: ${root.name} on ${hostWord(root)} explains it${through}${because}.`, width, 'accent');
}

function heldBackLines({ cause, suppressedBy }: Alert, width: number): Line[] {
  const why =
    cause === null
      ? `Held back by ${suppressedBy ?? 'nothing that is known'}.`
      : `Held back: its cause ${cause} has just ended. If it stays for two polls it stands for itself.`;
  return says(why, width, 'accent');
}

function endedLines({ now, fleet }: Scene, row: Extract<AlertRow, { kind: 'ended' }>, width: number, room: Room): Line[] {
  const { ended, endedAt, others } = row;
  const again = fleet.alerts.find((alert) => alert.id === ended.id);
  const facts = [
    `alert ${ended.name} of ${formatClock(ended.since)} to ${formatClock(endedAt)}, ${duration(endedAt - ended.since)}; over since ${duration(now - endedAt)}`,
    ...(others === 0 ? [] : [`${plural(others, 'alert')} that it explained ended as well`]),
    ...(ended.ackedBy === null ? [] : [`taken by ${ended.ackedBy}${ended.ackedAt === null ? '' : ` at ${shortTime(ended.ackedAt, now)}`}`]),
    ...(again === undefined ? [] : [`it is back since ${formatClock(again.since)}`]),
  ];
  const title = `${glyphOf('stopped')} ended  ${endedPlace(ended)}`;
  const head: Line[] = room.whole ? [[span(clip(title, width), 'dim')]] : [];
  const what = withoutHost(ended.what, ended.host);
  const words = room.whole || widthOf(what) > room.said ? says(what, width, 'dim') : [];
  return [...head, ...words, ...facts.flatMap((text) => says(text, width, 'dim'))];
}
