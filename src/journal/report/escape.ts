import { sanitizeText } from '../../remote/sanitize.ts';

/** Text for HTML, inside an element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return sanitizeText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/**
 * Text for Markdown where it must mean nothing but itself: marks of CommonMark, of GitHub's tables, formulas and mentions, and HTML.
 * Line breaks become spaces.
 */
export function escapeMarkdown(text: string): string {
  const flat = sanitizeText(text).replace(/\s*\n\s*/g, ' ');
  return (
    flat
      // CommonMark lets a backslash stand before any ASCII punctuation; these are the ones that can mean something inside a line.
      .replace(/[\\`*[\]<|~$]|(?<!\w)_|_(?!\w)/g, '\\$&')
      .replace(/&(?=[#\w])/g, '&amp;')
      // At the beginning of a line: lists, headings, quotations, rules.
      .replace(/^\s*([-+=#>])/, '\\$1')
      .replace(/^\s*(\d+)([.)])/, '$1\\$2')
      // Forges call people whom a text names; an address of mail is none of these.
      .replace(/(?<![\w.])@(?=\w)/g, '(at)')
  );
}

/** A block of the person's own text: its lines stay lines, list marks at their beginning stay marks, all else is escaped. */
export function escapeMarkdownBlock(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      const mark = /^\s*([-*+]|\d+[.)])\s+/.exec(line);
      return mark === null ? escapeMarkdown(line) : `- ${escapeMarkdown(line.slice(mark[0].length))}`;
    })
    .join('\n');
}

/** Text between backquotes: a run of them longer than any inside (CommonMark 6.1). In a table a `|` ends the cell even there. */
export function markdownCode(text: string): string {
  const flat = sanitizeText(text)
    .replace(/\s*\n\s*/g, ' ')
    .replaceAll('|', '\\|');
  const longest = Math.max(0, ...[...flat.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  const pad = flat.startsWith('`') || flat.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${flat}${pad}${fence}`;
}
