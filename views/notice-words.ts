import type { NotifierStatus } from '../src/notify/notifier.ts';
import { plural } from './format.ts';

/** Why people are not told, one clause: `mail does not go out (no mail server listens there), 2 notices wait`; `null` while they are. */
export function noticeWords(status: NotifierStatus | null): string | null {
  if (status === null) return null;
  if (status.problem !== null) return status.problem;
  const down = status.channels.flatMap(({ name, problem }) => (problem === null ? [] : [`${name} does not go out (${problem})`]));
  if (down.length === 0) return null;
  const waiting = status.waiting === 0 ? '' : `, ${plural(status.waiting, 'notice')} ${status.waiting === 1 ? 'waits' : 'wait'}`;
  return `${down.join(', ')}${waiting}`;
}
