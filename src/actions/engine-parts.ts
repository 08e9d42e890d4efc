import type { Shells, World } from '../live/world.ts';
import type { HostLocks } from './host-locks.ts';
import type { ConfirmExtras, Progress } from './plan.ts';
import type { ActionRecord, BulkPlace } from './record.ts';
import type { RunStepExtras } from './run-desk.ts';

/** What carrying out a plan needs of the console. */
export interface EngineParts {
  readonly world: World;
  readonly shells: Shells;
  readonly record: ActionRecord;
  readonly locks: HostLocks;
  /** Masks what must not be seen in what hosts say, before it is shown or kept. */
  readonly redact: (text: string) => string;
}

/** What comes with a confirmation, and the run over many hosts that it belongs to. */
export type RunExtras = ConfirmExtras & { readonly bulk?: BulkPlace; readonly step?: Omit<RunStepExtras, keyof ConfirmExtras> };

export type Tell = (phase: Progress['phase'], text: string, health: Progress['health']) => void;
