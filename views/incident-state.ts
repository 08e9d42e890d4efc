import type { FollowUp, Incident } from '../src/journal/incident/incident.ts';
import type { RoutineState } from '../src/journal/routines.ts';
import type { NewIncident } from '../src/journal/incident/desk.ts';
import type { TextField } from './components/text-field.ts';

/** Screens of what is told: incidents, one of them, regular duties, people to call. */
export type TellingScreen =
  /** `cursor` is an incident's id, `null` the newest. */
  | { readonly kind: 'incidents'; readonly cursor: string | null }
  | { readonly kind: 'incident'; readonly id: string; readonly scroll: number }
  /** `cursor` is the period and text of a duty, `null` the first. */
  | { readonly kind: 'routines'; readonly cursor: string | null }
  | { readonly kind: 'contacts'; readonly scroll: number };

/** Where a marked line comes from. */
export interface LineSource {
  readonly host: string;
  readonly service: string | null;
}

/** What a form writes when it is filled in. `id` is an incident's. */
export type FormPurpose =
  | { readonly kind: 'start'; readonly from: Pick<NewIncident, 'alert' | 'began' | 'detected'> }
  /** `runId`: the run of the screen that it was asked on, which is one of the choices then. */
  | { readonly kind: 'note'; readonly source: LineSource | null; readonly runId: string | null }
  | { readonly kind: 'role' | 'severity' | 'decide' | 'update' | 'reopen' | 'write-up'; readonly id: string }
  /** Nothing to fill in: what was done, to be read. */
  | { readonly kind: 'told' }
  | { readonly kind: 'follow-up'; readonly id: string; readonly followUp: FollowUp }
  | { readonly kind: 'time'; readonly id: string; readonly which: 'mitigated' | 'resolved' | 'closed' }
  | { readonly kind: 'export'; readonly id: string }
  | { readonly kind: 'skip'; readonly routine: RoutineState };

/** One line of a form: typed, or one of a few choices. */
export interface FormField {
  readonly name: string;
  readonly label: string;
  readonly field: TextField;
  /** Not empty: one of these, moved through by the arrow keys. */
  readonly choices: readonly string[];
  readonly optional: boolean;
}

/** A few lines to fill in; Enter goes on to the next and on the last one writes, Escape leaves without a trace. */
export interface TellingDialog {
  readonly kind: 'telling';
  readonly title: string;
  readonly purpose: FormPurpose;
  readonly fields: readonly FormField[];
  readonly focus: number;
  /** Said under the fields. */
  readonly hint: string;
  readonly wrong: string | null;
  readonly openedAt: number;
}

/** Lines of the screen below, one of which is to be marked. */
export interface MarkDialog {
  readonly kind: 'mark';
  readonly lines: readonly string[];
  readonly cursor: number;
  readonly source: LineSource | null;
  readonly openedAt: number;
}

export const isOpen = (incident: Incident): boolean => incident.status !== 'closed';
