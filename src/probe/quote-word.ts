/**
 * Quotes one word for a POSIX shell.
 * @throws Error when the text holds NUL or a newline: no name of a unit, container or socket does.
 */
export function quoteWord(text: string): string {
  if (/[\0\n]/.test(text)) throw new Error('A name with a newline or NUL cannot be passed to a host.');
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
