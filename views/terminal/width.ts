import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

// Every character here is one column wide in string-width's tables: printable ASCII, Latin, arrows, box drawing, blocks,
// geometric shapes up to the first emoji, braille. It spares segmentation on nearly every row.
const oneColumnEach = /^[ -~\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u2199\u2500-\u25fc\u2800-\u28ff]*$/;

/** Terminal columns a text without escape codes takes. */
export function widthOf(text: string): number {
  return oneColumnEach.test(text) ? text.length : stringWidth(text);
}

/** The longest start of `text` that takes at most `columns`; never half a wide character. */
export function head(text: string, columns: number): string {
  if (columns <= 0) return '';
  if (oneColumnEach.test(text)) return text.slice(0, columns);
  let used = 0;
  let end = 0;
  for (const { segment, index } of segmenter.segment(text)) {
    const width = stringWidth(segment);
    if (used + width > columns) break;
    used += width;
    end = index + segment.length;
  }
  return text.slice(0, end);
}

function tail(text: string, columns: number): string {
  if (columns <= 0) return '';
  if (oneColumnEach.test(text)) return text.slice(-columns);
  const segments = [...segmenter.segment(text)].map((part) => part.segment);
  let used = 0;
  let start = segments.length;
  while (start > 0) {
    const width = stringWidth(segments[start - 1] ?? '');
    if (used + width > columns) break;
    used += width;
    start -= 1;
  }
  return segments.slice(start).join('');
}

/** Cut at the end with an ellipsis when it does not fit. */
export function clip(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  return columns <= 0 ? '' : `${head(text, columns - 1)}…`;
}

/** Cut in the middle: both ends of a machine's name tell it from its neighbours. */
export function clipMiddle(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  if (columns < 4) return clip(text, columns);
  const back = Math.floor((columns - 1) / 2);
  return `${head(text, columns - 1 - back)}…${tail(text, back)}`;
}

/** Break at spaces, and inside a word only when it is wider than a line. No character is lost but the spaces at the breaks. */
export function wrap(text: string, columns: number): string[] {
  const width = Math.max(1, columns);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (widthOf(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (widthOf(line) > width) {
      const part = head(line, width) || line.slice(0, 1);
      lines.push(part);
      line = line.slice(part.length);
    }
  }
  lines.push(line);
  return lines;
}
