import { formatClock } from '../../src/fleet/duration.ts';
import type { FleetState, HostView } from '../../src/fleet/view.ts';
import { duration, plural, shortTime } from '../format.ts';
import type { Scene } from '../scene.ts';
import { type Line, span } from '../terminal/line.ts';
import { glyphOf, type Token } from '../theme.ts';
import { noteLines } from './listed-lines.ts';

interface Gap {
  readonly text: string;
  readonly health: 'unknown' | 'warn';
}

const mostNamed = 5;

/** What no alert can speak of, because it is not known; empty when everything was asked and answered. */
function gapsOf({ fleet, now, console }: Scene): readonly Gap[] {
  const unknown = (text: string): Gap => ({ text, health: 'unknown' });
  const alerted = new Set(fleet.alerts.map((alert) => alert.host));
  const silent = fleet.hosts.filter((view) => view.verdict.health === 'unknown' && !alerted.has(view.host.id));
  const gone = fleet.hosts.filter((view) => view.goneSince !== null);
  const inPart = fleet.hosts.filter((view) => view.verdict.health !== 'unknown' && (view.sample?.gaps.length ?? 0) > 0);
  const failure = console.journalFailure();
  return [
    ...(fleet.sources.length === 0
      ? [unknown('No inventory source has answered yet.')]
      : fleet.sources.flatMap((source) => sourceGaps(source, now).map(unknown))),
    ...(silent.length === 0
      ? []
      : [unknown(`Of ${plural(silent.length, 'host')} nothing is known now: ${named(silent, (view) => silenceWords(view, now))}.`)]),
    ...(gone.length === 0 ? [] : [unknown(`No longer listed by the inventory: ${named(gone, ({ host }) => host.name)}.`)]),
    ...(inPart.length === 0
      ? []
      : [unknown(`Not all could be measured on ${named(inPart, ({ host }) => host.name)}; y on the host says what.`)]),
    ...fleet.checksHere
      .filter((check) => check.health === 'unknown')
      .map((check) => unknown(`Check ${check.name} from here: ${check.detail}`)),
    ...notRead('Pool', fleet.pools).map(unknown),
    ...notRead('Backup', fleet.backups).map(unknown),
    ...(failure === null
      ? []
      : [{ text: `The journal cannot be written, so what ends now is not in the list of the ended: ${failure}`, health: 'warn' as const }]),
  ];
}

export function gapCount(scene: Scene): number {
  return gapsOf(scene).length;
}

/** What is not known, a sentence each. */
export function gapLines(scene: Scene, width: number): Line[] {
  return gapsOf(scene).flatMap(({ text, health }) => marked(text, health, glyphOf(health), width));
}

/** What it means that no alert stands: only ever as much as was asked and answered. */
export function standingWords(scene: Scene, width: number): Line[] {
  const { fleet } = scene;
  const { hosts } = fleet;
  if (hosts.length === 0) return marked('No alert stands, and no host is known: nothing can be said of the fleet.', 'unknown', '?', width);
  const answer = hosts.filter((view) => view.reach.reach === 'ok' && view.sample !== null && view.verdict.health !== 'unknown').length;
  const stopped = hosts.filter((view) => view.verdict.health === 'stopped').length;
  const counted = `${answer} of ${plural(hosts.length, 'host')} ${answer === 1 ? 'answers' : 'answer'}${stopped === 0 ? '' : `, ${stopped} stopped and not asked`}`;
  const soft = hosts.filter((view) => view.verdict.health === 'warn' || view.verdict.health === 'crit');
  const known = gapsOf(scene).length === 0;
  const head = known
    ? marked(`No alert stands: ${counted}, and every source was listed.`, 'ok', glyphOf('ok'), width)
    : marked(`No alert stands, but not all is known: ${counted}.`, 'unknown', glyphOf('unknown'), width);
  return [
    ...head,
    ...soft.slice(0, mostNamed).flatMap((view) => {
      const [reason] = view.verdict.reasons;
      const text = `${view.host.name}: ${reason?.text ?? view.verdict.health}; it has not held long enough for an alert`;
      return marked(text, view.verdict.health, glyphOf(view.verdict.health), width);
    }),
    ...(soft.length > mostNamed
      ? [[span(`  and ${soft.length - mostNamed} more that ${soft.length - mostNamed === 1 ? 'has' : 'have'} not held long enough`, 'dim')]]
      : []),
  ];
}

function marked(text: string, token: Token, glyph: string, width: number): Line[] {
  return noteLines(text, 2, width, token).map(
    (spans, index): Line => (index === 0 ? [span(`${glyph} `, token), ...spans.slice(1)] : spans),
  );
}

function sourceGaps(source: FleetState['sources'][number], now: number): string[] {
  const kept = source.listedAt === null ? 'never listed' : `its hosts are as of ${shortTime(source.listedAt, now)}`;
  if (!source.ok) return [`Source ${source.name} could not be listed (${kept}): ${source.error ?? 'no reason was given'}`];
  if (source.listedAt === null) return [`Source ${source.name} was not listed yet.`];
  return source.missing.length === 0
    ? []
    : [`Source ${source.name} did not see ${source.missing.join(', ')}: what is new there is not known.`];
}

function silenceWords(view: HostView, now: number): string {
  const { reach, since } = view.reach;
  const last = view.sample === null ? 'never heard' : `last heard ${formatClock(view.sample.at)}`;
  return `${view.host.name} (${reach === 'ok' ? last : `${reach} for ${duration(now - since)}, ${last}`})`;
}

function named(hosts: readonly HostView[], words: (view: HostView) => string): string {
  const shown = hosts.slice(0, mostNamed).map(words).join(', ');
  return hosts.length > mostNamed ? `${shown} and ${hosts.length - mostNamed} more` : shown;
}

/** Pools or backups whose last reading failed, with the first one's reason. */
function notRead(what: 'Pool' | 'Backup', all: readonly { readonly name: string; readonly error: string | null }[]): string[] {
  const [first, ...others] = all.filter((one) => one.error !== null);
  if (first === undefined) return [];
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return [`${what} ${first.name}${more} could not be read: ${first.error ?? ''}`];
}
