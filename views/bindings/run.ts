import { isOver, runOfScreen, runToShow, showRun, steerRun } from '../bulk-flow.ts';
import { isOver as isPlaybookOver, runOfScreen as runOfPlaybook, runToLookAt, showPlaybookRun } from '../playbook-flow.ts';
import type { Session } from '../session.ts';
import { showDialog } from '../show-dialog.ts';
import { type Binding, binding, everywhere } from './binding.ts';

const underWay = (session: Session): string | null => {
  const run = runOfScreen(session);
  return run === null || run.control === null ? 'no run is shown' : isOver(run) ? 'the run is over' : null;
};

function steer(session: Session, how: 'pause' | 'continue'): void {
  const run = runOfScreen(session);
  if (run !== null) steerRun(session, run.plan.id, how);
}

/** `v`: to the run of a playbook that waits for the person, then to whatever is under way, then to the last of either kind. */
function viewRun(session: Session): void {
  const ui = session.ui.getState();
  const bulk = runToShow(ui);
  const playbook = runToLookAt(ui);
  const urgent = playbook !== null && !isPlaybookOver(playbook);
  if (playbook !== null && (urgent || bulk === null || isOver(bulk))) showPlaybookRun(session, playbook.id);
  else if (bulk !== null) showRun(session, bulk);
}

/** Keys of a change on many hosts. */
export const running: readonly Binding[] = [
  binding({
    id: 'view-run',
    keys: ['v'],
    label: 'view run',
    description: 'The run that waits for you, is under way, or was the last; on a playbook’s run the next one',
    group: 'open',
    screens: everywhere.filter((kind) => kind !== 'run'),
    footer: 6,
    disabled: (s) =>
      runToShow(s.ui.getState()) === null && runToLookAt(s.ui.getState()) === null
        ? runOfPlaybook(s.ui.getState()) === null
          ? 'no playbook was started, and nothing was changed on many hosts yet'
          : 'there is no other run'
        : null,
    run: viewRun,
  }),
  binding({
    id: 'pause-run',
    keys: ['p'],
    label: 'pause',
    description: 'Pause before the next batch',
    group: 'change',
    screens: ['run'],
    footer: 1,
    disabled: underWay,
    run: (s) => steer(s, 'pause'),
  }),
  binding({
    id: 'continue-run',
    keys: ['c'],
    label: 'continue',
    description: 'Go on after a pause',
    group: 'change',
    screens: ['run'],
    footer: 2,
    disabled: underWay,
    run: (s) => steer(s, 'continue'),
  }),
  binding({
    id: 'abort-run',
    keys: ['a'],
    label: 'abort',
    description: 'Begin no further host; what runs is let finish. Asks first',
    group: 'change',
    screens: ['run'],
    footer: 3,
    disabled: underWay,
    run: (s) => {
      const run = runOfScreen(s);
      if (run === null) return;
      const { id, title, env } = run.plan;
      showDialog(s, { kind: 'abort-run', runId: id, title, env, openedAt: s.now() });
    },
  }),
];
