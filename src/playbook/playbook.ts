import type { Pattern } from '../fleet/pattern.ts';

/**
 * A playbook as read from its file, format 1, every default filled in. Durations are texts (`30s` or `{{ value }}`) because they may be
 * computed in the run; expressions are CEL texts already known to parse; templates hold `{{ name }}` places.
 */
export interface Playbook {
  readonly id: string;
  readonly title: string;
  readonly owner: string;
  /** `YYYY-MM-DD`: the last day somebody walked it. */
  readonly reviewed: string;
  /** Markdown. */
  readonly whenToUse: string;
  readonly links: readonly string[];
  readonly suggest: readonly Suggestion[];
  readonly inputs: readonly Input[];
  /** Constants of the file, plain JSON values; templates inside are filled in at the start. */
  readonly vars: Readonly<Record<string, unknown>>;
  readonly needs: { readonly role: string | null; readonly secrets: readonly string[]; readonly tools: readonly string[] };
  /** `node:NAME`, `pool:NAME`, with `{{ }}` places. */
  readonly locks: readonly string[];
  readonly limits: { readonly timeout: string | null; readonly keepInPool: number | string | null; readonly lockTtl: string | null };
  readonly report: { readonly to: string; readonly at: readonly ('start' | 'end' | 'danger')[] } | null;
  readonly steps: readonly Step[];
  readonly finally: readonly Step[];
}

/** When a playbook is offered: all that is given must match. */
export interface Suggestion {
  /** Matches an alert's name. */
  readonly alert: Pattern | null;
  readonly labels: Readonly<Record<string, string>>;
  /** Words of which one must stand in the alert's text or in what the person typed. */
  readonly text: readonly string[];
  /** Name of a check that is not ok. */
  readonly check: string | null;
  /** Inputs by template over `alert.labels.*`, `alert.host`. */
  readonly fill: Readonly<Record<string, string>>;
}

export type InputType = 'host' | 'hosts' | 'text' | 'int' | 'number' | 'bool' | 'choice' | 'duration' | 'secret' | 'url' | 'release';

export interface Input {
  readonly name: string;
  readonly type: InputType;
  /** Role, environment or pool that a host must belong to. */
  readonly from: string | null;
  readonly choices: readonly string[];
  readonly fallback: unknown;
  readonly pattern: Pattern | null;
  /** Of a number its value, of a text its length. */
  readonly min: number | null;
  readonly max: number | null;
  readonly help: string | null;
  readonly optional: boolean;
}

/** A question that changes nothing. A command needs the step's host. */
export type Probe =
  | { readonly kind: 'command'; readonly command: string }
  | { readonly kind: 'http'; readonly url: string; readonly hostHeader: string | null }
  | { readonly kind: 'port'; readonly port: number | string }
  | { readonly kind: 'service'; readonly service: string }
  | { readonly kind: 'pool'; readonly pool: string; readonly except: string | null }
  | { readonly kind: 'dns'; readonly name: string }
  | { readonly kind: 'metric'; readonly metric: string }
  | { readonly kind: 'alert'; readonly alert: string };

/** A shell line, or words that are quoted one by one. */
export type Command = string | readonly string[];

export interface CatalogueAction {
  /** `pool.depool`, `service.restart`, … */
  readonly action: string;
  readonly with: Readonly<Record<string, unknown>>;
}

export type Undo =
  | { readonly kind: 'none' }
  /** The action's own inverse. */
  | { readonly kind: 'auto' }
  | { readonly kind: 'do'; readonly action: CatalogueAction }
  | { readonly kind: 'run'; readonly command: Command }
  | { readonly kind: 'manual'; readonly text: string };

export type OnFail =
  | { readonly kind: 'ask' | 'continue' | 'undo' }
  | { readonly kind: 'stop'; readonly message: string | null; readonly result: Result }
  | { readonly kind: 'steps'; readonly steps: readonly Step[] };

export type Result = 'ok' | 'failed' | 'escalated';

/** How one step ended on one host; `unreachable` and `unknown` are their own. */
export type Outcome = 'ok' | 'already' | 'failed' | 'unreachable' | 'timeout' | 'unknown' | 'skipped' | 'cancelled';

/** What every step may say. */
interface StepBase {
  /**
   * Names the step for good: its own `id`, else one made of its place (`diagnose.2`). Results, answers and resumes are matched by it,
   * never by position.
   */
  readonly address: string;
  /** The file's own `id`. */
  readonly id: string | null;
  readonly why: string | null;
  readonly host: string | null;
  /** CEL. */
  readonly when: string | null;
  readonly save: string | null;
  readonly secretOutput: boolean;
  readonly evidence: 'keep' | 'required' | 'none';
  readonly risk: 'safe' | 'change' | 'danger';
  readonly rerun: 'safe' | 'ask' | 'never';
  readonly skipIf: Probe | null;
  readonly timeout: string | null;
  readonly retry: { readonly times: number; readonly wait: string | null; readonly backoff: number } | null;
  readonly onFail: OnFail | null;
  readonly onUnreachable: OnFail | null;
  readonly undo: Undo | null;
  readonly temporary: boolean;
  readonly settles: string | null;
  /** Why a temporary state may be left. */
  readonly leave: string | null;
  /** 1-based place in the file. */
  readonly at: { readonly line: number; readonly column: number };
}

export type Step = StepBase &
  (
    | { readonly verb: 'check'; readonly probe: Probe; readonly expect: string | null }
    | {
        readonly verb: 'wait';
        readonly probe: Probe;
        readonly until: string | null;
        readonly every: string;
        readonly hold: string | null;
        readonly timeout: string;
      }
    | { readonly verb: 'run'; readonly command: Command; readonly preview: Command | null; readonly host: string; readonly timeout: string }
    | { readonly verb: 'do'; readonly action: CatalogueAction }
    | { readonly verb: 'manual'; readonly text: string }
    | { readonly verb: 'ask'; readonly fields: readonly Input[] }
    | {
        readonly verb: 'choose';
        readonly question: string;
        readonly options: readonly { readonly name: string; readonly label: string; readonly steps: readonly Step[] }[];
      }
    | {
        readonly verb: 'branch';
        /** `when` null: else. */
        readonly arms: readonly { readonly when: string | null; readonly why: string | null; readonly steps: readonly Step[] }[];
      }
    | { readonly verb: 'approve'; readonly question: string; readonly by: string | null; readonly count: number }
    | { readonly verb: 'tell'; readonly text: string; readonly to: string | null }
    | { readonly verb: 'play'; readonly playbook: string; readonly with: Readonly<Record<string, unknown>> }
    | {
        readonly verb: 'each';
        readonly variable: string;
        readonly in: string;
        readonly batches: readonly (number | string)[];
        readonly pause: string | null;
        readonly confirm: 'each-batch' | 'after-first' | 'never';
        /** Failed and unreachable hosts over the whole run that end the loop. */
        readonly stopAfter: number | string | null;
        readonly steps: readonly Step[];
      }
    | { readonly verb: 'section'; readonly title: string; readonly steps: readonly Step[] }
    | { readonly verb: 'no_return'; readonly text: string }
    | { readonly verb: 'sleep'; readonly duration: string }
    | { readonly verb: 'stop'; readonly text: string; readonly result: Result }
  );

export type Verb = Step['verb'];
