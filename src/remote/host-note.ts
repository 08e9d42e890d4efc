import * as z from 'zod';
import { lockPlace } from './lock-place.ts';
import { shq } from './quote.ts';
import { sanitizeLine } from './sanitize.ts';

/**
 * A note that says who brought a host's neighbour into its present state, left under the host's `/run/lock` (see host-lock.ts) for every
 * console on every machine: which pool member was taken out, by whom, when and why. It goes with a reboot of the host, as a balancer's
 * own run-time state does.
 */
export interface HostNote {
  /** `user@machine`. */
  readonly who: string;
  readonly reason: string | null;
  /** Epoch ms, by the writer's clock. */
  readonly at: number;
  readonly actionId: string;
}

const keyPattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,120}$/;
const longest = 2000;

/** Shell text that leaves the note `key`, in place of one that is there. */
export function writeNote(key: string, note: HostNote): string {
  return `# quarterdeck note write
${place(key)}
mkdir "$N" 2>/dev/null
[ -d "$N" ] && [ ! -h "$N" ] && printf '%s\\n' ${shq(JSON.stringify(note))} >"$N/note.$$" && mv "$N/note.$$" "$N/note" && printf '\\n#note written\\n'`;
}

/** Shell text that takes the note `key` away. */
export function removeNote(key: string): string {
  return `# quarterdeck note remove
${place(key)}
rm -rf "$N" 2>/dev/null
[ -e "$N" ] || printf '\\n#note removed\\n'`;
}

/** Shell text that prints every note whose key begins with `prefix`, one line each; can stand at the end of another script. */
export function listNotes(prefix: string): string {
  return `# quarterdeck note list
${place(prefix)}
for q_note in "$N"*; do [ -f "$q_note/note" ] && printf '\\n#note %s %s\\n' "\${q_note##*/quarterdeck-note-}" "$(head -c ${longest} "$q_note/note" | head -n 1)"; done
printf '\\n#notes listed\\n'`;
}

/** Notes by their keys; what is none is left out. Texts are sanitized. */
export function readNotes(stdout: string): ReadonlyMap<string, HostNote> {
  const notes = new Map<string, HostNote>();
  for (const [, key = '', text = ''] of stdout.matchAll(/^#note (\S+) (\{.*\})$/gm)) {
    const note = parseNote(text);
    if (keyPattern.test(key) && note !== null) notes.set(key, note);
  }
  return notes;
}

const noteSchema = z.object({ who: z.string(), reason: z.string().nullable(), at: z.number(), actionId: z.string() });

/** One note's text; `null` when it is none. */
export function parseNote(text: string): HostNote | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const read = noteSchema.safeParse(value);
  if (!read.success) return null;
  const { who, reason, at, actionId } = read.data;
  return {
    who: sanitizeLine(who, 60),
    reason: reason === null ? null : sanitizeLine(reason, 120),
    at,
    actionId: sanitizeLine(actionId, 80),
  };
}

function place(key: string): string {
  if (!keyPattern.test(key)) throw new Error(`${JSON.stringify(key)} is not a note's name`);
  return `${lockPlace}
N=$B/quarterdeck-note-${key}`;
}
