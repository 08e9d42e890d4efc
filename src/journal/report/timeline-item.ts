export type TimelineSource = 'alert' | 'change' | 'run' | 'incident' | 'note' | 'decision' | 'update' | 'session' | 'debt' | 'other';

/** One line of a timeline (Netflix Dispatch's `Event`, with where the proof of it lies). Times are epoch ms. */
export interface TimelineItem {
  readonly at: number;
  readonly endAt: number | null;
  readonly source: TimelineSource;
  /** `person`: somebody typed it; `machine`: it was recorded as it happened. */
  readonly by: 'person' | 'machine';
  readonly who: string;
  readonly text: string;
  readonly command: string | null;
  /** Of a change or a run: its own word. */
  readonly outcome: string | null;
  readonly hosts: readonly string[];
  readonly significant: boolean;
  readonly late: boolean;
  readonly evidence: { readonly seq: number; readonly file: string | null; readonly sha256: string | null };
}

/** What a timeline is about. `hosts` null means every host; items that name no host always belong. */
export interface Scope {
  readonly from: number;
  readonly to: number;
  readonly fleet: string;
  readonly hosts: readonly string[] | null;
  /** Key of the incident whose own events belong; `null` takes those of every incident. */
  readonly incident: string | null;
}

/** Where in the journal the proof of a line lies. */
export const proof = (seq: number): TimelineItem['evidence'] => ({ seq, file: null, sha256: null });
