import type { Question } from '../../src/playbook/run/question.ts';
import { isOver, runOfScreen, showLeftRun } from '../playbook-flow.ts';
import { offerBreak, whyNoBreak } from '../run-lock.ts';
import {
  answerOption,
  answerRetry,
  answerUndo,
  answerWith,
  answerYes,
  askedOn,
  offerAbort,
  offerNote,
  offerStop,
  openQuestion,
  steer,
} from '../run-answers.ts';
import { isElsewhere } from '../run-words.ts';
import type { Session } from '../session.ts';
import { type Binding, binding, type Draft } from './binding.ts';

const screens = ['playbook-run'] as const;

const underWay = (session: Session): string | null => {
  const run = runOfScreen(session.ui.getState());
  return run === null ? 'no run is shown' : isOver(run) ? 'the run is over' : null;
};

/** A key that answers some kinds of questions. */
function answer(
  draft: Pick<Draft, 'id' | 'keys' | 'label' | 'description' | 'run'> & { readonly footer: number; readonly dangerous?: boolean },
  kinds: readonly Question['kind'][],
  why: (session: Session) => string | null = () => null,
): Binding {
  return binding({ ...draft, group: 'change', screens, disabled: (s) => askedOn(s, kinds, 'this question has other answers') ?? why(s) });
}

const signedElsewhere = (session: Session): string | null => {
  const question = runOfScreen(session.ui.getState())?.asked?.question;
  return question !== undefined && isElsewhere(question) ? 'somebody else signs, at their console; f gives the wait up' : null;
};

/** Keys of a run of a playbook. What they answer is the question on the screen, and only after it could be read. */
export const walking: readonly Binding[] = [
  answer(
    {
      id: 'step-go',
      keys: ['y'],
      label: 'yes, go',
      description: 'Yes: send the step shown, it is done, next batch, take it back; where a word is asked for, first the word',
      dangerous: true,
      footer: 1,
      run: answerYes,
    },
    ['go', 'batch', 'undo', 'manual', 'approve'],
    signedElsewhere,
  ),
  answer(
    {
      id: 'step-open',
      keys: ['enter'],
      label: 'answer',
      description: 'Fill in or choose what the run asks; never sends a change',
      footer: 1,
      run: openQuestion,
    },
    ['ask', 'choose'],
  ),
  answer(
    {
      id: 'step-option',
      keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'],
      label: 'choose',
      description: 'Choose this option of the question',
      footer: 2,
      run: answerOption,
    },
    ['choose'],
  ),
  answer(
    {
      id: 'step-retry',
      keys: ['r'],
      label: 'retry',
      description: 'Run the failed step again; of an end that nobody saw: ask its host again, nothing is sent',
      dangerous: true,
      footer: 2,
      run: answerRetry,
    },
    ['failed', 'unknown'],
  ),
  binding({
    id: 'step-break',
    keys: ['b'],
    label: 'break lock',
    description: 'Take the lock that is in the way from its holder, with a reason, and try again; the team is told',
    group: 'change',
    dangerous: true,
    screens,
    footer: 2,
    disabled: whyNoBreak,
    run: offerBreak,
  }),
  answer(
    {
      id: 'step-ok',
      keys: ['o'],
      label: 'it is ok',
      description: 'Of an end that nobody saw: it is ok, and how you know',
      footer: 2,
      run: (s) => answerWith(s, { unknown: 'happened-ok' }),
    },
    ['unknown'],
  ),
  answer(
    {
      id: 'step-failed',
      keys: ['f'],
      label: 'no, failed',
      description: 'No: it could not be done, it failed, not approved; with a reason',
      footer: 3,
      run: (s) => answerWith(s, { manual: 'could-not', unknown: 'happened-failed', approve: 'reject' }),
    },
    ['manual', 'unknown', 'approve'],
  ),
  answer(
    {
      id: 'step-skip',
      keys: ['s'],
      label: 'skip',
      description: 'Leave the step out, with a reason',
      footer: 4,
      run: (s) => answerWith(s, { go: 'skip', failed: 'skip', manual: 'skip', undo: 'skip' }),
    },
    ['go', 'failed', 'manual', 'undo'],
  ),
  answer(
    {
      id: 'step-undo',
      keys: ['u'],
      label: 'undo',
      description: 'End the run and take back what it did, each step asked; of an end that nobody saw: unknown for good',
      dangerous: true,
      footer: 5,
      run: answerUndo,
    },
    ['go', 'failed', 'unknown'],
  ),
  answer(
    {
      id: 'step-stop',
      keys: ['x'],
      label: 'stop',
      description: 'End the run here; what it owes stays open. Asks first',
      footer: 6,
      run: offerStop,
    },
    ['go', 'failed', 'manual', 'ask', 'choose', 'approve', 'batch'],
  ),
  binding({
    id: 'pause-playbook',
    keys: ['p'],
    label: 'pause',
    description: 'Pause before the next step',
    group: 'change',
    screens,
    footer: 7,
    disabled: (s) => underWay(s) ?? (runOfScreen(s.ui.getState())?.view.phase.phase === 'paused' ? 'it is paused' : null),
    run: (s) => steer(s, 'pause'),
  }),
  binding({
    id: 'continue-playbook',
    keys: ['c'],
    label: 'continue',
    description: 'Go on after a pause; take up again a run that stands still',
    group: 'change',
    screens,
    footer: 7,
    disabled: (s) => {
      const phase = runOfScreen(s.ui.getState())?.view.phase.phase;
      return phase === 'closed' ? 'the run is over' : phase === 'paused' ? null : 'it is not paused';
    },
    run: (s) => {
      const left = s.ui.getState().leftRuns.find((one) => one.kept.id === runOfScreen(s.ui.getState())?.id);
      if (left === undefined) steer(s, 'continue');
      else showLeftRun(s, left);
    },
  }),
  binding({
    id: 'note-playbook',
    keys: ['n'],
    label: 'note',
    description: 'A note into the run’s record',
    group: 'change',
    screens,
    footer: 8,
    disabled: underWay,
    run: offerNote,
  }),
  binding({
    id: 'abort-playbook',
    keys: ['a'],
    label: 'abort',
    description: 'Call the run off: what runs on its host is ended, then each undo is offered. Asks why first',
    group: 'change',
    screens,
    footer: 9,
    disabled: underWay,
    run: offerAbort,
  }),
];
