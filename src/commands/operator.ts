import { hostname, userInfo } from 'node:os';

/** `user@machine`, as the journal names who did something. */
export function operator(): string {
  return `${userInfo().username}@${hostname()}`;
}
