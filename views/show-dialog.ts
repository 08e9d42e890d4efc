import type { Session } from './session.ts';
import type { Dialog } from './dialog-state.ts';
import { openDialog } from './state.ts';

/** Opens a dialog on top of what is there; the rows stay where they are. */
export function showDialog(session: Session, dialog: Dialog): void {
  const order = session.order();
  session.update((ui) => openDialog(ui, dialog, order));
}

/** An error as one line. */
export function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0] ?? '';
}
