/** What asks for the person's eyes. Only numbers and our own words: nothing that a host, a cloud or a file said can get into it. */
export type Attention =
  | { readonly kind: 'alerts'; readonly crit: number; readonly warn: number }
  | { readonly kind: 'question'; readonly waitedMs: number }
  | { readonly kind: 'run-ended'; readonly well: boolean }
  /** Requests of others that wait for a second person. */
  | { readonly kind: 'approval'; readonly count: number }
  | { readonly kind: 'debt'; readonly count: number }
  | { readonly kind: 'wedged'; readonly minutes: number };

/** BEL */
const bell = '\x07';

/**
 * What the terminal layer emits for some: a bell, and a desktop notice by OSC 9 (iTerm2, kitty, foot, WezTerm, Windows Terminal), ended by
 * BEL so that a terminal that does not know it at most rings. Empty when the fleet file turned the bell off.
 */
export function attention(whats: readonly Attention[], options: { readonly bell: boolean; readonly notices: boolean }): string {
  if (!options.bell || whats.length === 0) return '';
  return options.notices ? `\x1b]9;quarterdeck: ${whats.map(attentionWords).join('; ')}${bell}` : bell;
}

/** The words of one, also for a line on the screen. */
export function attentionWords(what: Attention): string {
  switch (what.kind) {
    case 'alerts':
      return what.warn === 0 ? `${whole(what.crit)} critical` : `${whole(what.crit)} critical, ${whole(what.warn)} warning`;
    case 'question':
      return what.waitedMs < 60_000 ? 'a run waits for an answer' : `a run waits for an answer for ${whole(what.waitedMs / 60_000)} min`;
    case 'run-ended':
      return what.well ? 'a run has ended well' : 'a run has ended and needs a look';
    case 'approval':
      return `${whole(what.count)} to sign as the second person`;
    case 'debt':
      return `${whole(what.count)} owed back`;
    case 'wedged':
      return `a host answers nobody for ${whole(what.minutes)} min`;
    default:
      return what satisfies never;
  }
}

/** A number of the caller's that is none must not become words of its own. */
function whole(value: number): string {
  return Number.isFinite(value) ? String(Math.min(999_999, Math.max(0, Math.floor(value)))) : '0';
}
