import type { Panel } from '../components/dialog.ts';
import { hints } from '../components/key-hints.ts';
import { drawField } from '../components/text-field.ts';
import { lockedIn } from '../../src/playbook/run/view-of.ts';
import { duration, plural, shortTime } from '../format.ts';
import { takeUpKey } from '../playbook-dialog-keys.ts';
import type { LeftRunDialog, PlaybookDialog, RunChoiceDialog, RunWordsDialog } from '../playbook-state.ts';
import type { Scene } from '../scene.ts';
import { fitLine, type Line, line, plainText, span } from '../terminal/line.ts';
import { wrap } from '../terminal/width.ts';
import { glyphOf } from '../theme.ts';
import { field } from './card-field.ts';
import { questionLines } from './question-lines.ts';
import { inputWords } from './runs-screen.ts';

/** The dialogs of a run, but for its forms. */
export function playbookPanel(scene: Scene, dialog: Exclude<PlaybookDialog, { kind: 'form' }>): Panel | null {
  switch (dialog.kind) {
    case 'run-words':
      return wordsPanel(scene, dialog);
    case 'run-choice':
      return choicePanel(scene, dialog);
    case 'run-stop':
      return stopPanel(scene, dialog.runId, dialog.env);
    case 'left-run':
      return leftPanel(scene, dialog);
    default:
      return dialog satisfies never;
  }
}

const asks: Readonly<Record<RunWordsDialog['words'], readonly [title: string, prompt: string, verb: string]>> = {
  note: ['note', 'Note: ', 'write it into the record'],
  abort: ['abort the run', 'Why? ', 'abort'],
  'give-up': ['give the run up', 'Why? ', 'give it up'],
  skip: ['skip this step', 'Why? ', 'skip it'],
  break: ['break the lock', 'Why? ', 'break it and try again'],
  'break-in': ['break the lock', 'Why? ', 'break it and go on'],
  go: ['dangerous', 'Type it: ', 'send'],
  'could-not': ['it could not be done', 'Why? ', 'say so'],
  approve: ['approve', 'Who approves? ', 'write it into the record'],
  reject: ['not approved', 'Why? ', 'say so'],
  'happened-ok': ['it is ok', 'How do you know? ', 'write it into the record'],
  'happened-failed': ['it failed', 'How do you know? ', 'write it into the record'],
  'happened-unknown': ['unknown for good', 'How do you know? ', 'write it into the record'],
};

const lockBroken =
  'Its holder sends nothing further there. The team is told, with your reason, and it stands in the record. Ask them first if you can.';

const explained: Partial<Readonly<Record<RunWordsDialog['words'], string>>> = {
  abort: 'What runs on its host now is ended, nothing further is done, then each undo is shown and asked.',
  'give-up':
    'It is closed and offered no more. Nothing is sent and nothing is taken back: what it owes stays open, and is told in its end. Its locks are given back, but for that of a change whose end nobody saw: its host is asked next.',
  break: lockBroken,
  'break-in': lockBroken,
  note: 'It stands in the record of the run, and in the timeline of the incident that the run belongs to. i writes into the incident itself.',
};

function wordsPanel(scene: Scene, dialog: RunWordsDialog): Panel {
  const width = scene.columns - 6;
  const [title, prompt, verb] = asks[dialog.words];
  const run = scene.ui.playbookRuns.find((one) => one.id === dialog.runId);
  const left = scene.ui.leftRuns.find((one) => one.kept.id === dialog.runId);
  const told = explained[dialog.words];
  const about: Line[] =
    told !== undefined
      ? wrap(told, width).map((part) => line(part))
      : dialog.question === null
        ? []
        : questionLines(dialog.question, width, scene.now).slice(1);
  const word = dialog.question?.kind === 'go' && dialog.words === 'go' ? `Type ${dialog.question.word ?? 'go'} to send it: ` : prompt;
  return {
    title: `${title}   ${run?.view.title ?? left?.kept.title ?? ''}`,
    env: dialog.env,
    body: about,
    foot: [
      ...(dialog.wrong === null ? [] : [line(dialog.wrong, 'warn')]),
      [span(word, 'strong'), ...drawField(dialog.field)],
      hints([
        ['enter', verb],
        ['esc', 'back'],
      ]),
    ],
  };
}

function choicePanel(scene: Scene, dialog: RunChoiceDialog): Panel {
  const width = scene.columns - 6;
  const rows = dialog.question.options.map((option, index): Line => {
    const row: Line = [span(`<${index + 1}> `, 'key'), span(option.label, 'strong')];
    return index === dialog.cursor ? [span(plainText(fitLine(row, width)), 'cursor')] : row;
  });
  const asked = wrap(dialog.question.text, width).map((part) => line(part));
  return {
    title: 'choose',
    env: dialog.env,
    body: [...asked, ...rows],
    foot: [
      hints([
        ['enter', 'choose'],
        ['esc', 'back'],
      ]),
    ],
    keepVisible: asked.length + dialog.cursor,
  };
}

function stopPanel(scene: Scene, runId: string, env: string): Panel {
  const run = scene.ui.playbookRuns.find((one) => one.id === runId);
  const owed = run?.view.debts ?? [];
  return {
    title: `stop here: ${run?.view.title ?? ''}`,
    env,
    body: [
      line('Nothing further is done and nothing is taken back. To take back what was done, undo instead.'),
      ...owed.map((debt) => line(`${glyphOf('warn')} stays open: ${debt.what}`, 'warn')),
    ],
    foot: [
      [
        span(' Cancel ', 'cursor'),
        span('   '),
        ...hints([
          ['y', 'stop the run'],
          ['esc', 'back'],
        ]),
      ],
    ],
  };
}

/** A run that a console left: whose, since when, how far, and what it still owes. */
function leftPanel(scene: Scene, dialog: LeftRunDialog): Panel | null {
  const left = scene.ui.leftRuns.find((run) => run.kept.id === dialog.runId);
  if (left === undefined) return null;
  const { kept } = left;
  const { memory } = kept;
  const width = scene.columns - 6;
  const own = kept.operator === scene.console.operator;
  const inputs = Object.fromEntries(
    Object.entries(memory.open?.inputs ?? {}).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
  const done = [...memory.outcomes.values()].filter((outcome) => outcome.outcome === 'ok' || outcome.outcome === 'already');
  const last = [...memory.outcomes.values()].at(-1);
  const underWay = memory.allInterrupted();
  const debts = memory.debts();
  const state = memory.undoing === null ? (memory.paused ? 'paused' : 'in the middle') : `taking back: ${memory.undoing.why}`;
  return {
    title: `left open: ${kept.title}`,
    env: dialog.env,
    body: [
      ...wrap(
        kept.owned
          ? 'Its console still runs, so only that one can go on with it.'
          : 'A console ended in the middle of this run. Nothing is done until you say so.',
        width,
      ).map((part) => line(part, kept.owned ? 'warn' : 'text')),
      ...field('by', own ? `${kept.operator} (you)` : kept.operator, width, own ? 'text' : 'strong'),
      ...field('since', `${shortTime(kept.startedAt, scene.now)}, ${duration(scene.now - kept.startedAt)} ago, ${state}`, width),
      ...field('inputs', inputWords(inputs), width),
      ...field(
        'so far',
        `${plural(done.length, 'step')} done${last === undefined ? '' : `, the last: ${last.key} ${last.outcome}`}`,
        width,
      ),
      ...underWay.flatMap(({ key, host, commands }, index) =>
        field(
          index === 0 ? 'under way' : '',
          `${glyphOf('unknown')} ${key}${host === null ? '' : ` on ${host}`}: ${commands.join('; ')}. Nobody saw its end: resuming asks the host what became of it, and sends nothing twice unasked.`,
          width,
          'unknown',
        ),
      ),
      ...(debts.length === 0
        ? field('open', 'nothing is owed back', width, 'dim')
        : debts.flatMap((debt, index) =>
            field(index === 0 ? 'open' : '', `${glyphOf('warn')} ${debt.what}, for ${duration(scene.now - debt.since)}`, width, 'warn'),
          )),
      ...lockedIn(memory).flatMap((thing, index) =>
        field(index === 0 ? 'locked' : '', `${thing}, until it is ended or given up`, width, 'warn'),
      ),
    ],
    foot: [
      ...(dialog.refusal === null ? [] : wrap(dialog.refusal, width).map((part) => line(part, 'warn'))),
      hints([
        ...(kept.owned
          ? []
          : ([
              [takeUpKey(scene, kept.operator), own ? 'resume it' : 'take it over'],
              ['g', 'give it up'],
            ] as const)),
        ['l', 'later'],
      ]),
    ],
  };
}
