import type { CloudAnswer, CloudCall, CloudReader, CloudWriter } from './calls.ts';

/** The way to the clouds: one child process a provider and credential, started when it is asked something. */
export interface Cloud extends CloudReader, CloudWriter {
  /** Ends the child processes. */
  close(): Promise<void>;
}

/** For a fleet without clouds: every call is refused. */
export const noCloud: Cloud = {
  read: async () => refused(),
  write: async () => refused(),
  close: async () => {},
};

function refused<Call extends CloudCall>(): CloudAnswer<Call> {
  return { ok: false, error: { kind: 'other', message: 'this console has no way to any cloud', uncertain: false } };
}
