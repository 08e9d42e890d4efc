import { asMarkdown } from '../playbook/as-markdown.ts';
import { planPlaybook } from '../playbook/dry/plan.ts';
import type { PlaybookDesk } from '../playbook/desk.ts';
import type { PlaybooksOnScreen } from '../../views/console.ts';
import type { PlaybookShelf } from './playbook-shelf.ts';

/** The playbooks of a session for the screens, and the runs of their console. */
export function playbooksOnScreen(shelf: PlaybookShelf, desk: PlaybookDesk): PlaybooksOnScreen {
  return {
    library: () => shelf.library(),
    reload: () => shelf.reload(),
    suggest: (about) => shelf.suggest(about),
    page: asMarkdown,
    plan: (playbook, known) =>
      planPlaybook(playbook, new Map(shelf.library().files.map((file) => [file.playbook.id, file.playbook])), known),
    desk,
  };
}
