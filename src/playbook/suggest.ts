import type { Alert } from '../fleet/alert.ts';
import type { Library, PlaybookFile } from './library.ts';

/** What playbooks are sought for. All parts may be missing; then every playbook is given, none of them suggested. */
export interface About {
  /** Alerts in force, the one under the cursor first. */
  readonly alerts: readonly Alert[];
  readonly host: { readonly name: string; readonly role: string | null; readonly env: string } | null;
  /** Names of checks that are not ok there. */
  readonly checks: readonly string[];
  /** Words that a person typed, or the text of an incident. */
  readonly text: string | null;
}

/** One playbook and why it is offered. */
export interface Suggested {
  readonly file: PlaybookFile;
  /** 0: not suggested, only listed. */
  readonly score: number;
  /** Why, one clause each: `alert pencils-down on web1`, `the words "port 8816"`. Empty when it is only listed. */
  readonly because: readonly string[];
  /** Inputs that are known already, as texts for `readInputs`. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Alert that led to it. */
  readonly alert: string | null;
}

/** All playbooks of the library, the suggested ones first. */
export function suggest(library: Library, about: About): readonly Suggested[] {
  void about;
  return library.files.map((file) => ({ file, score: 0, because: [], inputs: {}, alert: null }));
}
