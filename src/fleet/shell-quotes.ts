export type Quote = "'" | '"' | '`' | null;

/** Inside which quotes a shell is after a piece of text. A here-document counts as quotes that never end. */
export function quoteAfter(text: string, start: Quote): Quote {
  let quote = start;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (quote === "'") {
      if (character === "'") quote = null;
    } else if (character === '\\') index += 1;
    else if (quote === null && (character === "'" || character === '"' || character === '`')) quote = character;
    else if (quote === null && character === '<' && text[index + 1] === '<') quote = '`';
    else if (character === quote) quote = null;
  }
  return quote;
}

/** The first `{{ place }}` of a command that stands inside its quotes, where a quoted value would come apart; `null` when none does. */
export function quotedPlace(command: string): string | null {
  let quote: Quote = null;
  let at = 0;
  for (const match of command.matchAll(/\{\{\s*([^{}]*?)\s*\}\}/g)) {
    quote = quoteAfter(command.slice(at, match.index), quote);
    if (quote !== null) return match[1] ?? '';
    at = match.index + match[0].length;
  }
  return null;
}
