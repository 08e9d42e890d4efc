import type { PlaybookDesk } from '../playbook/desk.ts';
import { type Library, noLibrary, readLibrary } from '../playbook/library.ts';
import { suggest } from '../playbook/suggest.ts';
import type { PlaybooksOnScreen } from '../../views/console.ts';

/** The playbooks of a folder for the screens; read at once, and again when it is asked for. `folder` is `null` where the fleet file names none. */
export function playbooksOnScreen(folder: string | null, desk: PlaybookDesk): PlaybooksOnScreen {
  let library: Library = noLibrary;
  const reload = async (): Promise<void> => {
    if (folder !== null) library = await readLibrary(folder);
  };
  void reload();
  return { library: () => library, reload, suggest: (about) => suggest(library, about), desk };
}
