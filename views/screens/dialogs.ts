import type { Panel } from '../components/dialog.ts';
import { hints } from '../components/key-hints.ts';
import { drawField } from '../components/text-field.ts';
import type { PendingPrompt } from '../prompt-queue.ts';
import type { Scene } from '../scene.ts';
import type { Dialog } from '../dialog-state.ts';
import type { Change } from '../state.ts';
import { blank, fitLine, type Line, line, plainText, span } from '../terminal/line.ts';
import { wrap } from '../terminal/width.ts';
import { glyphOf } from '../theme.ts';
import { isOver } from '../bulk-flow.ts';
import { runsUnderWay } from '../playbook-flow.ts';
import type { PlaybookRunState } from '../playbook-state.ts';
import { actionsPanel, inputPanel } from './action-dialogs.ts';
import { outcomePanel, refusedPanel, runningPanel } from './change-dialogs.ts';
import { approvalPanel, signingPanel } from './approval-card.ts';
import { planPanel } from './plan-card.ts';
import { formPanel } from './form-panel.ts';
import { playbookPanel } from './playbook-dialogs.ts';
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

/** A backup is meant to outlive the console; of another change nobody would see the end. */
function afterwards({ plan }: Change): string {
  return plan.request.action === 'backup'
    ? 'it goes on there, and the next console takes it up again.'
    : 'its outcome would be recorded as unknown.';
}

function quitPanel({ ui, columns }: Scene): Panel {
  const waits = ui.waits.flatMap((wait) =>
    wrap(
      `${glyphOf('warn')} ${wait.title} waits for a second person; leaving takes the request back, and nothing is sent.`,
      columns - 6,
    ).map((part) => line(part, 'warn')),
  );
  const waiting = new Set(ui.waits.map(({ hash }) => hash));
  const running = ui.changes.filter((one) => one.outcome === null && !waiting.has(one.plan.hash));
  const body = running.map(
    (one): Line => [span(`${glyphOf('warn')} `, 'warn'), span(`${one.plan.title} is still running; ${afterwards(one)}`, 'warn')],
  );
  const runs = ui.runs
    .filter((run) => !isOver(run))
    .map(
      (run): Line => [
        span(`${glyphOf('warn')} `, 'warn'),
        span(`${run.plan.title} is still running; no further host is begun, and it can be resumed.`, 'warn'),
      ],
    );
  const walks = runsUnderWay(ui);
  const open = ui.playbookRuns.filter((run) => run.view.phase.phase !== 'closed').flatMap((run) => leftWords(run, columns - 6));
  return {
    title: 'quit quarterdeck',
    env: null,
    body: [...waits, ...body, ...runs, ...open, line('Leave the console? Nothing on any host changes by it.')],
    foot: [
      hints([
        ['y', walks.length === 0 ? 'quit' : 'quit, to be resumed'],
        ...(walks.length === 0 ? [] : ([['a', 'abort the run first']] as const)),
        ['esc', 'stay'],
      ]),
    ],
  };
}

/** What a run owes and keeps locked once nobody walks it, and how it goes on. */
function leftWords({ id, view }: PlaybookRunState, width: number): Line[] {
  const owed = view.debts.map((debt) => debt.what).join('; ');
  const words = [
    `${view.title} is under way; it stays as it is, and the next console can take it up: it offers it, or quarterdeck playbook resume ${id}`,
    ...(owed === '' ? [] : [`Owed back meanwhile: ${owed}`]),
    ...(view.locked.length === 0
      ? []
      : [`Locked in your name meanwhile: ${view.locked.join(', ')}. Nobody else changes it until the run is ended.`]),
  ];
  return words.flatMap((text) =>
    wrap(`${glyphOf('warn')} ${text}`, width).map((part, index) => line(index === 0 ? part : `  ${part}`, 'warn')),
  );
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

function promptPanel(scene: Scene, dialog: Of<'prompt'>, prompt: PendingPrompt): Panel {
  const waiting = scene.prompts.length > 1 ? `   1 of ${scene.prompts.length} questions` : '';
  const wrong: Line[] = dialog.wrong === null ? [] : [line(dialog.wrong, 'warn')];
  if (prompt.kind === 'passphrase') {
    return {
      title: `passphrase${waiting}`,
      env: null,
      body: [
        ...(prompt.question.again ? [line('That was not the passphrase.', 'warn')] : []),
        [span('The key '), span(prompt.question.keyFile, 'strong'), span(' is locked. The passphrase is kept in memory only.')],
      ],
      foot: [
        ...wrong,
        [span('Passphrase: ', 'strong'), ...drawField(dialog.field, true)],
        hints([
          ['enter', 'unlock'],
          ['esc', 'go on without this key'],
        ]),
      ],
    };
  }
  const { hostName, knownAs, keyType, fingerprint, file } = prompt.question;
  const width = scene.columns - 6;
  const many = scene.prompts.filter((one) => one.kind === 'host-key').length > 1;
  return {
    title: `unknown host key of ${hostName}${waiting}`,
    env: null,
    body: [
      ...wrap(
        `${hostName} was never seen before. Compare this fingerprint with one from a source you trust before you accept it.`,
        width,
      ).map((part) => line(part)),
      blank,
      [span('fingerprint  ', 'dim'), span(fingerprint, 'strong')],
      [span('key type     ', 'dim'), span(keyType)],
      [span('known as     ', 'dim'), span(knownAs)],
      [span('stored in    ', 'dim'), span(file)],
    ],
    foot: [
      ...wrong,
      [span('Type yes and Enter to accept: ', 'strong'), ...drawField(dialog.field)],
      [
        span(' Cancel ', 'cursor'),
        span('   '),
        ...hints([['esc', 'refuse'], ...(many ? ([['none', 'typed: refuse all waiting']] as const) : [])]),
      ],
    ],
  };
}
