/** Words no shell (sh, csh, fish, zsh) reads anything into. `=` only after a leading dash: `a=b` alone assigns, `=ls` expands in zsh. */
const plainWord = /^(?:-[\w@+=:,./-]*|[\w@+:,./][\w@+:,./-]*)$/;

/** Characters that some login shell treats specially even inside single quotes: csh `!` and newline, fish `\` and `'`. */
const unsafeInQuotes = /['!\n\\]/g;

function refuseNul(text: string): void {
  if (text.includes('\0')) throw new Error('A command for a host cannot hold a NUL character.');
}

/**
 * Quotes one word for a POSIX shell; any text but NUL comes back byte for byte, newlines included.
 * Lone surrogates are no text and turn into U+FFFD on the way, as everywhere in Node.
 * @throws Error when the text holds NUL, which no argument can carry.
 * @see POSIX XCU 2.2.2, Single-Quotes
 */
export function shq(text: string): string {
  refuseNul(text);
  if (plainWord.test(text)) return text;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** One command line out of an argument list; every argument is one word again on the host. */
export function shellCommand(argv: readonly string[]): string {
  return argv.map(shq).join(' ');
}

/**
 * What the login shell of an account is given to run POSIX shell text: `exec sh -c '…'`.
 * A login shell may be csh or fish, which read other things into quotes than sh does. Text holding such characters travels as
 * printf octal escapes inside plain single quotes, so that the login shell sees nothing special and sh evaluates the exact text.
 * `first` is run before it; it holds none of these characters.
 * @throws Error when the text holds NUL.
 */
export function loginCommand(script: string, first = ''): string {
  refuseNul(script);
  if (first === '' && script.search(unsafeInQuotes) === -1) return `exec sh -c '${script}'`;
  const encoded = script.replace(unsafeInQuotes, (character) => `\\0${character.charCodeAt(0).toString(8).padStart(3, '0')}`);
  return `exec sh -c '${first}eval "set --; $(printf %b "$1")"' sh '${encoded}'`;
}
