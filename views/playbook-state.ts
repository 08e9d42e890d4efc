import type { AskedNow, Nudge } from '../src/playbook/desk-run.ts';
import type { Input } from '../src/playbook/playbook.ts';
import type { Question } from '../src/playbook/run/question.ts';
import type { RunView } from '../src/playbook/run/run-view.ts';
import type { KeptRun } from '../src/playbook/runs.ts';
import type { TextField } from './components/text-field.ts';

/** A run of a playbook as the screens know it. */
export interface PlaybookRunState {
  readonly id: string;
  readonly env: string;
  readonly view: RunView;
  /** The question that waits, and since when. */
  readonly asked: AskedNow | null;
  readonly nudged: Nudge | null;
  /** When it ended or was left, epoch ms. */
  readonly endedAt: number | null;
  /** What the waits saw, by step, the newest last. */
  readonly history: ReadonlyMap<string, readonly (number | null)[]>;
}

/** A run that an earlier console left open. */
export interface LeftRun {
  readonly kept: KeptRun;
  /** Put off: offered again by the list of runs. */
  readonly later: boolean;
}

/** The question that stands on the screen, and since when it can be read; keys pressed sooner were meant for something else. */
export interface QuestionSeen {
  readonly key: string;
  readonly at: number;
}

export interface FormField {
  readonly input: Input;
  readonly field: TextField;
}

/** What a form is filled in for. */
export type FormPurpose =
  | { readonly kind: 'start'; readonly playbookId: string }
  | { readonly kind: 'resume'; readonly runId: string }
  | { readonly kind: 'answer'; readonly runId: string; readonly question: Question };

/** A line a field; `ready` once all of them are right and only the yes is missing. */
export interface FormDialog {
  readonly kind: 'form';
  readonly purpose: FormPurpose;
  readonly title: string;
  readonly env: string | null;
  readonly fields: readonly FormField[];
  readonly focus: number;
  /** By field: the end of a sentence that begins with its name. */
  readonly wrong: Readonly<Record<string, string>>;
  readonly ready: boolean;
  readonly openedAt: number;
}

/** Words that go with an answer: why it is skipped, how one knows, who signs. */
export type WordsFor =
  | 'note'
  | 'abort'
  | 'give-up'
  | 'skip'
  | 'break'
  | 'break-in'
  | 'go'
  | 'could-not'
  | 'approve'
  | 'reject'
  | 'happened-ok'
  | 'happened-failed'
  | 'happened-unknown';

export interface RunWordsDialog {
  readonly kind: 'run-words';
  readonly runId: string;
  readonly env: string;
  /** The question that it answers; `null` for a note or an abort. */
  readonly question: Question | null;
  readonly words: WordsFor;
  readonly field: TextField;
  readonly wrong: string | null;
  readonly openedAt: number;
}

/** One of the options of a `choose`. */
export interface RunChoiceDialog {
  readonly kind: 'run-choice';
  readonly runId: string;
  readonly env: string;
  readonly question: Extract<Question, { kind: 'choose' }>;
  readonly cursor: number;
  readonly openedAt: number;
}

/** Whether the run is to end here. */
export interface RunStopDialog {
  readonly kind: 'run-stop';
  readonly runId: string;
  readonly env: string;
  readonly question: Question;
  readonly openedAt: number;
}

/** A run that an earlier console left open: taken up, or later. */
export interface LeftRunDialog {
  readonly kind: 'left-run';
  readonly runId: string;
  readonly env: string;
  readonly refusal: string | null;
  readonly openedAt: number;
}

export type PlaybookDialog = FormDialog | RunWordsDialog | RunChoiceDialog | RunStopDialog | LeftRunDialog;

/** What playbooks were asked for. */
export interface PlaybookSubject {
  /** The hosts in hand, which fill inputs in. */
  readonly hostIds: readonly string[];
  /** Id of the alert whose playbooks come first; `null` for those of the hosts. */
  readonly alert: string | null;
}

export type PlaybookScreen =
  /** `cursor` is a playbook's id, `null` the first row. */
  | ({ readonly kind: 'playbooks'; readonly cursor: string | null } & PlaybookSubject)
  | ({ readonly kind: 'playbook'; readonly playbookId: string; readonly scroll: number } & PlaybookSubject)
  /** `cursor` is a run's id. */
  | { readonly kind: 'runs'; readonly cursor: string | null }
  /** `cursor` is a step's address, `null` the one that the run is at. */
  | { readonly kind: 'playbook-run'; readonly runId: string; readonly cursor: string | null; readonly scroll: number };
