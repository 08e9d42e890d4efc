import type { Question } from '../../src/playbook/run/question.ts';
import type { RunStepView, WaitView } from '../../src/playbook/run/run-view.ts';
import { endWords } from '../../src/playbook/run/step-end.ts';
import { bar } from '../components/bar.ts';
import { sparkline } from '../components/sparkline.ts';
import { duration } from '../format.ts';
import { ageOf } from '../host-figures.ts';
import { isOver } from '../playbook-flow.ts';
import type { PlaybookRunState } from '../playbook-state.ts';
import { durationWords, isTakenBack, phaseOf, stepSign, titleOf } from '../run-words.ts';
import type { Scene } from '../scene.ts';
import { blank, type Line, line, span } from '../terminal/line.ts';
import { wrap } from '../terminal/width.ts';
import { glyphOf } from '../theme.ts';
import { field } from './card-field.ts';
import { questionLines } from './question-lines.ts';

/** What the step under the cursor is, asks and says; of a run that is over, how it came out, while nobody looks at a step. */
export function runCard(scene: Scene, run: PlaybookRunState, shown: string | null, width: number, follows: boolean): Line[] {
  if (isOver(run) && follows) return closingLines(scene, run, width);
  const step = run.view.steps.find((one) => one.address === shown) ?? null;
  const asked = run.asked?.question ?? null;
  const own = asked !== null && (asked.address === shown || step === null) ? asked : null;
  return [
    ...(own === null ? elsewhere(asked, follows) : questionLines(own, width, scene.now)),
    ...(step === null ? [] : stepCard(scene, run, step, own, width)),
  ];
}

/** A question that waits while another step is looked at. */
function elsewhere(asked: Question | null, follows: boolean): Line[] {
  if (asked === null || follows) return [];
  return [line('▸ The run waits for your answer at another step: any of its keys shows it.', 'warn'), blank];
}

function stepCard(scene: Scene, run: PlaybookRunState, step: RunStepView, asked: Question | null, width: number): Line[] {
  const { glyph, token, word } = stepSign(step, asked, isOver(run));
  const repeats =
    asked !== null &&
    (asked.kind === 'approve' || asked.kind === 'go' || asked.kind === 'failed' || asked.kind === 'unknown' || asked.kind === 'choose');
  const { note } = endWords(step);
  const evidence = asked?.kind === 'failed' || asked?.kind === 'unknown' ? [] : step.evidence;
  return [
    ...(repeats
      ? []
      : [
          ...(asked?.kind === 'undo' ? [blank] : []),
          ...(asked?.kind === 'manual' ? [] : wrap(titleOf(run, step), width).map((part) => line(part, asked === null ? 'strong' : 'dim'))),
          ...(asked !== null || word === ''
            ? []
            : [[span(`${glyph} ${word}`, token), span(step.host === null ? '' : `  on ${step.host}`, 'dim')]]),
          ...(step.why === null ? [] : field('why', oneLine(step.why), width)),
          ...(note === '' ? [] : field('said', note, width, step.state === 'failed' && !step.tolerated ? 'crit' : 'text')),
        ]),
    ...awayLines(scene, step, width),
    ...(step.wait === null
      ? evidence === step.evidence
        ? liveLines(step, width)
        : []
      : waitLines(scene, step, step.wait, run.history.get(step.address) ?? [], width)),
    ...evidence.flatMap((text) => wrap(text, width - 2).map((part): Line => [span('│ ', 'dim'), span(part)])),
  ];
}

/** That the host of a step under way is not heard any more, which the step itself learns only by its deadline. */
function awayLines({ fleet, now }: Scene, step: RunStepView, width: number): Line[] {
  const view = step.state === 'running' ? fleet.hosts.find(({ host }) => host.name === step.host) : undefined;
  if (view === undefined || view.reach.reach === 'ok') return [];
  const last = ageOf(view, now);
  const since = last === null ? '' : ` for ${duration(last)}`;
  const goes = step.verb === 'run' || step.verb === 'do' ? ': what was begun there goes on by itself' : '';
  return field('', `${glyphOf('unknown')} nothing is heard from ${view.host.name}${since} (${view.reach.reach})${goes}.`, width, 'unknown');
}

function liveLines(step: RunStepView, width: number): Line[] {
  return step.live === null ? [] : field('now', step.live, width, 'accent');
}

const barWidth = 20;

/** What a wait sees now and saw before, how long it must go on holding, and when it gives up. */
function waitLines(scene: Scene, step: RunStepView, wait: WaitView, history: readonly (number | null)[], width: number): Line[] {
  const { now } = scene;
  const runs = step.endedAt === null;
  const numbers = history.some((value) => value !== null);
  const held = wait.holdsSince === null ? 0 : Math.min(wait.holdMs, (runs ? now : wait.at) - wait.holdsSince);
  const label = (text: string): Line => [span(text.padEnd(10), 'dim')];
  return [
    ...liveLines(step, width),
    ...(numbers
      ? [[...label('seen'), span(sparkline(history, Math.min(history.length, width - 20), null), 'chart'), span(`  ${wait.value ?? '–'}`)]]
      : []),
    ...(wait.holdMs === 0
      ? []
      : [
          [
            ...label('holds'),
            ...bar(held / wait.holdMs, barWidth, 'ok'),
            span(`  ${durationWords(held)} of ${durationWords(wait.holdMs)}`, wait.holdsSince === null ? 'dim' : 'ok'),
          ],
        ]),
    ...(runs
      ? [[...label('gives up'), span(`in ${durationWords(wait.until - now)}`), span(`, asked every ${durationWords(wait.everyMs)}`, 'dim')]]
      : []),
  ];
}

/** How it came out, what was done, what is left, how long it took, and where it is written. */
function closingLines(scene: Scene, run: PlaybookRunState, width: number): Line[] {
  const { view } = run;
  const { phase } = view;
  const { glyph, token, word } = phaseOf(run, scene.now);
  const changes = view.steps.filter((step) => step.verb === 'run' || step.verb === 'do');
  const named = (states: readonly RunStepView['state'][], steps: readonly RunStepView[]): readonly RunStepView[] =>
    steps.filter((step) => states.includes(step.state));
  const list = (label: string, steps: readonly RunStepView[], mark: 'ok' | 'warn' | 'crit' | 'dim'): Line[] =>
    steps.flatMap((step, index) => {
      const { note } = endWords(step);
      const words = `${titleOf(run, step)}${note === '' || mark === 'ok' ? '' : `: ${note}`}`;
      return field(index === 0 ? label : '', words, width, mark === 'ok' ? 'text' : mark);
    });
  const notWell = named(['failed', 'timeout', 'unreachable', 'unknown'], view.steps);
  const why = view.steps.flatMap(({ note }) => (note?.includes(' stands still: ') === true ? [note] : []));
  const undoable = scene.console.executor.undo.list().length > 0;
  return [
    [span(`${glyph} ${word}`, token)],
    ...(phase.phase === 'closed' ? wrap(phase.message, width).map((part) => line(part, token === 'ok' ? 'text' : token)) : []),
    ...(phase.phase === 'closed' ? [] : why.flatMap((text) => wrap(text, width).map((part) => line(part, 'warn')))),
    blank,
    ...list(
      'done',
      named(['ok', 'already'], changes).filter((step) => !isTakenBack(step)),
      'ok',
    ),
    ...list('undone', changes.filter(isTakenBack), 'ok'),
    ...changes.flatMap((step) =>
      step.undo === undefined || isTakenBack(step)
        ? []
        : field('stays', `${titleOf(run, step)}: ${step.undo.summary}`, width, step.undo.outcome === 'skipped' ? 'warn' : 'crit'),
    ),
    ...list(
      'failed',
      notWell.filter((step) => !step.tolerated),
      'crit',
    ),
    ...list(
      'said no',
      notWell.filter((step) => step.tolerated),
      'dim',
    ),
    ...list('skipped', named(['skipped'], changes), 'dim'),
    ...view.debts.flatMap((debt, index) =>
      field(index === 0 ? 'open' : '', `${glyphOf('warn')} ${debt.what}, for ${durationWords(scene.now - debt.since)}`, width, 'warn'),
    ),
    ...view.locked.flatMap((thing, index) => field(index === 0 ? 'locked' : '', `${thing}, until the run is ended`, width, 'warn')),
    ...(view.lockedBy === null ? [] : field('lock', 'b takes it from its holder, with a reason; the team is told', width, 'warn')),
    ...field('took', `${duration((run.endedAt ?? scene.now) - view.startedAt)}, by ${view.operator}`, width),
    ...field('record', `${run.id} in the journal: @ shows it, quarterdeck incident export writes it up`, width, 'dim'),
    ...(undoable ? field('undo', 'z plans how to take back the last change', width, 'dim') : []),
    ...(phase.phase === 'closed'
      ? []
      : field(
          'go on',
          `${phase.phase === 'paused' && phase.mendable === true ? 'once that is mended ' : ''}c takes it up again; elsewhere quarterdeck playbook resume ${run.id}`,
          width,
          'warn',
        )),
  ];
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
