/** Private modes (DEC) that the program may set, by number: what they are and how the terminal must be left. */
const modes: Readonly<Record<string, { readonly name: string; readonly left: 'h' | 'l' }>> = {
  '25': { name: 'cursor shown', left: 'h' },
  '1049': { name: 'alternate screen', left: 'l' },
  '2004': { name: 'bracketed paste', left: 'l' },
  '2026': { name: 'synchronized output', left: 'l' },
};

// oxlint-disable-next-line no-control-regex -- terminal controls are what this looks for
const privateMode = /\u001b\[\?(\d+)([hl])/g;

/** What a program left otherwise than it found it; empty when the terminal is as it was. */
export function leftBehind(written: string): string[] {
  const last = new Map<string, string>();
  for (const [, mode = '', set = ''] of written.matchAll(privateMode)) last.set(mode, set);
  return [...last].flatMap(([mode, set]) => {
    const known = modes[mode];
    if (known === undefined) return [`an unknown mode ?${mode}${set}`];
    return set === known.left ? [] : [known.name];
  });
}

/**
 * Sequences our renderer sends (ECMA-48 8.3, xterm ctlseqs): SGR, cursor moves, erasing, the four private modes. Nothing else may reach a
 * terminal: no OSC, DCS, APC, no C1, no query that the terminal would answer on standard input.
 */
// oxlint-disable-next-line no-control-regex -- as above
const ours = /\u001b\[(?:[\d;]*m|\d*[ABCDEFG]|\d*(?:;\d*)?H|[0-2]?[JK]|\?(?:25|1049|2004|2026)[hl])/g;
// oxlint-disable-next-line no-control-regex -- as above
const foreign =
  /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffd]|[\u{e0000}-\u{e007f}]/gu;

/** What the copy key sends: text for the clipboard, base64 and nothing else (xterm ctlseqs, OSC 52). */
// oxlint-disable-next-line no-control-regex -- as above
const copied = /\u001b\]52;c;[A-Za-z0-9+/=]*(?:\u0007|\u001b\\)/g;

/** A stream without what the person copied on purpose. */
export function withoutCopies(written: string): string {
  return written.replace(copied, '');
}

/** What calls the person: a bell, in a notice (OSC 9) of our own words and numbers. */
// oxlint-disable-next-line no-control-regex -- as above
const called = /\u001b\]9;quarterdeck: [a-z0-9;, ]+\u0007/g;

/** Every call for the person in a stream. */
export function calls(written: string): string[] {
  return written.match(called) ?? [];
}

/** Everything in a stream that is neither a call for the person, plain text, a line break, nor one of our own sequences, with what stands around it. */
export function foreignBytes(written: string): string[] {
  const rest = written.replace(called, '').replace(ours, '');
  return [...rest.matchAll(foreign)].map((found) => JSON.stringify(rest.slice(Math.max(0, found.index - 20), found.index + 30)));
}
