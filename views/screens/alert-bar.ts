import { type Episode, episodes } from '../episodes.ts';
import { clockTime, duration, withoutHost } from '../format.ts';
import { keyLabel } from '../keymap.ts';
import type { Scene } from '../scene.ts';
import { screenOf } from '../state.ts';
import { clipLine, type Line, lineWidth, span } from '../terminal/line.ts';
import { clip, widthOf, wrap } from '../terminal/width.ts';
import { glyphOf } from '../theme.ts';
import { wedgedLines } from './out-of-band.ts';

/** What is wrong, a line or two a root cause, sources that could not be listed, and a journal that cannot write; at most `limit` lines. */
export function alertBar(scene: Scene, limit: number): Line[] {
  const { fleet, columns } = scene;
  const shown = episodes(fleet.alerts);
  const around = [...wedgedLines(scene), ...sourceLines(scene)];
  const whole = shown.map((episode) => episodeLines(scene, episode));
  if (around.length + whole.flat().length <= limit) return [...whole.flat(), ...around];
  // Where there are too many, every root cause gets one line before any gets two.
  const short = [...shown.map((episode) => shortLine(scene, episode)), ...around];
  if (short.length <= limit) return short;
  const rest = short.length - limit + 1;
  return [...short.slice(0, limit - 1), clipLine([span(`   and ${rest} more`, 'dim')], columns)];
}

/** `■ nfs1: NFS latency 48 ms (limit 20) for 3m12s. Explains 3 alerts on web1 web2 web4`, on two lines where one is too short. */
function episodeLines(scene: Scene, episode: Episode): Line[] {
  const because = [explainsWords(episode), playbookWords(scene, episode)].filter((words) => words !== '').join('   ');
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
  return because === '' ? [clipped] : [clipped, clipLine([span(`   ${because}`)], scene.columns)];
}

function shortLine(scene: Scene, episode: Episode): Line {
  const { length } = episode.explains;
  const tail = length === 0 ? [] : [span(`, explains ${length}`)];
  return [...headOf(scene, episode, scene.columns - lineWidth(tail)), ...tail];
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

/** `→ playbook nfs-slow <p>`, with the key that opens it here. */
function playbookWords({ bindings, ui }: Scene, { root }: Episode): string {
  const [playbook] = root.playbooks;
  if (playbook === undefined) return '';
  const { kind } = screenOf(ui);
  const key = bindings.find(({ id, available, screens }) => id === 'playbooks' && available && screens.includes(kind))?.keys[0];
  return `→ playbook ${playbook}${key === undefined ? '' : ` ${keyLabel(key)}`}`;
}

function sourceLines(scene: Scene): Line[] {
  return scene.fleet.sources.flatMap((source) => {
    // Its first listing is still under way.
    if (source.listedAt === null && source.error === null) return [];
    const since = source.listedAt === null ? 'never listed' : `last listed ${clockTime(source.listedAt)}, its hosts are kept`;
    const said = source.ok
      ? source.missing.length === 0
        ? null
        : { what: `did not see ${source.missing.join(', ')}`, kept: ' (hosts there are kept)' }
      : { what: source.error ?? 'could not be listed', kept: ` (${since})` };
    if (said === null) return [];
    const before: Line = [span(' ? ', 'unknown'), span(`${source.name}: `, 'strong')];
    const room = Math.max(12, scene.columns - lineWidth(before) - said.kept.length);
    return [clipLine([...before, span(clip(said.what, room), 'unknown'), span(said.kept, 'dim')], scene.columns)];
  });
}
