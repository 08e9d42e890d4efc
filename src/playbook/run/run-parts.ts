import type { Playbook } from '../playbook.ts';
import type { Concern } from './either.ts';
import type { RunEntry, RunEvent } from './events.ts';
import type { Hands } from './hands.ts';
import type { Memory } from './memory.ts';
import type { Person } from './question.ts';

/** What a walk is made of. */
export interface RunParts {
  readonly id: string;
  readonly playbook: Playbook;
  /** Playbooks that `play` may name, by id; of the run's own snapshot. */
  readonly others: ReadonlyMap<string, Playbook>;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Values never shown or kept: secret inputs. */
  readonly secrets: readonly string[];
  readonly reason: string | null;
  readonly hands: Hands;
  readonly person: Person;
  /** Durable when it returns; throws when it is not. */
  readonly write: (event: RunEvent) => RunEntry;
  /** What is known already, of a run that is taken up again. */
  readonly memory: Memory;
  /** Hears the key of each step just before it begins. */
  readonly reached?: (key: string) => void;
  /** Hears, in a dry run, what would not go as the page hopes. */
  readonly concern?: (concern: Concern) => void;
}
