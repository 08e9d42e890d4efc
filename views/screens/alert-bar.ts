import { formatClock } from '../../src/fleet/duration.ts';
import { rootAtHome } from '../alerts-flow.ts';
import { goodFor, waitsForMe } from '../approval-words.ts';
import { type Episode, episodes } from '../episodes.ts';
import { duration, withoutHost } from '../format.ts';
import { keyLabel } from '../keymap.ts';
import type { Scene } from '../scene.ts';
import { screenOf } from '../state.ts';
import { clipLine, type Line, lineWidth, span } from '../terminal/line.ts';
import { clip, widthOf, wrap } from '../terminal/width.ts';
import { glyphOf } from '../theme.ts';
import { wedgedLines } from './out-of-band.ts';

/** Columns of what is wrong that its playbook does not take on a short line. */
const leastWhat = 22;

/** What is wrong, a line or two a root cause, sources that could not be listed, and a journal that cannot write; at most `limit` lines. */
export function alertBar(scene: Scene, limit: number): Line[] {
  const { fleet, columns } = scene;
  const shown = episodes(fleet.alerts);
  const around = [...toSignLines(scene), ...wedgedLines(scene), ...sourceLines(scene)];
  const whole = shown.map((episode) => episodeLines(scene, episode));
  if (around.length + whole.flat().length <= limit) return [...whole.flat(), ...around];
  // Where there are too many, every root cause gets one line before any gets two.
  const short = [...shown.map((episode) => shortLine(scene, episode)), ...around];
  if (short.length <= limit) return short;
  const rest = short.length - limit + 1;
  return [...short.slice(0, limit - 1), clipLine([span(`   and ${rest} more${keyWords(scene, 'alerts')}`, 'dim')], columns)];
}

/** `■ nfs1: NFS latency 48 ms (limit 20) for 3m12s. Explains 3 alerts on web1 web2 web4`, on two lines where one is too short. */
function episodeLines(scene: Scene, episode: Episode): Line[] {
  const playbook = playbookWords(scene, episode);
  const because = [explainsWords(episode), playbook].filter((words) => words !== '').join('   ');
  const { before, what, after } = partsOf(scene, episode);
  const tail: Line = [...after, ...(because === '' ? [] : [span(`. ${because}`)])];
  const [first = '', second = '', third] = wrap(what, scene.columns - lineWidth(before));
  if (second === '' && lineWidth(before) + widthOf(first) + lineWidth(tail) <= scene.columns) {
    return [[...before, span(first, episode.root.severity), ...tail]];
  }
  const onSecond: Line = [span('   '), span(second, episode.root.severity), ...tail];
  if (third === undefined && second !== '' && lineWidth(onSecond) <= scene.columns) {
    return [[...before, span(first, episode.root.severity)], onSecond];
  }
  const clipped = headOf(scene, episode, scene.columns);
  if (because === '') return [clipped];
  // The hosts give way: what to do stands to the end.
  const room = scene.columns - 3 - (playbook === '' ? 0 : widthOf(playbook) + 3);
  const shown = [clip(explainsWords(episode), room), playbook].filter((words) => words !== '').join('   ');
  return [clipped, clipLine([span(`   ${shown}`)], scene.columns)];
}

/** On one line; its playbook stays as long as the words of what is wrong can still be told from others. */
function shortLine(scene: Scene, episode: Episode): Line {
  const { length } = episode.explains;
  const count = length === 0 ? '' : `, explains ${length}`;
  const { before, what, after } = partsOf(scene, episode);
  const wanted = lineWidth(before) + Math.min(leastWhat, widthOf(what)) + lineWidth(after);
  const playbook = playbookWords(scene, episode);
  const tails = playbook === '' ? [count] : [`${count}  ${playbook}`, `${count}  ${playbook.replace('playbook ', '')}`, count];
  const tail = tails.find((words) => wanted + widthOf(words) <= scene.columns) ?? count;
  return [...headOf(scene, episode, scene.columns - widthOf(tail)), ...(tail === '' ? [] : [span(tail)])];
}

/** What is wrong where and since when on one line; only the middle gives way. */
function headOf(scene: Scene, episode: Episode, columns: number): Line {
  const { before, what, after } = partsOf(scene, episode);
  const room = Math.max(12, columns - lineWidth(before) - lineWidth(after));
  return clipLine([...before, span(clip(what, room), episode.root.severity), ...after], columns);
}

function partsOf(scene: Scene, { root }: Episode): { before: Line; what: string; after: Line } {
  return {
    before: [span(` ${glyphOf(root.severity)} `, root.severity), ...(root.hostName === null ? [] : [span(`${root.hostName}: `, 'strong')])],
    what: withoutHost(root.what, root.hostName),
    after: [
      span(` for ${duration(scene.fleet.at - root.since)}`, 'dim'),
      ...(root.ackedBy === null ? [] : [span(`  taken by ${root.ackedBy}`, 'dim')]),
    ],
  };
}

const natural = new Intl.Collator('en', { numeric: true });

function explainsWords({ explains }: Episode): string {
  if (explains.length === 0) return '';
  const names = [...new Set(explains.map((alert) => alert.hostName).filter((name) => name !== null))].sort(natural.compare);
  const list = names.length > 6 ? `${names.slice(0, 5).join(' ')} and ${names.length - 5} more` : names.join(' ');
  return `Explains ${explains.length} ${explains.length === 1 ? 'alert' : 'alerts'}${list === '' ? '' : ` on ${list}`}`;
}

/** `→ playbook nfs-slow <p>`, with the key that opens it here; of another root cause than the key is about, the key of the list where it is. */
function playbookWords(scene: Scene, { root }: Episode): string {
  const [playbook] = root.playbooks;
  if (playbook === undefined) return '';
  const isMeant = rootAtHome(scene.ui, scene.fleet, scene.selected)?.id === root.id;
  return `→ playbook ${playbook}${keyWords(scene, isMeant ? 'playbooks' : 'alerts')}`;
}

/** ` <p>`; empty where no key of this screen does it. */
function keyWords({ bindings, ui }: Scene, wanted: 'playbooks' | 'alerts' | 'approvals'): string {
  const { kind } = screenOf(ui);
  const key = bindings.find(({ id, available, screens }) => id === wanted && available && screens.includes(kind))?.keys[0];
  return key === undefined ? '' : ` ${keyLabel(key)}`;
}

/** `▸ ann@left asks for a second person: wipe on web1, good for 7m50s <Y>`; the oldest, and how many more. */
function toSignLines(scene: Scene): Line[] {
  const [first, ...more] = waitsForMe(scene.console);
  if (first === undefined) return [];
  const { request } = first;
  const before: Line = [span(' ▸ ', 'accent'), span(request.who, 'strong'), span(' asks for your signature: ')];
  const hosts = request.hosts.length > 1 && !request.title.includes('hosts') ? ` on ${request.hosts.length} hosts` : '';
  const others = more.length === 0 ? '' : ` and ${more.length} more`;
  const after = `${hosts}${others}, ${goodFor(first, scene.now)}${keyWords(scene, 'approvals')}`;
  const room = Math.max(12, scene.columns - lineWidth(before) - widthOf(after));
  return [clipLine([...before, span(clip(request.title, room), 'strong'), span(after, 'dim')], scene.columns)];
}

function sourceLines(scene: Scene): Line[] {
  return scene.fleet.sources.flatMap((source) => {
    // Its first listing is still under way.
    if (source.listedAt === null && source.error === null) return [];
    const since = source.listedAt === null ? 'never listed' : `last listed ${formatClock(source.listedAt)}, its hosts are kept`;
    const said = source.ok
      ? source.missing.length === 0
        ? null
        : { what: `did not see ${source.missing.join(', ')}`, kept: ' (hosts there are kept)' }
      : { what: withoutHost(source.error ?? 'could not be listed', source.name), kept: ` (${since})` };
    if (said === null) return [];
    const before: Line = [span(' ? ', 'unknown'), span(`${source.name}: `, 'strong')];
    const room = Math.max(12, scene.columns - lineWidth(before) - said.kept.length);
    return [clipLine([...before, span(clip(said.what, room), 'unknown'), span(said.kept, 'dim')], scene.columns)];
  });
}
