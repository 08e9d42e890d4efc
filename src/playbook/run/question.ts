import type { Input, Outcome } from '../playbook.ts';

/** A command exactly as it runs, and where. */
export interface SentCommand {
  readonly hostName: string;
  readonly command: string;
}

/** What a run wants from the person at the console; one at a time. */
export type Question =
  /** The next change, before it is sent: its exact command and why. */
  | {
      readonly kind: 'go';
      readonly address: string;
      readonly title: string;
      readonly why: string | null;
      /** Exactly what would run, a line a command; for a catalogue action its plan's commands. */
      readonly commands: readonly string[];
      /** The same in full, and where each runs. */
      readonly sends?: readonly SentCommand[];
      readonly host: string | null;
      readonly risk: 'safe' | 'change' | 'danger';
      readonly undo: string;
      readonly warnings: readonly string[];
      /** A word that must be typed (danger), `null` for a key. */
      readonly word: string | null;
    }
  | {
      readonly kind: 'failed';
      readonly address: string;
      readonly title: string;
      readonly outcome: Outcome;
      readonly summary: string;
      readonly evidence: readonly string[];
      /** Which answers are open: retry only where running it again is safe or was asked for, break where somebody's lock is in the way. */
      readonly may: readonly ('retry' | 'break' | 'skip' | 'undo' | 'stop')[];
    }
  /** A person does something outside: done, or could not. */
  | { readonly kind: 'manual'; readonly address: string; readonly text: string }
  | { readonly kind: 'ask'; readonly address: string; readonly fields: readonly Input[] }
  | {
      readonly kind: 'choose';
      readonly address: string;
      readonly text: string;
      readonly options: readonly { readonly name: string; readonly label: string }[];
    }
  | {
      readonly kind: 'approve';
      readonly address: string;
      readonly text: string;
      readonly by: string | null;
      readonly count: number;
      /** What somebody else gives to `quarterdeck approve`; then the person here can only refuse or stop. Without it a name is typed. */
      readonly hash?: string;
      /** Epoch ms; when nobody signed until then, the step has failed. */
      readonly until?: number;
    }
  /** Goes on with the next batch of an `each`. */
  | { readonly kind: 'batch'; readonly address: string; readonly text: string }
  /** What an interrupted step became cannot be seen. */
  | {
      readonly kind: 'unknown';
      readonly address: string;
      readonly title: string;
      readonly summary: string;
      readonly evidence: readonly string[];
      /** Its host could not be asked: the question goes away by itself once it answers. */
      readonly away?: boolean;
    }
  /** The run is over, and this step's undo is next. */
  | {
      readonly kind: 'undo';
      readonly address: string;
      readonly title: string;
      readonly commands: readonly string[];
      readonly sends?: readonly SentCommand[];
      readonly host: string | null;
      readonly afterNoReturn: boolean;
    };

export type Answer =
  | { readonly kind: 'go' }
  | { readonly kind: 'skip'; readonly reason: string }
  | { readonly kind: 'retry' }
  /** Once more, taking the lock from whoever holds it. */
  | { readonly kind: 'break'; readonly reason: string }
  | { readonly kind: 'undo' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'done' }
  | { readonly kind: 'could-not'; readonly reason: string }
  | { readonly kind: 'values'; readonly values: Readonly<Record<string, unknown>> }
  | { readonly kind: 'option'; readonly name: string }
  | { readonly kind: 'approve'; readonly who: string }
  | { readonly kind: 'reject'; readonly reason: string }
  /** Ask the host once more what became of it. */
  | { readonly kind: 'again' }
  /** A person's word on what nothing shows. */
  | { readonly kind: 'happened'; readonly outcome: 'ok' | 'failed' | 'unknown'; readonly reason: string };

/** Who answers. Rejects with the signal's reason when the run ends first. Without anybody (unattended) every question stops the run. */
export interface Person {
  /** `user@machine`. */
  readonly who: string;
  readonly attended: boolean;
  ask(question: Question, signal: AbortSignal): Promise<Answer>;
  /** An answer given beforehand, for when nobody is there; `null` when the question needs a mind. */
  prepared?(question: Question): Answer | null;
}

/** A question in one line, for a notice and for the record. */
export function questionWords(question: Question): string {
  switch (question.kind) {
    case 'go':
      return question.risk === 'danger' && question.warnings.length > 0
        ? `${question.title} (${question.warnings.join('; ')})`
        : question.title;
    case 'failed':
    case 'unknown':
      return `${question.title}: ${question.summary}`;
    case 'undo':
      return question.title;
    case 'ask':
      return question.fields.map((field) => field.help ?? field.name).join(', ');
    default:
      return question.text;
  }
}

/** The commands as a person is shown them; one that runs on another host than the step is about says where: a pool's, on its balancer. */
export function placedCommands({ commands, sends, host }: Extract<Question, { kind: 'go' | 'undo' }>): readonly string[] {
  return commands.map((command, index) => {
    const at = sends?.[index]?.hostName ?? host;
    return at === host || at === null ? command : `on ${at}: ${command}`;
  });
}
