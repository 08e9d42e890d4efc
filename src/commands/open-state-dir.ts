import type { Fleet } from '../fleet/definition.ts';
import type { Journal } from '../journal/entry.ts';
import { redactor } from '../journal/redact.ts';
import { openJournal } from '../journal/sqlite-journal.ts';
import { stateDir } from '../journal/state-dir.ts';
import type { GlobalOptions } from './global-options.ts';
import { homeFolder } from './open-fleet.ts';

/** The state directory of the options, made when missing. Throws one plain sentence when it cannot be used. */
export function openStateDir(options: GlobalOptions): string {
  return stateDir(process.env, homeFolder(), options.stateDir);
}

/** The journal of the options' state directory, masking what the fleet file says to. */
export function openJournalFor(fleet: Fleet, options: GlobalOptions): Journal {
  return openJournal(openStateDir(options), () => new Date(), { redact: redactor(fleet.redact, []) });
}
