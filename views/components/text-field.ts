import { type Line, span } from '../terminal/line.ts';
import type { KeyEvent } from '../terminal/keys.ts';

/** One line of typed text; `cursor` counts characters before it. */
export interface TextField {
  readonly text: string;
  readonly cursor: number;
}

export const emptyField: TextField = { text: '', cursor: 0 };

export function fieldWith(text: string): TextField {
  return { text, cursor: [...text].length };
}

/** The field after a key, or the same object when the key is not its business. A paste becomes one line. */
export function editField(field: TextField, key: KeyEvent): TextField {
  const characters = [...field.text];
  const at = Math.min(field.cursor, characters.length);
  const replaced = (from: number, to: number, insert: string): TextField => {
    const added = [...insert];
    return { text: [...characters.slice(0, from), ...added, ...characters.slice(to)].join(''), cursor: from + added.length };
  };
  switch (key.key) {
    case 'left':
    case 'ctrl-b':
      return { ...field, cursor: Math.max(0, at - 1) };
    case 'right':
    case 'ctrl-f':
      return { ...field, cursor: Math.min(characters.length, at + 1) };
    case 'home':
    case 'ctrl-a':
      return { ...field, cursor: 0 };
    case 'end':
    case 'ctrl-e':
      return { ...field, cursor: characters.length };
    case 'ctrl-u':
      return replaced(0, at, '');
    case 'ctrl-w': {
      let from = at;
      while (from > 0 && characters[from - 1] === ' ') from -= 1;
      while (from > 0 && characters[from - 1] !== ' ') from -= 1;
      return replaced(from, at, '');
    }
    case 'backspace':
      return at === 0 ? field : replaced(at - 1, at, '');
    case 'delete':
      return at === characters.length ? field : replaced(at, at + 1, '');
    default:
      // oxlint-disable-next-line no-control-regex -- a pasted line break or tab becomes a space
      return key.text === null || key.text === '' ? field : replaced(at, at, key.text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' '));
  }
}

/** The field with its cursor; `hidden` shows a dot a character. */
export function drawField(field: TextField, hidden = false): Line {
  const characters = hidden ? [...field.text].map(() => '•') : [...field.text];
  const at = Math.min(field.cursor, characters.length);
  return [
    span(characters.slice(0, at).join(''), 'strong'),
    span(characters[at] ?? ' ', 'cursor'),
    span(characters.slice(at + 1).join(''), 'strong'),
  ];
}
