import { widthOf } from './width.ts';

const plain: Readonly<Record<string, string>> = {
  '●': 'o',
  '▲': '^',
  '■': '#',
  '◌': 'm',
  '○': '-',
  '…': '~',
  '–': '-',
  '—': '-',
  '·': '.',
  '→': '>',
  '←': '<',
  '↑': '^',
  '↓': 'v',
  '▸': '>',
  '›': '>',
  '─': '-',
  '╌': '-',
  '│': '|',
  '▏': '|',
  '✓': '*',
  '•': '*',
  ' ': ' ',
};

const levels = '_.:-=+*#';

// Dots of a braille cell by height: rows of 1-4, 2-5, 3-6, 7-8 (Unicode chart U+2800).
function braille(code: number): string {
  const dots = code - 0x2800;
  if (dots === 0) return ' ';
  if ((dots & 0x09) !== 0) return "'";
  if ((dots & 0x12) !== 0) return '-';
  if ((dots & 0x24) !== 0) return '.';
  return '_';
}

/** The same text for a terminal without Unicode, column for column. */
export function toAscii(text: string): string {
  // oxlint-disable-next-line no-control-regex -- the range is ASCII itself
  return text.replace(/[^\u0000-\u007f]/gu, (character) => {
    const known = plain[character];
    if (known !== undefined) return known;
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0x2581 && code <= 0x2588) return levels[code - 0x2581] ?? '#';
    if (code >= 0x2800 && code <= 0x28ff) return braille(code);
    return '?'.repeat(widthOf(character));
  });
}
