import type { BulkItem, BulkState } from '../../src/actions/bulk.ts';
import { isOver } from '../bulk-flow.ts';
import { plural } from '../format.ts';
import type { Scene } from '../scene.ts';
import type { RunOnScreen } from '../state.ts';
import { blank, join, type Line, line, span } from '../terminal/line.ts';
import { paint } from '../terminal/paint.ts';
import { widthOf, wrap } from '../terminal/width.ts';
import { glyphOf, type Token } from '../theme.ts';

const itemSigns = {
  waiting: ['·', 'dim', 'waiting'],
  running: ['…', 'accent', 'running'],
  ok: [glyphOf('ok'), 'ok', 'ok'],
  failed: [glyphOf('crit'), 'crit', 'failed'],
  unknown: [glyphOf('unknown'), 'unknown', 'unknown'],
  refused: [glyphOf('warn'), 'warn', 'refused'],
  'not-done': [glyphOf('stopped'), 'dim', 'not done'],
} as const satisfies Record<BulkItem['state'], readonly [string, Token, string]>;

const phaseSigns = {
  running: ['…', 'accent', 'running'],
  watching: ['…', 'accent', 'watching'],
  paused: [glyphOf('maintenance'), 'warn', 'paused'],
  done: [glyphOf('ok'), 'ok', 'done'],
  stopped: [glyphOf('crit'), 'crit', 'stopped'],
  aborted: [glyphOf('warn'), 'warn', 'aborted'],
} as const satisfies Record<BulkState['phase'], readonly [string, Token, string]>;

/** A change on many hosts: every host with its state and why. Stays after the end with what was and was not done. */
export function runScreen(scene: Scene, run: RunOnScreen | null, scroll: number, height: number): string[] {
  const { columns, theme, viewport } = scene;
  const width = columns - 2;
  const head = run === null ? [] : headLines(run, width);
  const body = run === null ? [line('This run is not known any more.')] : itemLines(run, width);
  const room = Math.max(1, height - head.length);
  viewport.maxTop = Math.max(0, body.length - room);
  viewport.top = Math.min(scroll, viewport.maxTop);
  viewport.bodyRows = room;
  return [...head, ...body.slice(viewport.top, viewport.top + room)].map((spans) => paint(theme, [span(' '), ...spans], columns));
}

function headLines(run: RunOnScreen, width: number): Line[] {
  const { state, plan, asked } = run;
  const [glyph, token, word] = phaseSigns[state.phase];
  const waits = isRunning(state) && asked !== null ? `  ${asked === 'pause' ? 'pauses' : 'ends'} before the next batch` : '';
  const why = state.why === null ? [] : wrap(state.why, width).map((part) => line(part, token === 'accent' ? 'dim' : token));
  return [
    [span(`${plan.title}  `, 'strong'), span(`${glyph} ${word}`, token), span(waits, 'warn')],
    tally(state.items),
    ...why,
    ...endLines(run, width),
    blank,
  ];
}

const isRunning = (state: BulkState): boolean => state.phase === 'running' || state.phase === 'watching';

function tally(items: readonly BulkItem[]): Line {
  const order = ['ok', 'running', 'waiting', 'failed', 'unknown', 'refused', 'not-done'] as const;
  const parts = order.flatMap((state): Line[] => {
    const amount = items.filter((item) => item.state === state).length;
    const [glyph, token, word] = itemSigns[state];
    return amount === 0 ? [] : [[span(`${glyph} ${amount} ${word}`, token)]];
  });
  return join([line(plural(items.length, 'host'), 'dim'), ...parts], '   ');
}

/** A row a host, in the order in which they are begun; the stage's number stands before it. */
function itemLines({ state, plan }: RunOnScreen, width: number): Line[] {
  const nameWidth = Math.max(4, ...state.items.map((item) => widthOf(item.subject)));
  const indent = 12 + 7 + nameWidth + 2;
  return plan.stages.flatMap((stage, index) =>
    stage.flatMap((at) => {
      const item = state.items[at];
      if (item === undefined) return [];
      const [glyph, token, word] = itemSigns[item.state];
      const [text = '', ...more] = wrap(item.text, Math.max(20, width - indent));
      const stageWord = index === 0 ? 'first' : `${index + 1}.`;
      return [
        [
          span(`${glyph} ${word.padEnd(10)}`, token),
          span(stageWord.padEnd(7), 'dim'),
          span(item.subject.padEnd(nameWidth + 2), 'strong'),
          span(text),
        ],
        ...more.map((part): Line => [span(' '.repeat(indent)), span(part)]),
      ];
    }),
  );
}

function endLines(run: RunOnScreen, width: number): Line[] {
  if (!isOver(run)) return [];
  const names = (state: BulkItem['state']): string =>
    run.state.items
      .filter((item) => item.state === state)
      .map((item) => item.hostName)
      .join(' ');
  const left = names('not-done');
  const words = [
    `Done: ${names('ok') || 'none'}.`,
    ...(left === '' ? [] : [`Not begun: ${left}. The command line (:) resumes with what is left.`]),
  ];
  return words.flatMap((text) => wrap(text, width).map((part) => line(part, 'strong')));
}
