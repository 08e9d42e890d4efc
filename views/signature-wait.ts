import type { SignatureWait, WaitingFor } from '../src/actions/plan.ts';
import type { CardPlan } from './plan-flow.ts';
import type { Session } from './session.ts';
import { showDialog } from './show-dialog.ts';
import { closeDialog, type UiState } from './state.ts';
import type { SigningDialog } from './dialog-state.ts';
import type { KeyEvent } from './terminal/keys.ts';
import { typedAhead } from './typed-ahead.ts';

/** A confirmed plan of this console that waits for somebody else's signature. */
export interface WaitOnScreen {
  readonly id: number;
  readonly hash: string;
  readonly title: string;
  readonly env: string;
  readonly state: WaitingFor;
  /** Takes the request back; nothing is sent. */
  end(): void;
}

/** A wait as the executor takes it, and the end of it on the screen, to be called when the executor has come back or has gone on. */
export function waitOnScreen(session: Session, plan: CardPlan): { readonly wait: SignatureWait; over(): void; signedBy(): string | null } {
  let by: string | null = null;
  const id = session.nextId();
  const ended = new AbortController();
  const end = (): void => ended.abort();
  const shows = (): boolean => {
    const { dialog } = session.ui.getState();
    return dialog?.kind === 'signing' && dialog.waitId === id;
  };
  return {
    wait: {
      signal: ended.signal,
      signed: (who) => {
        by = who;
      },
      told: (state) => {
        const isNew = !session.ui.getState().waits.some((wait) => wait.id === id);
        session.update((ui) => withWait(ui, { id, hash: plan.hash, title: plan.title, env: plan.env, state, end }));
        const { dialog, input } = session.ui.getState();
        if (isNew && input === null && (dialog === null || dialog.kind === 'running')) {
          showDialog(session, { kind: 'signing', waitId: id, openedAt: session.now() });
        }
      },
    },
    signedBy: () => by,
    over: () => {
      if (shows()) session.update(closeDialog);
      if (session.ui.getState().waits.some((wait) => wait.id === id)) void session.console.approvals.look();
      session.update((ui) => ({ ...ui, waits: ui.waits.filter((wait) => wait.id !== id) }));
    },
  };
}

function withWait(ui: UiState, wait: WaitOnScreen): UiState {
  const others = ui.waits.filter((one) => one.id !== wait.id);
  return { ...ui, waits: [...others, wait] };
}

/** Keys of the wait: `x` ends it, Escape lets it go on behind the screen. */
export function signingKey(session: Session, dialog: SigningDialog, key: KeyEvent): void {
  if (key.pasted || typedAhead(dialog.openedAt, key)) return;
  const wait = session.ui.getState().waits.find((one) => one.id === dialog.waitId);
  if (key.key === 'x') wait?.end();
  else if (key.key === 'escape') {
    session.update(closeDialog);
    if (wait !== undefined) session.note('It goes on waiting; Y shows it, and its outcome will be shown.', 'warn');
  }
}
