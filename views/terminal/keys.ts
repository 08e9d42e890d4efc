import type { Key } from 'ink';

/** One key press, or one paste. */
export interface KeyEvent {
  /** `j`, `G`, `up`, `enter`, `escape`, `space`, `ctrl-d`, `ctrl-space`, …; `paste` for pasted text. */
  readonly key: string;
  /** What a text field would insert; `null` for keys that write nothing. */
  readonly text: string | null;
  /** Console clock, ms. */
  readonly at: number;
  readonly pasted: boolean;
}

const named: readonly (readonly [keyof Key, string])[] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageDown', 'pagedown'],
  ['pageUp', 'pageup'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
  ['tab', 'tab'],
  ['backspace', 'backspace'],
  ['delete', 'delete'],
];

// More distinct characters at once than a held key or a slow link delivers: a paste into a terminal without bracketed paste.
const pasteLength = 16;
const pasteKinds = 5;

/**
 * Ink's input as single key presses. Ink hands over a whole chunk of typed characters at once (`jj`, `yes\r`), so it is split here;
 * Alt and a key is Escape and then that key, as no binding uses Alt and a fast Escape arrives so.
 */
export function keyEvents(input: string, key: Key, at: number): KeyEvent[] {
  if (key.eventType === 'release') return [];
  const events: KeyEvent[] = [];
  const press = (name: string, text: string | null, pasted = false): void => {
    events.push({ key: name, text, at, pasted });
  };
  if (key.meta && !key.escape) press('escape', null);

  const found = named.find(([flag]) => key[flag] === true);
  if (found !== undefined) {
    press(key.tab && key.shift ? 'backtab' : key.ctrl ? `ctrl-${found[1]}` : found[1], null);
    return events;
  }
  if (key.ctrl) {
    if (input !== '') press(input === ' ' || input === '`' ? 'ctrl-space' : `ctrl-${input}`, null);
    return events;
  }
  const characters = [...input];
  const pasted = characters.length > pasteLength && new Set(characters).size >= pasteKinds;
  for (const character of characters) {
    const [name, text] = characterKey(character);
    press(name, text, pasted);
  }
  return events;
}

function characterKey(character: string): readonly [string, string | null] {
  const code = character.codePointAt(0) ?? 0;
  if (character === '\r' || character === '\n') return ['enter', null];
  if (character === '\t') return ['tab', null];
  if (character === '\u001b') return ['escape', null];
  if (character === '\u007f' || character === '\b') return ['backspace', null];
  if (character === ' ') return ['space', ' '];
  if (code === 0) return ['ctrl-space', null];
  if (code < 27) return [`ctrl-${String.fromCharCode(code + 96)}`, null];
  if (code < 32) return [`ctrl-${String.fromCharCode(code + 64)}`, null];
  return [character, character];
}

/** A bracketed paste: text fields take it, everything else drops it. */
export function pasteEvent(text: string, at: number): KeyEvent {
  return { key: 'paste', text, at, pasted: true };
}
