import { type Line, span } from '../terminal/line.ts';
import type { Token } from '../theme.ts';

/** How much of `width` columns is full, for a share of 0–1; more than all is all. An unknown share has no bar. */
export function bar(share: number | null, width: number, token: Token): Line {
  if (share === null || width < 1) return [span(' '.repeat(Math.max(0, width)))];
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return [span('█'.repeat(full), token), span('─'.repeat(width - full), 'dim')];
}
