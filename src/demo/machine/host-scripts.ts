/** Steps and locks that the console left on a machine (remote/step.ts, remote/host-lock.ts). */
export class HostScripts {
  readonly steps = new Map<string, Step>();
  readonly locks = new Map<string, Held>();
}

export interface Step {
  state: 'running' | 'done';
  exit: number;
  out: string;
  err: string;
  readonly ended: Promise<void>;
}

interface Held {
  token: string;
  holder: string;
  /** Epoch ms of the last sign of life. */
  at: number;
}
