/** Steps and locks that the console left on a machine (remote/step.ts, remote/host-lock.ts). */
export class HostScripts {
  readonly steps = new Map<string, Step>();
  readonly locks = new Map<string, Held>();
  /** Notes by key (remote/host-note.ts). */
  readonly notes = new Map<string, string>();
}

export interface Step {
  state: 'running' | 'done';
  exit: number;
  out: string;
  err: string;
  readonly ended: Promise<void>;
  /** Ends its command. */
  readonly cancel: () => void;
}

interface Held {
  token: string;
  holder: string;
  /** Epoch ms of the last sign of life. */
  at: number;
}
