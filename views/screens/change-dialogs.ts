import { formatClock } from '../../src/fleet/duration.ts';
import type { ActionOutcome, Progress, Refusal } from '../../src/actions/plan.ts';
import type { Asked } from '../asked.ts';
import type { Panel } from '../components/dialog.ts';
import { hints } from '../components/key-hints.ts';
import { drainWords, runningBackup, waitingWords } from '../live-words.ts';
import { outcomeKeys } from '../outcome-keys.ts';
import { nextKeys } from '../refusal-keys.ts';
import type { Scene } from '../scene.ts';
import type { Dialog } from '../dialog-state.ts';
import type { Change } from '../state.ts';
import { blank, type Line, line, span } from '../terminal/line.ts';
import { wrap } from '../terminal/width.ts';
import { progressLine } from './backup-lines.ts';
import { commandHead } from './command-text.ts';
import { lockedWords } from './plan-card.ts';
import { glyphOf, type Token } from '../theme.ts';

type Of<Kind extends Dialog['kind']> = Extract<Dialog, { kind: Kind }>;

const progressGlyph = (progress: Progress): Line =>
  progress.health === 'running' ? [span('… ', 'dim')] : [span(`${glyphOf(progress.health)} `, progress.health)];

/** A count that is told again and again stands once, as it was told last. */
function withoutRepeats(progress: readonly Progress[]): readonly Progress[] {
  const shape = ({ phase, health, text }: Progress): string => `${phase} ${health} ${text.replace(/\d[\d.]*\s?[A-Za-z%/]*/g, '0')}`;
  return progress.filter((one, index) => {
    const next = progress[index + 1];
    return one.health !== 'running' || next === undefined || shape(next) !== shape(one);
  });
}

function progressLines(change: Change, width: number): Line[] {
  return withoutRepeats(change.progress).flatMap((progress) =>
    wrap(commandHead(progress.text), width - 21).map(
      (part, index): Line =>
        index === 0
          ? [span(`${formatClock(progress.at)}  `, 'dim'), span(progress.phase.padEnd(9), 'dim'), ...progressGlyph(progress), span(part)]
          : [span(' '.repeat(21)), span(part)],
    ),
  );
}

export function runningPanel(scene: Scene, change: Change): Panel {
  const body = [...progressLines(change, scene.columns - 6), ...underWay(scene, change)];
  return {
    title: change.plan.title,
    env: change.plan.env,
    body,
    foot: [hints([['esc', 'let it run in the background']])],
    keepVisible: body.length - 1,
  };
}

/** What is read of it now, where it does not say so itself: connections left, or how far a backup is. */
function underWay({ fleet, now }: Scene, change: Change): Line[] {
  const { request } = change.plan;
  const running = runningBackup(fleet, request);
  if (running !== null) return [progressLine(running, now)];
  const left = waitingWords(change) === null ? drainWords(fleet, request) : null;
  return [left === null ? line('… under way', 'dim') : [span('… ', 'dim'), span(left, 'warn')]];
}

function outcomeWords(outcome: ActionOutcome): {
  readonly token: Token;
  readonly head: string;
  readonly text: string;
  readonly evidence: readonly string[];
} {
  switch (outcome.kind) {
    case 'ok':
      return { token: 'ok', head: `${glyphOf('ok')} ok`, text: outcome.summary, evidence: outcome.evidence };
    case 'failed':
      return { token: 'crit', head: `${glyphOf('crit')} failed`, text: outcome.summary, evidence: outcome.evidence };
    case 'unknown':
      return {
        token: 'unknown',
        head: `${glyphOf('unknown')} unknown`,
        text: `${outcome.summary} It is not run again by itself.`,
        evidence: outcome.evidence,
      };
    case 'refused':
      return { token: 'warn', head: `${glyphOf('warn')} refused`, text: `${outcome.refusal.message} Nothing was sent.`, evidence: [] };
  }
}

/** What came of it; stays until it is closed. */
export function outcomePanel(scene: Scene, change: Change): Panel {
  const width = scene.columns - 6;
  if (change.outcome === null) return runningPanel(scene, change);
  const { token, head, text, evidence } = outcomeWords(change.outcome);
  const body: Line[] = [
    ...wrap(text, width - head.length - 2).map(
      (part, index): Line => [span(index === 0 ? `${head}  ` : ' '.repeat(head.length + 2), token), span(part, 'strong')],
    ),
    ...evidence.flatMap((item) =>
      wrap(item, width - 4).map((part, index): Line => [span(index === 0 ? '  · ' : '    ', 'dim'), span(part)]),
    ),
    blank,
    ...progressLines(change, width),
  ];
  return { title: change.plan.title, env: change.plan.env, body, foot: [outcomeHints(scene, change)] };
}

function outcomeHints({ fleet }: Scene, change: Change): Line {
  const { outcome, asked } = change;
  if (outcome?.kind === 'refused') return nextHints(outcome.refusal, asked);
  const keys = outcomeKeys(change, fleet);
  const leave = change.plan.request.action === 'depool' && keys.some(({ key }) => key === 'u') ? 'leave it so' : 'close';
  return hints([...keys.map(({ key, label }) => [key, label] as const), ['esc', leave]]);
}

const nextHints = (refusal: Refusal, asked: Asked): Line =>
  hints([...nextKeys(refusal, asked).map(({ key, label }) => [key, label] as const), ['esc', 'close']]);

export function refusedPanel(scene: Scene, dialog: Of<'refused'>): Panel {
  const width = scene.columns - 6;
  const body: Line[] = [
    ...wrap(dialog.refusal.message, width - 2).map(
      (part, index): Line => [span(index === 0 ? `${glyphOf('warn')} ` : '  ', 'warn'), span(part, 'warn')],
    ),
    line('Nothing was sent.', 'dim'),
  ];
  const locked = dialog.refusal.guard === 'not-armed' && dialog.env !== null ? [line(lockedWords(dialog.env), 'warn')] : [];
  return { title: dialog.title, env: dialog.env, body, foot: [...locked, nextHints(dialog.refusal, dialog.asked)] };
}
