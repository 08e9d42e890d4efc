/**
 * How far the console gets to a host. `unknown` means no attempt has finished yet.
 * `refused` (port closed), `timeout` (no answer) and `unreachable` (no route, or the jump host is gone) are never folded into one.
 */
export type Reach =
  | 'ok'
  | 'connecting'
  | 'refused'
  | 'timeout'
  | 'unreachable'
  | 'auth'
  | 'host-key'
  | 'throttled'
  | 'no-shell'
  | 'unknown';

/** A reach with its words: when it began (epoch ms) and one plain sentence saying why, `null` when there is nothing to explain. */
export interface ReachState {
  readonly reach: Reach;
  readonly since: number;
  readonly why: string | null;
}
