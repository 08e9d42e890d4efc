import type { RunStepView } from '../../src/playbook/run/run-view.ts';
import { duration } from '../format.ts';
import { isOver } from '../playbook-flow.ts';
import { shownStep } from '../playbook-lists.ts';
import type { PlaybookRunState } from '../playbook-state.ts';
import { debtsWords, phaseOf, stepSign, titleOf, tookWords } from '../run-words.ts';
import type { Scene } from '../scene.ts';
import type { ScreenEntry } from '../state.ts';
import { clipLine, fitLine, justify, type Line, line, lineWidth, span } from '../terminal/line.ts';
import { paint } from '../terminal/paint.ts';
import { clip } from '../terminal/width.ts';
import { glyphOf } from '../theme.ts';
import { runCard } from './run-card.ts';
import { inputWords } from './runs-screen.ts';

type RunEntry = Extract<ScreenEntry, { kind: 'playbook-run' }>;

/** From here on the card stands beside the steps, else below them. */
const wideColumns = 120;
const wordWidth = 12;

/** A walk through a playbook: its steps, the one that is open with what it asks and what it says, and what is owed back. */
export function playbookRunScreen(scene: Scene, screen: RunEntry, height: number): string[] {
  const { columns, theme, viewport, ui } = scene;
  const run = ui.playbookRuns.find((one) => one.id === screen.runId) ?? null;
  if (run === null) return [paint(theme, line(' This run is not known any more.', 'dim'), columns)];
  const shown = shownStep(run, screen.cursor);
  const head = headLines(scene, run);
  const room = Math.max(4, height - head.length);
  const wide = columns >= wideColumns;
  const left = wide ? Math.floor((columns - 3) * 0.46) : columns;
  const stepRoom = wide ? room : Math.max(3, Math.floor((room - 1) * 0.4));
  const cardRoom = wide ? room : room - stepRoom - 1;
  const card = runCard(scene, run, shown, (wide ? columns - left - 3 : columns) - 2, screen.cursor === null);
  viewport.maxTop = Math.max(0, card.length - cardRoom);
  viewport.top = Math.min(screen.scroll, viewport.maxTop);
  viewport.bodyRows = cardRoom;
  const cardShown = card.slice(viewport.top, viewport.top + cardRoom);
  const steps = stepLines(scene, run, shown, left, stepRoom);
  const body = wide
    ? Array.from({ length: room }, (_, row): Line => [...fitLine(steps[row] ?? [], left), span(' │ ', 'dim'), ...(cardShown[row] ?? [])])
    : [...filled(steps, stepRoom), rule(viewport.maxTop > viewport.top, columns), ...cardShown.map((spans): Line => [span(' '), ...spans])];
  return [...head, ...body].map((spans) => paint(theme, spans, columns));
}

function filled(lines: readonly Line[], height: number): readonly Line[] {
  return Array.from({ length: height }, (_, index) => lines[index] ?? []);
}

/** Between steps and card; says when the card goes on below. */
function rule(more: boolean, columns: number): Line {
  const words = more ? ' page down shows more ' : '';
  return [span(` ${'─'.repeat(Math.max(0, columns - 2 - words.length))}${words}`, 'dim')];
}

/** What it is and where it stands, and what is owed back: always in sight. */
function headLines(scene: Scene, run: PlaybookRunState): Line[] {
  const { columns, now } = scene;
  const { view } = run;
  const { glyph, token, word } = phaseOf(run, now);
  const took = duration((run.endedAt ?? now) - view.startedAt);
  const right: Line = [span(` ${glyph} ${word} `, token), span(run.endedAt === null ? ` run ${took} ` : ` in ${took} `, 'dim')];
  const level = view.level === 'run' ? '' : ` (${view.level}: changes nothing)`;
  const title = clip(`${view.title}${level}`, Math.max(10, columns - lineWidth(right) - 3));
  const owes = view.debts.length > 0;
  const debts = `${owes ? glyphOf('warn') : glyphOf('ok')} ${debtsWords(run, now)}`;
  const inputs = inputWords(view.inputs);
  const roomForInputs = columns - debts.length - 6;
  return [
    justify([span(` ${title}`, 'strong')], right, columns),
    justify(
      [span(` ${clip(debts, columns - 2)}`, owes ? 'warn' : 'dim')],
      roomForInputs < 12 ? [] : [span(`${clip(inputs, roomForInputs)} `, 'dim')],
      columns,
    ),
  ];
}

/** The steps around the one that is shown, a row a step. */
function stepLines(scene: Scene, run: PlaybookRunState, shown: string | null, width: number, room: number): Line[] {
  const { steps } = run.view;
  const at = Math.max(
    0,
    steps.findIndex((step) => step.address === shown),
  );
  // The step stands in the upper half, so that what comes next can be seen.
  const top = Math.max(0, Math.min(at - Math.floor(room / 3), steps.length - room));
  return steps.slice(top, top + room).map((step, index) => stepLine(scene, run, step, top + index === at, width));
}

function stepLine(scene: Scene, run: PlaybookRunState, step: RunStepView, isShown: boolean, width: number): Line {
  const { glyph, token, word } = stepSign(step, run.asked?.question ?? null, isOver(run));
  const took = tookWords(step, run.endedAt ?? scene.now);
  const head: Line = [span(isShown ? '›' : ' ', 'accent'), span(`${glyph} `, token), span(word.padEnd(wordWidth), token)];
  const indent = '  '.repeat(step.depth);
  const room = Math.max(8, width - 3 - wordWidth - indent.length - took.length - 2);
  const title = withoutPrivilege(titleOf(run, step));
  const text = step.host === null || title.includes(step.host) ? title : `${step.host}: ${title}`;
  const titleToken = step.verb === 'section' || isShown ? 'strong' : step.state === 'open' || step.state === 'skipped' ? 'dim' : 'text';
  return clipLine(justify([...head, span(indent), span(clip(text, room), titleToken)], [span(`${took} `, 'dim')], width), width);
}

/** In a list the words that tell steps apart come first; the card has the command as it runs. */
function withoutPrivilege(title: string): string {
  return title.replace(/^sudo -n -- /, '');
}
