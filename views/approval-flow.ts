import { fitsItsHash } from '../src/actions/approval-request.ts';
import { keyOf, type SeenApproval } from '../src/actions/approval-watch.ts';
import { signWord, stateOf } from './approval-words.ts';
import { editField, emptyField } from './components/text-field.ts';
import type { ApprovalDialog } from './dialog-state.ts';
import { chosenAt } from './playbook-lists.ts';
import type { Session } from './session.ts';
import { sentence, showDialog } from './show-dialog.ts';
import { closeDialog, openScreen, replaceScreen, type ScreenEntry, screenOf } from './state.ts';
import type { KeyEvent } from './terminal/keys.ts';
import { typedAhead } from './typed-ahead.ts';

type ApprovalsScreen = Extract<ScreenEntry, { kind: 'approvals' }>;

/** What waits for a second person; every host is asked at once. */
export function openApprovals(session: Session): void {
  void session.console.approvals.look();
  session.update((ui) => openScreen(ui, { kind: 'approvals', cursor: null }));
}

/** The request under the cursor. */
export function chosenApproval(session: Session, screen: ApprovalsScreen): SeenApproval | null {
  const { waiting } = session.console.approvals.board();
  const at = chosenAt(
    waiting.map(({ request }) => keyOf(request)),
    screen.cursor,
  );
  return waiting[at] ?? null;
}

export function moveInApprovals(session: Session, screen: ApprovalsScreen, delta: number): void {
  const keys = session.console.approvals.board().waiting.map(({ request }) => keyOf(request));
  const at = Math.max(0, Math.min(keys.length - 1, chosenAt(keys, screen.cursor) + delta));
  session.update((ui) => replaceScreen(ui, { ...screen, cursor: keys[at] ?? null }));
}

/** Opens the card of the chosen request; signs nothing. One that this console waits for itself opens its wait. */
export function openApproval(session: Session): void {
  const screen = screenOf(session.ui.getState());
  const seen = screen.kind === 'approvals' ? chosenApproval(session, screen) : null;
  if (seen === null) return;
  const own = session.ui.getState().waits.find((wait) => wait.hash === seen.request.hash);
  if (own !== undefined) {
    showDialog(session, { kind: 'signing', waitId: own.id, openedAt: session.now() });
    return;
  }
  showDialog(session, {
    kind: 'approval',
    seen,
    openedAt: session.now(),
    focus: fitsItsHash(seen.request) === false ? 'no' : 'yes',
    word: emptyField,
    reason: emptyField,
    wrong: null,
    busy: false,
  });
}

/** Why nothing can be answered on this card; `null` when it can. */
export function whyNoAnswer({ console }: Pick<Session, 'console'>, { seen }: ApprovalDialog): string | null {
  const { approvals, operator } = console;
  const key = keyOf(seen.request);
  const board = approvals.board();
  const now = board.waiting.find(({ request }) => keyOf(request) === key);
  if (now === undefined) return 'It does not wait any more: nothing can be signed.';
  switch (stateOf(now.request, operator)) {
    case 'yours':
      return 'You asked for this yourself: only somebody else can sign it.';
    case 'answered':
      return 'You have signed it; it waits for others.';
    case 'signed':
      return 'It is signed already; the console that asked goes on by itself.';
    case 'declined':
      return 'It was declined.';
    case 'open':
      return approvals.whyNot(now.request);
  }
}

/** Keys of the card: the word signs, a reason declines, anything else leaves it as it is. */
export function approvalKey(session: Session, dialog: ApprovalDialog, key: KeyEvent): void {
  if (typedAhead(dialog.openedAt, key) || dialog.busy) return;
  if (key.key === 'escape') {
    session.update(closeDialog);
    return;
  }
  if (whyNoAnswer(session, dialog) !== null) {
    if (key.key === 'enter' || key.key === 'q') session.update(closeDialog);
    return;
  }
  const change = (changed: Partial<ApprovalDialog>): void => session.update((ui) => ({ ...ui, dialog: { ...dialog, ...changed } }));
  if (key.pasted && (dialog.focus === 'yes' || key.text === null)) {
    change({ wrong: 'A paste does not sign: type it.' });
    return;
  }
  if (key.key === 'tab' || key.key === 'backtab') {
    // What is not what it says it is cannot be signed.
    if (fitsItsHash(dialog.seen.request) !== false) change({ focus: dialog.focus === 'yes' ? 'no' : 'yes', wrong: null });
    return;
  }
  const field = dialog.focus === 'yes' ? dialog.word : dialog.reason;
  if (key.key !== 'enter') {
    const edited = editField(field, key);
    if (edited !== field) change(dialog.focus === 'yes' ? { word: edited, wrong: null } : { reason: edited, wrong: null });
    return;
  }
  const typed = field.text.trim();
  if (typed === '') session.update(closeDialog);
  else if (dialog.focus === 'no') void answer(session, dialog, typed);
  else {
    const { word, what } = signWord(dialog.seen.request);
    if (typed === word) void answer(session, dialog, null);
    else change({ wrong: `“${typed}” is not the ${what} asked for. Nothing was signed.` });
  }
}

/** Signs, or declines with a reason. */
async function answer(session: Session, dialog: ApprovalDialog, reason: string | null): Promise<void> {
  const { request } = dialog.seen;
  const { approvals } = session.console;
  session.update((ui) => ({ ...ui, dialog: { ...dialog, busy: true, wrong: null } }));
  let why: string | null;
  try {
    why = reason === null ? await approvals.sign(request) : await approvals.decline(request, reason);
  } catch (error) {
    why = sentence(error);
  }
  const open = session.ui.getState().dialog;
  const here = open?.kind === 'approval' && keyOf(open.seen.request) === keyOf(request);
  if (why !== null) {
    const wrong = `Not ${reason === null ? 'signed' : 'declined'}: ${why}.`;
    if (here) session.update((ui) => ({ ...ui, dialog: { ...open, busy: false, wrong } }));
    else session.note(wrong, 'crit');
    return;
  }
  if (here) session.update(closeDialog);
  if (reason === null) session.note(`Signed: ${request.title}. The console of ${request.who} is told within seconds.`, 'ok');
  else session.note(`Declined: ${request.title}. ${request.who} is told why.`, 'warn');
}
