import type { ActionOutcome, Progress } from '../../src/actions/plan.ts';
import type { Panel } from '../components/dialog.ts';
import { hints } from '../components/key-hints.ts';
import { drawField } from '../components/text-field.ts';
import { clockTime, duration } from '../format.ts';
import { confirmationBlock } from '../restart-flow.ts';
import type { Scene } from '../scene.ts';
import type { Change, Dialog } from '../state.ts';
import { blank, type Line, line, span } from '../terminal/line.ts';
import { wrap } from '../terminal/width.ts';
import { glyphOf, type Token } from '../theme.ts';

type Of<Kind extends Dialog['kind']> = Extract<Dialog, { kind: Kind }>;

const labelWidth = 10;

/** A label and its text, wrapped under itself. */
function field(label: string, text: string, width: number, token: Token = 'text'): Line[] {
  return wrap(text, width - labelWidth).map((part, index) => [
    span((index === 0 ? label : '').padEnd(labelWidth), 'dim'),
    span(part, token),
  ]);
}

/** Everything that will happen, before it happens, and how to say yes to it. */
export function planPanel(scene: Scene, dialog: Of<'plan'>): Panel {
  const { plan } = dialog;
  const width = scene.columns - 6;
  const targets = plan.targets.map((target) => (target.address === null ? target.name : `${target.name} (${target.address})`));
  const body: Line[] = [
    ...field('on', targets.join(', '), width, 'strong'),
    ...plan.commands.flatMap((command) => field(command.purpose === 'precheck' ? 'first' : 'runs', command.command, width, 'accent')),
    ...plan.now.flatMap((now) => field('now', `${glyphOf(now.health)} ${now.text}`, width, now.health)),
    ...field('then', plan.expected, width),
    ...plan.proofs.flatMap((proof, index) => field(index === 0 ? 'proof' : '', `${index + 1}. ${proof.text}`, width)),
    ...field('undo', plan.undo, width),
    ...plan.warnings.flatMap((warning) => field('beware', `${glyphOf('warn')} ${warning}`, width, 'warn')),
  ];
  return { title: plan.title, env: plan.env, body, foot: planFoot(scene, dialog) };
}

const lockedWords = (env: string): string => `${env} is read-only, so this cannot be done yet: A arms writes for 5 minutes.`;

function planFoot(scene: Scene, dialog: Of<'plan'>): Line[] {
  const { plan, wrong } = dialog;
  switch (confirmationBlock(scene.console.executor, plan, scene.now)) {
    case 'read-only':
      return [line('read-only: this console was started so and changes nothing.', 'warn'), hints([['esc', 'close']])];
    case 'locked':
      return [
        line(lockedWords(plan.env), 'warn'),
        hints([
          ['A', 'arm writes, then this plan again'],
          ['esc', 'cancel'],
        ]),
      ];
    case 'expired':
      return [
        line('This plan is too old to act on.', 'warn'),
        hints([
          ['r', 'plan again'],
          ['esc', 'cancel'],
        ]),
      ];
    case null:
      break;
  }
  const left = `good for ${duration(plan.expiresAt - scene.now)}`;
  const cancel: Line = [span(' Cancel ', 'cursor')];
  if (plan.confirmation.kind === 'key') {
    return [
      [span('Do it? ', 'strong'), span(`press ${plan.confirmation.word} to go on`, 'strong'), span(`   ${left}`, 'dim')],
      [
        ...cancel,
        span('   '),
        ...hints([
          [plan.confirmation.word, 'do it'],
          ['enter', 'cancel'],
          ['esc', 'cancel'],
        ]),
      ],
    ];
  }
  const asked: Line = [
    span(`Type the ${plan.confirmation.what} `, 'strong'),
    span(plan.confirmation.word, 'accent'),
    span(' and Enter: ', 'strong'),
    ...drawField(dialog.field),
    span(`   ${left}`, 'dim'),
  ];
  const said: Line[] = wrong === null ? [] : [line(wrong, 'warn')];
  return [
    ...said,
    asked,
    [
      ...(dialog.field.text === '' ? [...cancel, span('   ')] : []),
      ...hints([
        ['enter', dialog.field.text === '' ? 'cancel' : 'do it'],
        ['esc', 'cancel'],
      ]),
    ],
  ];
}

const progressGlyph = (progress: Progress): Line =>
  progress.health === 'running' ? [span('… ', 'dim')] : [span(`${glyphOf(progress.health)} `, progress.health)];

function progressLines(change: Change, width: number): Line[] {
  return change.progress.flatMap((progress) =>
    wrap(progress.text, width - 21).map(
      (part, index): Line =>
        index === 0
          ? [span(`${clockTime(progress.at)}  `, 'dim'), span(progress.phase.padEnd(9), 'dim'), ...progressGlyph(progress), span(part)]
          : [span(' '.repeat(21)), span(part)],
    ),
  );
}

export function runningPanel(scene: Scene, change: Change): Panel {
  const body = [...progressLines(change, scene.columns - 6), line('… under way', 'dim')];
  return {
    title: change.plan.title,
    env: change.plan.env,
    body,
    foot: [hints([['esc', 'let it run in the background']])],
    keepVisible: body.length - 1,
  };
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
  return { title: change.plan.title, env: change.plan.env, body, foot: [hints([['esc', 'close']])] };
}

export function refusedPanel(scene: Scene, dialog: Of<'refused'>): Panel {
  const width = scene.columns - 6;
  const locked = dialog.refusal.guard === 'not-armed';
  const body: Line[] = [
    ...wrap(dialog.refusal.message, width - 2).map(
      (part, index): Line => [span(index === 0 ? `${glyphOf('warn')} ` : '  ', 'warn'), span(part, 'warn')],
    ),
    line('Nothing was sent.', 'dim'),
  ];
  const foot: Line[] = locked
    ? [
        line(lockedWords(dialog.env), 'warn'),
        hints([
          ['A', 'arm writes, then the plan'],
          ['esc', 'close'],
        ]),
      ]
    : [hints([['esc', 'close']])];
  return { title: dialog.title, env: dialog.env, body, foot };
}
