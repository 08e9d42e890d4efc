const open = '==> /proc/';

/** Where the next header line begins; -1 when there is none. Searched by its `=`, which is rarer than a newline. */
function headerAt(text: string, from: number): number {
  let at = text.indexOf(open, from);
  while (at > 0 && text[at - 1] !== '\n') at = text.indexOf(open, at + 1);
  return at;
}

/** Cuts the `proc` part at `head`'s own headers, `==> FILE <==`. A file the host lacks is absent. */
export function procFileTexts(text: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  let at = headerAt(text, 0);
  while (at !== -1) {
    const lineEnd = text.indexOf('\n', at);
    if (lineEnd === -1) break;
    const next = headerAt(text, lineEnd);
    const header = text.slice(at, lineEnd);
    // `head` puts an empty line before each further header.
    if (header.endsWith(' <=='))
      files.set(header.slice(4, -4), text.slice(lineEnd + 1, next === -1 ? text.length : Math.max(lineEnd + 1, next - 1)));
    at = next;
  }
  return files;
}
