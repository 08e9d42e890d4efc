import { lockPlace } from './lock-place.ts';
import { shq } from './quote.ts';
import { sanitizeLine } from './sanitize.ts';

/** A console that looks at a host with writes armed leaves a note under the host's `/run/lock` (see host-lock.ts); others see who is there. */
export interface Presence {
  readonly who: string;
  readonly ageS: number;
}

/** A note older than this says nothing any more, seconds. */
const freshS = 120;

/** Shell text that leaves or renews this console's note and tells the others'. `token` is the console's own, hexadecimal. */
export function meetAt(who: string, token: string): string {
  if (!/^[0-9a-f]{16,64}$/.test(token)) throw new Error('a token is 16 to 64 hexadecimal digits');
  return `${looking}
D=$B/quarterdeck-here-${token}
mkdir "$D" 2>/dev/null
if [ -d "$D" ] && [ ! -L "$D" ]; then printf '%s\\n' ${shq(who)} >"$D/who"; fi
${telling}`;
}

/** Shell text that only tells who is there, and leaves even old notes alone: what a console without writes may ask. */
export function whoIsAt(): string {
  return `${looking}
D=
${telling}`;
}

/** Shell text that takes this console's note away. */
export function leave(token: string): string {
  if (!/^[0-9a-f]{16,64}$/.test(token)) throw new Error('a token is 16 to 64 hexadecimal digits');
  return `${looking}
rm -rf "$B/quarterdeck-here-${token}"`;
}

const looking = `# quarterdeck presence
${lockPlace}`;

const telling = `for H in "$B"/quarterdeck-here-*; do
[ "$H" != "$D" ] && [ -f "$H/who" ] || continue
q_then=$(date -r "$H/who" +%s 2>/dev/null) || q_then=$(stat -c %Y "$H/who" 2>/dev/null) || continue
q_age=$(($(date +%s) - q_then))
if [ "$q_age" -gt ${freshS} ]; then [ -z "$D" ] || rm -rf "$H" 2>/dev/null; else printf '\\n#here %s %s\\n' "$q_age" "$(head -n 1 "$H/who" | head -c 100)"; fi
done`;

/** Reads who else is there. */
export function readPresence(stdout: string): readonly Presence[] {
  return [...stdout.matchAll(/^#here (\d+) (.+)$/gm)].map(([, age = '', who = '']) => ({ who: sanitizeLine(who, 60), ageS: Number(age) }));
}
