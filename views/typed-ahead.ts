import type { KeyEvent } from './terminal/keys.ts';

/** Keys this soon after a dialog appeared were meant for what was there before, ms. */
export const typeAheadMs = 300;

export function typedAhead(openedAt: number, key: KeyEvent): boolean {
  const since = key.at - openedAt;
  return since >= 0 && since < typeAheadMs;
}
