import type { PlaybookDesk } from '../playbook/desk.ts';
import type { PlaybooksOnScreen } from '../../views/console.ts';
import type { PlaybookShelf } from './playbook-shelf.ts';

/** The playbooks of a session for the screens, and the runs of their console. */
export function playbooksOnScreen(shelf: PlaybookShelf, desk: PlaybookDesk): PlaybooksOnScreen {
  return { library: () => shelf.library(), reload: () => shelf.reload(), suggest: (about) => shelf.suggest(about), desk };
}
