/** What a journal line is about. Later rooms add kinds; readers must accept unknown ones. */
export type EntryKind =
  | 'session'
  | 'intent'
  | 'outcome'
  | 'refused'
  | 'host-key'
  | 'arm'
  | 'disarm'
  | 'approval'
  | 'bulk'
  | 'bulk-item'
  | 'bulk-end'
  /** State that somebody must put back, and that it was. */
  | 'debt-open'
  | 'debt-settled'
  /** A step of a runbook's run; see playbook/run/events.ts. */
  | 'run'
  /** Something about an incident; see incident/event.ts. */
  | 'incident'
  /** Alerts that began, changed or ended; see alert-log.ts. */
  | 'alert'
  /** A regular duty that was done; see routines.ts. */
  | 'routine'
  | 'note';

/** What the caller gives; the journal adds seq, prev and hash. Every string is already redacted and sanitized. */
export interface NewEntry {
  readonly kind: EntryKind;
  /** Joins an intent to its outcome. */
  readonly actionId: string | null;
  /** `user@machine`. */
  readonly who: string;
  readonly env: string | null;
  readonly targets: readonly string[];
  readonly command: string | null;
  /** `ok`, `failed`, `unknown`, or a kind's own word; `null` on an intent. */
  readonly outcome: string | null;
  /** Further facts as JSON values: plan, evidence, reason, exit. */
  readonly detail: Readonly<Record<string, JsonValue>>;
}

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** One line of the record: `journal tail --json` prints it as it is. */
export interface Entry extends NewEntry {
  readonly seq: number;
  /** ISO 8601 UTC with milliseconds. */
  readonly at: string;
  /** Hash of the entry before it; 64 zeros for the first. */
  readonly prev: string;
  /** SHA-256 over the canonical JSON (sorted keys, no spaces) of this entry without `hash`. */
  readonly hash: string;
}

/** Durable, append-only. `append` returns only after the entry is on disk; it throws a JournalError when it is not. */
export interface Journal {
  append(entry: NewEntry): Entry;
  /** The newest `count`, oldest first. */
  tail(count: number): readonly Entry[];
  /** Entries of one action, oldest first. */
  ofAction(actionId: string): readonly Entry[];
  /** Intents without an outcome. */
  open(): readonly Entry[];
  /** Every entry of these kinds that belongs to an action, oldest first, however old. */
  ofKinds(kinds: readonly EntryKind[]): readonly Entry[];
  /** `null` while it can write; else the reason in words. */
  readonly failure: string | null;
  close(): void;
}
