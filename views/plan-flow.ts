import type { BulkPlan } from '../src/actions/bulk.ts';
import type { ConfirmExtras, Executor, Plan, Refusal } from '../src/actions/plan.ts';
import type { ActionRequest } from '../src/actions/request.ts';
import { type Asked, askedWords } from './asked.ts';
import { emptyField } from './components/text-field.ts';
import type { Session } from './session.ts';
import { waitOnScreen } from './signature-wait.ts';
import { sentence, showDialog } from './show-dialog.ts';
import { addChange, addProgress, closeDialog, setNote, setOutcome } from './state.ts';

/** What a card shows: one change, or one on many hosts. */
export type CardPlan = Plan | BulkPlan;

export function isBulk(plan: CardPlan): plan is BulkPlan {
  return 'stages' in plan;
}

/**
 * Asks the executor for a plan and shows it; nothing is changed. An answer that comes after the dialog was closed is dropped.
 * With `breakLock` the card also asks why somebody's lock is taken away.
 */
export async function planAsked(session: Session, asked: Asked, breakLock = false): Promise<void> {
  const words = askedWords(asked, session.fleet().byId);
  const id = session.nextId();
  showDialog(session, { kind: 'planning', id, ...words });
  const waits = (): boolean => {
    const { dialog } = session.ui.getState();
    return dialog?.kind === 'planning' && dialog.id === id;
  };
  try {
    const result = await planOf(session, asked);
    if (!waits()) return;
    if (result.ok) showPlan(session, asked, result.plan, breakLock);
    else showDialog(session, { kind: 'refused', refusal: result.refusal, asked, openedAt: session.now(), ...words });
  } catch (error) {
    if (!waits()) return;
    session.update((ui) => setNote(closeDialog(ui), `No plan could be made: ${sentence(error)}`, session.now(), 'crit'));
  }
}

/** One change is planned by itself, several as a run, one host after another. */
export function planRequests(session: Session, requests: readonly ActionRequest[]): Promise<void> {
  const [only, second] = requests;
  const one = only !== undefined && second === undefined;
  return planAsked(session, one ? { kind: 'one', request: only } : { kind: 'many', requests, continues: null });
}

type Planned = { readonly ok: true; readonly plan: CardPlan } | { readonly ok: false; readonly refusal: Refusal };

function planOf(session: Session, asked: Asked): Promise<Planned> {
  const { executor } = session.console;
  switch (asked.kind) {
    case 'one':
      return executor.plan(asked.request);
    case 'many':
      return executor.bulk.plan(asked.requests, asked.continues);
    case 'undo':
      return executor.planUndo();
    default:
      return asked satisfies never;
  }
}

function showPlan(session: Session, asked: Asked, plan: CardPlan, breakLock: boolean): void {
  const reason = plan.reasonNeeded !== null || breakLock ? emptyField : null;
  showDialog(session, {
    kind: 'plan',
    asked,
    plan,
    openedAt: session.now(),
    reason,
    breakLock,
    focus: reason === null ? 'word' : 'reason',
    field: emptyField,
    wrong: null,
  });
}

export type Block = { readonly kind: 'read-only' } | { readonly kind: 'locked'; readonly env: string } | { readonly kind: 'expired' };

/** Why the plan on the screen cannot be confirmed now; `null` when it can. */
export function confirmationBlock(executor: Pick<Executor, 'armed'>, plan: CardPlan, now: number): Block | null {
  for (const env of isBulk(plan) ? plan.envs : [plan.env]) {
    const { state } = executor.armed(env);
    if (state === 'read-only') return { kind: 'read-only' };
    if (state === 'locked') return { kind: 'locked', env };
  }
  return now >= plan.expiresAt ? { kind: 'expired' } : null;
}

/** Hands the confirmed plan to the executor and shows every step. The outcome stays until it is closed. */
export async function executePlan(session: Session, asked: Asked, plan: Plan, word: string, extras: ConfirmExtras): Promise<void> {
  const id = session.nextId();
  session.update((ui) => addChange(ui, { id, asked, plan, progress: [], outcome: null }));
  showDialog(session, { kind: 'running', changeId: id });
  let outcome: Parameters<typeof setOutcome>[2];
  const { wait, over } = waitOnScreen(session, plan);
  const shown = (): void => {
    over();
    const { dialog, input } = session.ui.getState();
    if (dialog === null && input === null) showDialog(session, { kind: 'running', changeId: id });
  };
  try {
    outcome = await session.console.executor.execute(
      plan,
      word,
      (progress) => {
        session.update((ui) => addProgress(ui, id, progress));
        if (progress.phase === 'signed') shown();
      },
      plan.approvalNeeded === null ? extras : { ...extras, wait },
    );
  } catch (error) {
    outcome = { kind: 'unknown', summary: `The change was interrupted here: ${sentence(error)}`, evidence: [] };
  }
  over();
  session.update((ui) => setOutcome(ui, id, outcome));
  const { dialog } = session.ui.getState();
  if (dialog?.kind === 'running' && dialog.changeId === id) showDialog(session, { kind: 'outcome', changeId: id, openedAt: session.now() });
  else raiseOutcome(session);
}

/** Shows the outcome of a change that ended while something else had the keyboard, as soon as nothing has. */
export function raiseOutcome(session: Session): void {
  const { dialog, input, changes } = session.ui.getState();
  const ended = changes.find((change) => change.outcome !== null);
  if (ended === undefined || dialog !== null || input !== null) return;
  showDialog(session, { kind: 'outcome', changeId: ended.id, openedAt: session.now() });
}
