import type { PlaybooksOnScreen } from '../../views/console.ts';
import type { PlaybookShelf } from './playbook-shelf.ts';

/** The playbooks of a session for the screens. */
export function playbooksOnScreen(shelf: PlaybookShelf): PlaybooksOnScreen {
  return { library: () => shelf.library(), reload: () => shelf.reload(), suggest: (about) => shelf.suggest(about) };
}
