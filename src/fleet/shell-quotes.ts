/** What text is inside of, as far as a value put there is concerned. `glued`: a `$` or `\` before it would take it as a part of its own. */
export type Within = 'quotes' | 'arithmetic' | 'here-document' | 'comment' | 'glued' | null;

const place = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** A word like any other, of the same length, stands for a place while the text around it is read. */
const blank = (text: string): string => text.replace(place, (whole) => 'x'.repeat(whole.length));

/**
 * Inside what a POSIX shell (or bash in its place) is after a piece of text: there a quoted word would not stay one. What is read in
 * different ways by different shells counts as inside.
 * @see POSIX XCU 2.2, 2.6.3, 2.6.4, 2.7.4
 */
export function withinShell(before: string): Within {
  const text = blank(before);
  const open: ('(' | '{' | '((' | '"' | "'" | '`')[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const top = open.at(-1);
    const sign = text[at];
    const next = text[at + 1];
    if (top === "'") {
      if (sign === "'") open.pop();
    } else if (sign === '\\') {
      if (at + 1 === text.length) return 'glued';
      at += 1;
    } else if (sign === '$' && next === '(') {
      const sum = text[at + 2] === '(';
      // Its patterns end with a bracket too, and then nobody can tell by brackets alone what stands in which quotes.
      if (open.includes('"') || top === '"') if (/\bcase\s/.test(text.slice(at))) return 'quotes';
      open.push(...(sum ? (['((', '(('] as const) : (['('] as const)));
      at += sum ? 2 : 1;
    } else if (sign === '$' && next === '{') {
      open.push('{');
      at += 1;
    } else if (top === '((') {
      if (sign === '(') open.push('((');
      if (sign === ')') open.pop();
    } else if (sign === '"' || sign === '`') {
      if (top === sign) open.pop();
      else open.push(sign);
    } else if (top === '"') continue;
    else if (sign === '$' && next === "'") return 'quotes';
    else if (sign === "'") open.push("'");
    else if (sign === '<' && next === '<') return 'here-document';
    else if (sign === '(' && next === '(') {
      open.push('((', '((');
      at += 1;
    } else if (sign === '(') open.push('(');
    else if ((sign === ')' && top === '(') || (sign === '}' && top === '{')) open.pop();
    else if (sign === '#' && top !== '{' && /(?:^|[\s;&|()`])$/.test(text.slice(0, at))) {
      const end = text.indexOf('\n', at);
      if (end === -1) return 'comment';
      at = end;
    }
  }
  if (open.includes('((')) return 'arithmetic';
  if (open.some((each) => each !== '(')) return 'quotes';
  return /\$\w*$/.test(text) ? 'glued' : null;
}

/** Where a place may not stand, for people. */
export const placeWords = 'inside quotes, arithmetic, a comment or a here-document, or right behind $ or \\';

/** The first `{{ place }}` of a command where a quoted value would come apart; `null` when there is none. */
export function quotedPlace(command: string): string | null {
  for (const match of command.matchAll(place)) if (withinShell(command.slice(0, match.index)) !== null) return match[1] ?? '';
  return null;
}
