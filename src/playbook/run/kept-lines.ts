/** Characters of a line that is shown and kept; an answer may be one line of a megabyte. */
const longest = 400;

/** The last lines of a text that say something, none of them longer than a screen can show. What a step saves is kept whole. */
export function keptLines(text: string, most: number): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-most)
    .map((line) => (line.length <= longest ? line : `${line.slice(0, longest).toWellFormed()}… (${line.length} characters)`));
}
