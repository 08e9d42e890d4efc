import { type EndedApproval, keyOf, type SeenApproval, secondsWaited } from '../../src/actions/approval-watch.ts';
import { endedWords, goodFor, hostsWords, stateWords, waitsForMe } from '../approval-words.ts';
import { ago, duration } from '../format.ts';
import { chosenAt } from '../playbook-lists.ts';
import type { Scene } from '../scene.ts';
import type { ScreenEntry } from '../state.ts';
import { blank, justify, type Line, lineWidth, span } from '../terminal/line.ts';
import { clip } from '../terminal/width.ts';
import { glyphOf } from '../theme.ts';
import { drawListed, headLine, type ListedLine, noteLines, rowLine } from './listed-lines.ts';

/** What waits for a second person on the hosts, and what ended within the hour. */
export function approvalsScreen(scene: Scene, screen: Extract<ScreenEntry, { kind: 'approvals' }>, height: number): string[] {
  const { columns, console, now } = scene;
  const { waiting, ended, silent, lookedAt } = console.approvals.board();
  const at = chosenAt(
    waiting.map(({ request }) => keyOf(request)),
    screen.cursor,
  );
  const mine = waitsForMe(console).length;
  const head: Line = [
    span(' second person  ', 'strong'),
    span(mine === 0 ? 'nothing waits for you' : `${mine} ${mine === 1 ? 'waits' : 'wait'} for you`, mine === 0 ? 'dim' : 'warn'),
  ];
  const looked = lookedAt === null ? 'asking every host …' : `hosts asked ${ago(now - lookedAt)}`;
  const lines: ListedLine[] = [headLine(justify(head, [span(`${looked} `, 'dim')], columns))];
  const say = (text: string, token: 'dim' | 'unknown'): void => {
    lines.push(...noteLines(text, 1, columns - 2, token).map(headLine));
  };
  if (silent.length > 0) say(`${glyphOf('unknown')} not asked, so what waits there is not seen: ${silent.join(' ')}`, 'unknown');
  if (waiting.length === 0) say(emptyWords, 'dim');
  for (const seen of waiting) for (const spans of waitingLines(scene, seen)) lines.push(rowLine(keyOf(seen.request), spans));
  if (ended.length > 0) lines.push(headLine(blank), headLine([span(' ended within the hour', 'strong')]));
  for (const one of ended) lines.push(...endedLines(scene, one).map(headLine));
  const chosen = waiting[at];
  return drawListed(scene, lines, chosen === undefined ? null : keyOf(chosen.request), height);
}

const emptyWords =
  'No plan and no run waits for a second person on the hosts that answer. Requests lie on the hosts themselves, so every console that reaches the hosts sees them, on any machine.';

function waitingLines({ columns, console, now }: Scene, seen: SeenApproval): Line[] {
  const { request } = seen;
  const { glyph, word, token } = stateWords(request, console.operator);
  const right: Line = [span(word, token), span(`  ${goodFor(seen, now)} `, 'dim')];
  const title = clip(request.title, Math.max(16, columns - lineWidth(right) - 6));
  const about = [
    request.hash.slice(0, 8),
    `${request.who} asked ${duration(secondsWaited(seen, now) * 1000)} ago`,
    ...(request.risk === 'danger' ? [`${glyphOf('crit')} danger`] : []),
    hostsWords(request),
  ];
  const part = request.run === null ? '' : `part of ${request.run}${request.step === null ? '' : `, step ${request.step}`}`;
  const more = [part, request.by === null ? '' : `for ${request.by}`, request.reason === null ? '' : `because: ${request.reason}`];
  return [
    justify([span(` ${glyph} `, token), span(title, 'strong')], right, columns),
    ...noteLines(about.filter((text) => text !== '').join('   '), 4, columns - 2, 'dim'),
    ...(request.needs === null ? [] : noteLines(request.needs, 4, columns - 2, 'dim')),
    ...more.filter((text) => text !== '').flatMap((text) => noteLines(text, 4, columns - 2, 'dim')),
    ...(request.declined?.reason == null ? [] : noteLines(`because: ${request.declined.reason}`, 4, columns - 2, 'warn')),
  ];
}

function endedLines({ columns, now }: Scene, ended: EndedApproval): Line[] {
  const { glyph, word, token } = endedWords(ended);
  const right: Line = [span(word, token), span(`  ${ago(now - ended.at)} `, 'dim')];
  const { title, who, declined } = ended.request;
  const left = clip(`${title}, asked by ${who}`, Math.max(16, columns - lineWidth(right) - 6));
  return [
    justify([span(` ${glyph} `, token), span(left)], right, columns),
    ...(ended.how === 'declined' && declined?.reason != null ? noteLines(`because: ${declined.reason}`, 4, columns - 2, 'dim') : []),
  ];
}
