import { LiveHands } from '../../src/playbook/live/live-hands.ts';
import type { BenchConsole } from '../actions/console.ts';

/** The hands of a run in this console; what is told of it goes to `tell`, and its reminders to `nudge`. */
export function handsOf(
  { session, executor, journal }: BenchConsole,
  tell: (words: string) => void = () => {},
  nudge: (words: string) => void = () => {},
): LiveHands {
  const { live, mask } = session;
  return new LiveHands({ world: live, executor, journal, redact: mask, tell, nudge, before: null });
}
