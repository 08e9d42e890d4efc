import { emptyField } from './components/text-field.ts';
import { readLeftRuns, showLeftRun } from './playbook-flow.ts';
import type { LeftRunDialog } from './playbook-state.ts';
import { whyNoStart } from './playbook-start.ts';
import { takeUpOf } from './recovery-flow.ts';
import type { Session } from './session.ts';
import { sentence, showDialog } from './show-dialog.ts';

/** `g`: asks why a left run is given up; it is offered no more then. */
export function offerGiveUp(session: Session, { runId, env }: LeftRunDialog): void {
  const left = session.ui.getState().leftRuns.find((run) => run.kept.id === runId);
  const why = whyNoStart(session);
  if (left === undefined) return;
  if (why !== null) showLeftRun(session, left, `Not now: ${why}.`);
  else
    showDialog(session, {
      kind: 'run-words',
      runId,
      env,
      question: null,
      words: 'give-up',
      field: emptyField,
      wrong: null,
      openedAt: session.now(),
    });
}

export function giveUp(session: Session, runId: string, reason: string): void {
  const { desk } = session.console.playbooks;
  const left = session.ui.getState().leftRuns.find((run) => run.kept.id === runId);
  if (desk === null || left === undefined) return;
  desk.giveUp(runId, reason).then(
    ({ kept }) => {
      readLeftRuns(session);
      const owed = left.kept.memory.debts().map(({ what }) => what);
      const open = owed.length === 0 ? '' : ` Still open: ${owed.join('; ')}.`;
      session.note(`Given up.${open}${kept === null ? '' : ` ${kept}.`}`, owed.length > 0 || kept !== null ? 'warn' : 'ok');
      // Its host stays locked until that is known, and its run asks no more.
      void takeUpOf(session, runId);
    },
    (error: unknown) => showLeftRun(session, left, sentence(error)),
  );
}
