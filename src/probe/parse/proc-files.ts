/** Cuts the `proc` part at `head`'s own headers, `==> FILE <==`. A file the host lacks is absent. */
export function procFileTexts(text: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const open = '==> /proc/';
  let at = text.startsWith(open) ? 0 : text.indexOf(`\n${open}`) + 1;
  if (at === 0 && !text.startsWith(open)) return files;
  while (at < text.length) {
    const lineEnd = text.indexOf('\n', at);
    if (lineEnd === -1) break;
    const next = text.indexOf(`\n${open}`, lineEnd);
    const header = text.slice(at, lineEnd);
    if (header.endsWith(' <==')) {
      // `head` puts an empty line before each further header.
      files.set(header.slice(4, -4), text.slice(lineEnd + 1, next === -1 ? text.length : next));
    }
    if (next === -1) break;
    at = next + 1;
  }
  return files;
}
