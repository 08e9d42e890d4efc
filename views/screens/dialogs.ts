import type { Panel } from '../components/dialog.ts';
import { hints } from '../components/key-hints.ts';
import type { Scene } from '../scene.ts';
import type { Dialog } from '../dialog-state.ts';
import { fitLine, type Line, line, plainText, span } from '../terminal/line.ts';
import { wrap } from '../terminal/width.ts';
import { glyphOf } from '../theme.ts';
import { actionsPanel, inputPanel } from './action-dialogs.ts';
import { outcomePanel, refusedPanel, runningPanel } from './change-dialogs.ts';
import { approvalPanel, signingPanel } from './approval-card.ts';
import { planPanel } from './plan-card.ts';
import { formPanel } from './form-panel.ts';
import { playbookPanel } from './playbook-dialogs.ts';
import { promptPanel } from './prompt-panel.ts';
import { quitPanel } from './quit-panel.ts';
import { recoveryPanel } from './recovery-panel.ts';
import { markPanel, tellingPanel } from './telling-panel.ts';

type Of<Kind extends Dialog['kind']> = Extract<Dialog, { kind: Kind }>;

/** The open dialog as a panel; `null` when what it is about is gone. */
export function dialogPanel(scene: Scene, dialog: Dialog): Panel | null {
  switch (dialog.kind) {
    case 'quit':
      return quitPanel(scene);
    case 'pick-service':
      return pickPanel(scene, dialog);
    case 'planning':
      return {
        title: dialog.title,
        env: dialog.env,
        body: [line('Making the plan: reading what is there now…')],
        foot: [hints([['esc', 'cancel']])],
      };
    case 'plan':
      return planPanel(scene, dialog);
    case 'approval':
      return approvalPanel(scene, dialog);
    case 'signing': {
      const wait = scene.ui.waits.find((one) => one.id === dialog.waitId);
      return wait === undefined ? null : signingPanel(scene, wait);
    }
    case 'running':
    case 'outcome': {
      const change = scene.ui.changes.find((one) => one.id === dialog.changeId);
      if (change === undefined) return null;
      return dialog.kind === 'running' ? runningPanel(scene, change) : outcomePanel(scene, change);
    }
    case 'refused':
      return refusedPanel(scene, dialog);
    case 'arm':
      return armPanel(scene, dialog);
    case 'abort-run':
      return abortPanel(scene, dialog);
    case 'actions':
      return actionsPanel(scene, dialog);
    case 'recovery': {
      const question = scene.ui.questions.find((one) => one.item.plan.id === dialog.actionId);
      return question === undefined ? null : recoveryPanel(scene, dialog, question);
    }
    case 'telling':
      return tellingPanel(scene, dialog);
    case 'mark':
      return markPanel(scene, dialog);
    case 'input':
      return inputPanel(scene, dialog);
    case 'form':
      return formPanel(scene, dialog);
    case 'run-words':
    case 'run-choice':
    case 'run-stop':
    case 'left-run':
      return playbookPanel(scene, dialog);
    case 'scenario':
      return scenarioPanel(scene, dialog);
    case 'prompt': {
      const prompt = scene.prompts.find((one) => one.id === dialog.promptId);
      return prompt === undefined ? null : promptPanel(scene, dialog, prompt);
    }
  }
}

function abortPanel(scene: Scene, dialog: Of<'abort-run'>): Panel {
  return {
    title: `abort: ${dialog.title}`,
    env: dialog.env,
    body: wrap('No further host is begun; what runs now is let finish. What is left can be resumed later.', scene.columns - 6).map((part) =>
      line(part),
    ),
    foot: [
      [
        span(' Cancel ', 'cursor'),
        span('   '),
        ...hints([
          ['y', 'abort the run'],
          ['esc', 'let it go on'],
        ]),
      ],
    ],
  };
}

/** A list with one row chosen. */
function listLines(rows: readonly Line[], cursor: number, width: number): Line[] {
  return rows.map((row, index) => (index === cursor ? [span(plainText(fitLine(row, width)), 'cursor')] : row));
}

function pickPanel(scene: Scene, dialog: Of<'pick-service'>): Panel {
  const name = Math.max(...dialog.services.map((one) => one.name.length));
  const rows = dialog.services.map(
    (one): Line => [
      span(one.key === '' ? '    ' : `<${one.key}> `, 'key'),
      span(`${glyphOf(one.health)} `, one.health),
      span(one.name.padEnd(name + 2), 'strong'),
      span(one.words, one.health === 'ok' ? 'dim' : one.health),
    ],
  );
  const unmarked = dialog.hostIds.length === 1 && scene.ui.marked.size > 0 && !dialog.hostIds.every((id) => scene.ui.marked.has(id));
  const note: Line[] = unmarked ? [line(`Only ${dialog.hostName}: marks do not count on this screen.`, 'warn')] : [];
  return {
    title: `restart which service of ${dialog.hostName}?`,
    env: dialog.env,
    body: listLines(rows, dialog.cursor, scene.columns - 6),
    foot: [
      ...note,
      [
        span('A plan is shown before anything happens.   ', 'dim'),
        ...hints([
          ['enter', 'plan'],
          ['esc', 'cancel'],
        ]),
      ],
    ],
    keepVisible: dialog.cursor,
  };
}

function armPanel(scene: Scene, dialog: Of<'arm'>): Panel {
  const refusal: Line[] = dialog.refusal === null ? [] : wrap(dialog.refusal, scene.columns - 6).map((part) => line(part, 'warn'));
  return {
    title: `arm writes in ${dialog.env}`,
    env: dialog.env,
    body: [
      ...refusal,
      ...wrap(
        `For 5 minutes, changes in ${dialog.env} that you confirm are carried out. Every change still shows its plan first.`,
        scene.columns - 6,
      ).map((part) => line(part)),
      line('The journal records that you armed it.', 'dim'),
    ],
    foot: [
      [
        span(' Cancel ', 'cursor'),
        span('   '),
        ...hints([
          ['y', `arm ${dialog.env}`],
          ['esc', 'cancel'],
        ]),
      ],
    ],
  };
}

function scenarioPanel(scene: Scene, dialog: Of<'scenario'>): Panel {
  const { scenarios } = scene.console;
  const current = scenarios?.current() ?? null;
  const offers = [{ name: 'none', text: 'all is well' }, ...(scenarios?.list ?? [])];
  const width = Math.max(...offers.map((one) => one.name.length));
  const rows = offers.map(({ name, text }): Line => {
    const on = name === (current ?? 'none');
    return [span(on ? '• ' : '  ', 'accent'), span(name.padEnd(width + 2), 'strong'), span(text, 'dim')];
  });
  return {
    title: 'scenario of the demo fleet',
    env: null,
    body: listLines(rows, dialog.cursor, scene.columns - 6),
    foot: [
      ...wrap(offers[dialog.cursor]?.text ?? '', scene.columns - 6).map((part) => line(part)),
      hints([
        ['enter', 'set'],
        ['esc', 'cancel'],
      ]),
    ],
    keepVisible: dialog.cursor,
  };
}
