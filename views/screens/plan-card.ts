import type { Plan } from '../../src/actions/plan.ts';
import type { Panel } from '../components/dialog.ts';
import { hints } from '../components/key-hints.ts';
import { drawField } from '../components/text-field.ts';
import { duration } from '../format.ts';
import { confirmationBlock, isBulk } from '../plan-flow.ts';
import type { Scene } from '../scene.ts';
import type { PlanDialog } from '../dialog-state.ts';
import { type Line, line, lineWidth, span } from '../terminal/line.ts';
import { widthOf, wrap } from '../terminal/width.ts';
import { glyphOf } from '../theme.ts';
import { bulkLines } from './bulk-card.ts';
import { field } from './card-field.ts';
import { commandHead, scriptLines } from './command-text.ts';

/** The countdown is shown as a warning from here on, ms. */
const soonMs = 15_000;

/** Everything that will happen, before it happens, and how to say yes to it. */
export function planPanel(scene: Scene, dialog: PlanDialog): Panel {
  const { plan } = dialog;
  const width = scene.columns - 6;
  const body = [...approvalLines(dialog, width), ...(isBulk(plan) ? bulkLines(plan, width) : planLines(plan, width))];
  return { title: plan.title, env: plan.env, body, foot: planFoot(scene, dialog) };
}

function planLines(plan: Plan, width: number): Line[] {
  const targets = plan.targets.map((target) => (target.address === null ? target.name : `${target.name} (${target.address})`));
  return [
    ...field('on', targets.join(', '), width, 'strong'),
    ...plan.commands.flatMap((command) =>
      field(command.purpose === 'precheck' ? 'first' : 'runs', commandHead(command.command), width, 'accent'),
    ),
    ...plan.others.flatMap((other, index) => field(index === 0 ? 'also here' : '', other, width, 'warn')),
    ...plan.warnings.flatMap((warning) => field('beware', `${glyphOf('warn')} ${warning}`, width, 'warn')),
    ...plan.now.flatMap((now) => field('now', `${glyphOf(now.health)} ${now.text}`, width, now.health)),
    ...field('then', plan.expected, width),
    ...plan.proofs.flatMap((proof, index) => field(index === 0 ? 'proof' : '', `${index + 1}. ${proof.text}`, width)),
    ...field('undo', plan.undo, width),
    ...(plan.undoes === null ? [] : field('undoes', plan.undoes, width)),
    ...scriptLines(plan.commands, width),
  ];
}

/** A second person is asked before anything else is read. */
function approvalLines({ plan }: PlanDialog, width: number): Line[] {
  if (plan.approvalNeeded === null) return [];
  const approve = `quarterdeck approve ${plan.hash.slice(0, 8)}`;
  const text = `${plan.approvalNeeded}. Confirming asks for it and waits; somebody else signs (Y at their console, or ${approve}), then it is sent.`;
  return field('second', text, width, 'warn');
}

export const lockedWords = (env: string): string => `${env} is read-only, so this cannot be done yet: A arms writes for 5 minutes.`;

function planFoot(scene: Scene, dialog: PlanDialog): Line[] {
  const { plan } = dialog;
  const block = confirmationBlock(scene.console.executor, plan, scene.now);
  switch (block?.kind) {
    case 'read-only':
      return [line('read-only: this console was started so and changes nothing.', 'warn'), hints([['esc', 'close']])];
    case 'locked':
      return [
        line(lockedWords(block.env), 'warn'),
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
    case undefined:
      return [
        ...(dialog.wrong === null ? [] : [line(dialog.wrong, 'warn')]),
        ...reasonLines(dialog, scene.columns - 6),
        ...confirmLines(scene, dialog),
      ];
  }
}

/** Why a reason is asked for, always in sight, and the reason. */
function reasonLines({ reason, focus, plan, breakLock }: PlanDialog, width: number): Line[] {
  if (reason === null) return [];
  const because = breakLock
    ? 'Somebody holds its lock; confirming takes it from them, and the journal records that.'
    : (plan.reasonNeeded ?? '');
  return [
    ...wrap(because, width).map((part) => line(part, 'warn')),
    [span('Why? ', 'strong'), ...(focus === 'reason' ? drawField(reason) : [span(reason.text === '' ? '…' : reason.text)])],
  ];
}

function confirmLines(scene: Scene, dialog: PlanDialog): Line[] {
  const { plan, focus, reason } = dialog;
  const leftMs = plan.expiresAt - scene.now;
  const left: Line = [span(`   good for ${duration(leftMs)}`, leftMs < soonMs ? 'warn' : 'dim')];
  const cancel: Line = [span(' Cancel ', 'cursor'), span('   ')];
  const { kind, word } = plan.confirmation;
  const asked: Line =
    kind === 'key'
      ? [span('Do it? ', 'strong'), span(`press ${word} to go on`, 'strong')]
      : [span(`Type the ${plan.confirmation.what} `, 'strong'), span(word, 'accent'), span(' and Enter: ', 'strong')];
  const other = reason === null ? [] : ([['tab', 'other line']] as const);
  const keys = (empty: boolean, does: readonly [string, string]): Line => [
    ...(empty ? cancel : []),
    ...hints([
      ...(kind === 'key' && focus === 'word' ? [does, ['enter', 'cancel'] as const] : [does]),
      ...other,
      ...(reason === null ? ([['esc', 'cancel']] as const) : []),
    ]),
    ...left,
  ];
  if (focus === 'reason') {
    const empty = reason === null || reason.text.trim() === '';
    return [asked.map(({ text }) => span(text, 'dim')), keys(empty, ['enter', empty ? 'cancel' : 'then confirm'])];
  }
  if (kind === 'key') return [asked, keys(true, [word, 'do it'])];
  const empty = dialog.field.text === '';
  const typed = drawField(dialog.field);
  // A sentence takes a line of its own to be typed on.
  const long = lineWidth(asked) + widthOf(word) + 8 > scene.columns;
  return [...(long ? [asked, [span('  '), ...typed]] : [[...asked, ...typed]]), keys(empty, ['enter', empty ? 'cancel' : 'do it'])];
}
