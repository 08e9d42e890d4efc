import { lockPlace } from './lock-place.ts';
import { shq } from './quote.ts';

/**
 * Requests for a second person's approval and the answers to them, left under the target's `/run/lock` (see host-lock.ts), where two
 * consoles on two machines both see them. A request is a directory of the asker; an answer is a directory of who answers, so that the
 * host's own file owner tells two logins apart. What they hold is read by approval-read.ts.
 */
const hashPattern = /^[0-9a-f]{64}$/;
const tokenPattern = /^[0-9a-f]{8,64}$/;

/** Longest request and answer that are read, bytes: the folder is a small tmpfs, and anybody with a login may write there. */
const longestRequest = 160_000;
const longestAnswer = 4000;

const base = `${lockPlace}
age() { q_then=$(date -r "$1" +%s 2>/dev/null) || q_then=$(stat -c %Y "$1" 2>/dev/null) || return 1; echo $(($(date +%s) - q_then)); }
tell() { # kind, folder, file, longest
[ -f "$2/$3" ] && [ ! -h "$2/$3" ] || return 0
q_owner=$(ls -ldn "$2" | { read -r q_mode q_links q_uid q_rest; echo "$q_uid"; })
printf '\\n#%s %s %s\\n' "$1" "$q_owner" "$(age "$2/$3")" && head -c "$4" "$2/$3"
}
answers() { # what the folders end with
for q_said in yes no; do for D in "$B"/quarterdeck-$q_said-$1; do tell "$q_said" "$D" "$q_said" ${longestAnswer}; done; done
}
`;

function checked(hash: string): string {
  if (!hashPattern.test(hash)) throw new Error('a plan’s hash is 64 hexadecimal digits');
  return hash.slice(0, 32);
}

/** JSON that no terminal, shell or sanitizer on its way changes: what a signature stands for must come through byte by byte. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Shell text that leaves a request, or renews it; the request itself, one line of JSON, comes by standard input. */
export function askApproval(hash: string): string {
  return `# quarterdeck approval ask
${base}
D=$B/quarterdeck-ask-${checked(hash)}
mkdir "$D" 2>/dev/null
[ ! -h "$D" ] && cat >"$D/ask.new" && mv "$D/ask.new" "$D/ask" && printf '\\n#approval asked\\n'`;
}

/** Shell text that tells every request on a host with its age, and every answer. */
export function listApprovals(): string {
  return `# quarterdeck approval list
${base}
for D in "$B"/quarterdeck-ask-*; do tell ask "$D" ask ${longestRequest}; done
answers '*'
printf '\\n#approval listed\\n'`;
}

/** Shell text that leaves an answer. `token` is random hexadecimal, so that those of several people do not collide. */
export function giveAnswer(said: 'yes' | 'no', answer: { readonly hash: string; readonly who: string }, token: string): string {
  if (!tokenPattern.test(token)) throw new Error('a token is hexadecimal');
  return `# quarterdeck approval give
${base}
D=$B/quarterdeck-${said}-${checked(answer.hash)}-${token}
mkdir "$D" && printf '%s\\n' ${shq(asciiJson(answer))} >"$D/${said}" && printf '\\n#approval given\\n'`;
}

/** Shell text that tells the request of a plan and the answers to it, with their owners. */
export function readApprovals(hash: string): string {
  return `# quarterdeck approval read
${base}
tell ask "$B/quarterdeck-ask-${checked(hash)}" ask ${longestRequest}
answers ${checked(hash)}-'*'
printf '\\n#approval read\\n'`;
}

/** Shell text that takes the request back, and its answers where their owner allows it (the directory is sticky). */
export function withdrawApproval(hash: string): string {
  const name = checked(hash);
  return `# quarterdeck approval withdraw
${base}
rm -rf "$B/quarterdeck-ask-${name}" "$B/quarterdeck-yes-${name}"-* "$B/quarterdeck-no-${name}"-* 2>/dev/null
printf '\\n#approval withdrawn\\n'`;
}
