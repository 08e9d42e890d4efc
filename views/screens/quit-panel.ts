import { isOver } from '../bulk-flow.ts';
import type { Panel } from '../components/dialog.ts';
import { hints } from '../components/key-hints.ts';
import { runsUnderWay } from '../playbook-flow.ts';
import type { PlaybookRunState } from '../playbook-state.ts';
import type { Scene } from '../scene.ts';
import type { Change } from '../state.ts';
import { type Line, line, span } from '../terminal/line.ts';
import { wrap } from '../terminal/width.ts';
import { glyphOf } from '../theme.ts';

/** A backup is meant to outlive the console; of another change nobody would see the end. */
function afterwards({ plan }: Change): string {
  return plan.request.action === 'backup'
    ? 'it goes on there, and the next console takes it up again.'
    : 'its outcome would be recorded as unknown.';
}

/** What is under way and what becomes of it, before the console is left. */
export function quitPanel({ ui, columns }: Scene): Panel {
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
