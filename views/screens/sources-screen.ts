import type { SourceView } from '../../src/fleet/view.ts';
import { ago, plural, shortTime } from '../format.ts';
import { noticeWords } from '../notice-words.ts';
import type { Scene } from '../scene.ts';
import { blank, type Line, line, span } from '../terminal/line.ts';
import { paint } from '../terminal/paint.ts';
import { glyphOf } from '../theme.ts';
import type { Health } from '../../src/fleet/health.ts';
import { noteLines } from './listed-lines.ts';

/** Every inventory source: how old its list is, how many hosts it holds, what it could not see, and why it could not be asked. */
export function sourcesScreen(scene: Scene, scroll: number, height: number): string[] {
  const { fleet, columns, theme, viewport } = scene;
  const width = columns - 2;
  const lines = [...fleet.sources.flatMap((source) => [...sourceLines(source, scene.now, width), blank]), ...noticeLines(scene, width)];
  const shown: readonly Line[] = lines.length === 0 ? [line('No source was asked yet.', 'dim')] : lines.slice(0, -1);
  viewport.maxTop = Math.max(0, shown.length - height);
  viewport.top = Math.min(scroll, viewport.maxTop);
  viewport.bodyRows = height;
  return shown.slice(viewport.top, viewport.top + height).map((spans) => paint(theme, [span(' '), ...spans], columns));
}

function sourceLines(source: SourceView, now: number, width: number): Line[] {
  const { health, word } = standing(source);
  const when = source.listedAt === null ? 'never listed' : `listed ${ago(now - source.listedAt)}`;
  const head: Line = [
    span(`${glyphOf(health)} `, health),
    span(source.name, 'strong'),
    span(`  ${word}`, health),
    span(`  ${plural(source.hosts, 'host')}`),
    span(`  ${when}`, 'dim'),
  ];
  const says = (text: string, health: Health | 'dim'): Line[] => noteLines(text, 2, width, health);
  return [
    head,
    ...(source.error === null ? [] : says(source.error, source.ok ? 'warn' : 'unknown')),
    ...(source.missing.length === 0
      ? []
      : says(`Did not see ${source.missing.join(', ')}: hosts there are kept, and are unknown.`, 'warn')),
    ...(source.ok || source.listedAt === null ? [] : says(keptWords(source, source.listedAt, now), 'warn')),
  ];
}

/** Whether people who do not look at the screen are told. */
function noticeLines({ console, now }: Scene, width: number): Line[] {
  const status = console.notices();
  if (status === null) return [];
  const words = noticeWords(status);
  const health: Health = words === null ? 'ok' : 'warn';
  const sent = status.channels.flatMap(({ name, sentAt }) => (sentAt === null ? [] : [`${name} sent ${ago(now - sentAt)}`]));
  const head: Line = [
    span(`${glyphOf(health)} `, health),
    span('notices', 'strong'),
    span(`  ${words === null ? 'ok' : 'do not go out'}`, health),
  ];
  const to = status.channels.length === 0 ? 'only the local ops log: the fleet file names no webhook and no mail' : sent.join(', ');
  const dead = status.dead.at(-1);
  return [
    [...head, span(to === '' ? '' : `  ${to}`, 'dim')],
    ...(words === null ? [] : noteLines(words, 2, width, 'warn')),
    ...(dead === undefined
      ? []
      : noteLines(`${plural(status.dead.length, 'notice')} given up; the last: ${dead.problem}: ${dead.text}`, 2, width, 'warn')),
    blank,
  ];
}

function standing(source: SourceView): { readonly health: Health; readonly word: string } {
  if (!source.ok) return { health: 'unknown', word: 'could not be listed' };
  if (source.listedAt === null) return { health: 'unknown', word: 'not asked yet' };
  return source.missing.length > 0 ? { health: 'warn', word: 'in part' } : { health: 'ok', word: 'ok' };
}

/** A list that is not fresh says how old it is. */
function keptWords(source: SourceView, listedAt: number, now: number): string {
  return `Its ${plural(source.hosts, 'host')} ${source.hosts === 1 ? 'is' : 'are'} as of ${shortTime(listedAt, now)}, the last good list, kept since then.`;
}
