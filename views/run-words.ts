import type { Health } from '../src/fleet/health.ts';
import type { Question } from '../src/playbook/run/question.ts';
import type { RunStepView } from '../src/playbook/run/run-view.ts';
import { endWords } from '../src/playbook/run/step-end.ts';
import { duration } from './format.ts';
import type { PlaybookRunState } from './playbook-state.ts';
import { glyphOf, type Token } from './theme.ts';

export interface Sign {
  readonly glyph: string;
  readonly token: Token;
  readonly word: string;
}

const asks = '▸';

/** Whether it waits for an answer that only this console's person can give; a signature comes from elsewhere. */
export function waitsForYou({ asked }: PlaybookRunState): boolean {
  return asked !== null && !isElsewhere(asked.question);
}

/** Whether it is answered at another console. */
export function isElsewhere(question: Question): boolean {
  return question.kind === 'approve' && question.hash !== undefined;
}

/** Where a run is, in a word or a few: `waits for you 12s`. */
export function phaseOf(run: PlaybookRunState, now: number): Sign & { readonly health: Health } {
  const { phase } = run.view;
  if (phase.phase === 'closed') return closedSigns[phase.result];
  if (run.endedAt !== null) return { ...sign('maintenance', 'left as it is'), health: 'warn' };
  if (run.asked !== null && !waitsForYou(run))
    return { ...sign('warn', `waits for an approval ${duration(now - run.asked.since)}`), glyph: '…', health: 'warn' };
  if (run.asked !== null) {
    const word = `${run.view.phase.phase === 'undoing' ? 'taking back: ' : ''}waits for you ${duration(now - run.asked.since)}`;
    return { glyph: asks, token: 'armed', word, health: 'warn' };
  }
  switch (phase.phase) {
    case 'paused':
      return { ...sign('warn', `paused ${duration(now - phase.since)}`), glyph: glyphOf('maintenance'), health: 'warn' };
    case 'undoing':
      return { glyph: '…', token: 'warn', word: 'taking back', health: 'warn' };
    case 'waiting':
      return { glyph: '…', token: 'accent', word: `waits for a ${phase.for}`, health: 'ok' };
    case 'running':
      return { glyph: '…', token: 'accent', word: 'running', health: 'ok' };
    default:
      return phase satisfies never;
  }
}

function sign(health: Health, word: string): Sign {
  return { glyph: glyphOf(health), token: health, word };
}

const closed = (health: Health, word: string): Sign & { readonly health: Health } => ({ ...sign(health, word), health });

const closedSigns = {
  ok: closed('ok', 'closed: ok'),
  failed: closed('crit', 'closed: failed'),
  escalated: closed('warn', 'closed: escalated'),
  aborted: closed('warn', 'closed: aborted'),
  undone: closed('warn', 'closed: undone'),
  undo_failed: closed('crit', 'closed: undo failed'),
} as const;

const stepSigns = {
  open: { glyph: '·', token: 'dim', word: '' },
  running: { glyph: '…', token: 'accent', word: 'running' },
  ok: sign('ok', 'ok'),
  already: sign('ok', 'already'),
  failed: sign('crit', 'failed'),
  unreachable: sign('unknown', 'unreachable'),
  timeout: sign('crit', 'timeout'),
  unknown: sign('unknown', 'unknown'),
  skipped: { glyph: glyphOf('stopped'), token: 'dim', word: 'skipped' },
  cancelled: { glyph: glyphOf('stopped'), token: 'dim', word: 'cancelled' },
  either: sign('unknown', 'either'),
} as const satisfies Record<RunStepView['state'], Sign>;

/** The state of a step, and whether it is the one that asks. */
export function stepSign(step: RunStepView, asked: Question | null, over = false): Sign {
  if (asked !== null && asked.address === step.address)
    return isElsewhere(asked) ? { glyph: '…', token: 'warn', word: 'unsigned' } : { glyph: asks, token: 'warn', word: 'asks you' };
  if (step.tolerated) return { glyph: glyphOf('stopped'), token: 'dim', word: endWords(step).word };
  // A fork or a section whose last step ended the run.
  if (over && step.state === 'running') return { glyph: glyphOf('stopped'), token: 'dim', word: 'ended here' };
  return step.undo !== undefined && isTakenBack(step)
    ? { glyph: glyphOf('stopped'), token: 'dim', word: 'taken back' }
    : stepSigns[step.state];
}

/** Whether what the step did is undone. */
export function isTakenBack({ undo }: RunStepView): boolean {
  return undo?.outcome === 'ok' || undo?.outcome === 'already';
}

/** What a step is called, with the inputs in their places; what only the run finds out stays as the file has it. */
export function titleOf(run: PlaybookRunState, step: RunStepView): string {
  return step.title.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (place, name: string) => run.view.inputs[name] ?? place);
}

export function durationWords(ms: number): string {
  return duration(Math.max(0, ms));
}

/** How long a step took, or runs. */
export function tookWords(step: RunStepView, now: number): string {
  if (step.startedAt === null) return '';
  const ms = (step.endedAt ?? now) - step.startedAt;
  return ms < 1000 && step.endedAt !== null ? '' : durationWords(ms);
}

/** What the open debts are, in one line. */
export function debtsWords(run: PlaybookRunState, now: number): string {
  const { debts } = run.view;
  const [first, ...more] = debts;
  if (first === undefined) return 'nothing is owed back';
  const rest = more.length === 0 ? '' : `, and ${more.length} more`;
  return `${debts.length} open: ${first.what}, for ${durationWords(now - first.since)}${rest}`;
}
