import type { Asked } from './asked.ts';
import { planAsked } from './plan-flow.ts';
import type { Session } from './session.ts';
import { showDialog } from './show-dialog.ts';
import type { Dialog } from './dialog-state.ts';
import { closeDialog, setNote } from './state.ts';

/** `A`: asks before writes are armed in an environment. `back` is shown again afterwards. */
export function offerArming(session: Session, env: string, waiting: Asked | null, back: Dialog | null = null): void {
  const { state } = session.console.executor.armed(env);
  if (state === 'read-only') {
    session.note('This console was started read-only: it arms nothing. Start it without --read-only to change things.', 'warn');
    return;
  }
  if (state === 'open') {
    session.note(`Changes in ${env} need no arming.`);
    return;
  }
  showDialog(session, { kind: 'arm', env, openedAt: session.now(), waiting, back, refusal: null });
}

/** Arms, and goes on to the plan that waited for it. */
export function armNow(session: Session, env: string, waiting: Asked | null, back: Dialog | null): void {
  const refusal = session.console.executor.arm(env);
  if (refusal !== null) {
    showDialog(session, { kind: 'arm', env, openedAt: session.now(), waiting, back, refusal: refusal.message });
    return;
  }
  session.update((ui) => setNote(closeDialog(ui), `Writes in ${env} are armed for 5 minutes.`, session.now(), 'warn'));
  if (waiting !== null) void planAsked(session, waiting);
  if (back !== null) showAgain(session, back);
}

export function disarm(session: Session, env: string): void {
  session.console.executor.disarm(env);
  session.note(`${env} is read-only again.`);
}

/** A dialog that gave way to another one; keys of the first moments were meant for that one. */
export function showAgain(session: Session, back: Dialog): void {
  showDialog(session, 'openedAt' in back ? { ...back, openedAt: session.now() } : back);
}
