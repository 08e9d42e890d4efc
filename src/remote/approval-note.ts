import { lockPlace } from './lock-place.ts';
import { shq } from './quote.ts';
import { sanitizeLine, sanitizeText } from './sanitize.ts';

/**
 * Requests for a second person's approval and the approvals themselves, left under the target's `/run/lock` (see host-lock.ts) for two
 * consoles on two machines. A request is a directory of the asker; an approval is a directory of the approver, so that the host's own
 * file owner tells two logins apart.
 */
export interface ApprovalRequest {
  /** Plan's hash, 64 hexadecimal digits. */
  readonly hash: string;
  readonly who: string;
  readonly title: string;
  readonly commands: readonly string[];
}

export interface Approval {
  readonly who: string;
  /** Numeric owner of the approval on the host. */
  readonly uid: number;
  readonly ageS: number;
}

const hashPattern = /^[0-9a-f]{64}$/;

const base = `${lockPlace}
age() { q_then=$(date -r "$1" +%s 2>/dev/null) || q_then=$(stat -c %Y "$1" 2>/dev/null) || return 1; echo $(($(date +%s) - q_then)); }
`;

function checked(hash: string): string {
  if (!hashPattern.test(hash)) throw new Error('a plan’s hash is 64 hexadecimal digits');
  return hash.slice(0, 32);
}

/** Shell text that leaves a request. */
export function askApproval(request: ApprovalRequest): string {
  return `# quarterdeck approval ask
${base}
D=$B/quarterdeck-ask-${checked(request.hash)}
mkdir "$D" 2>/dev/null
[ ! -h "$D" ] && printf '%s\\n' ${shq(JSON.stringify(request))} >"$D/ask.new" && mv "$D/ask.new" "$D/ask" && printf '\\n#approval asked\\n'`;
}

/** Shell text that tells every request on a host and its age. */
export function listApprovals(): string {
  return `# quarterdeck approval list
${base}
for D in "$B"/quarterdeck-ask-*; do [ -f "$D/ask" ] && printf '\\n#ask %s\\n' "$(age "$D/ask")" && cat "$D/ask"; done
printf '\\n#approval listed\\n'`;
}

/** Shell text that approves. `token` is random hexadecimal, so that approvers do not collide. */
export function giveApproval(hash: string, who: string, token: string): string {
  if (!/^[0-9a-f]{8,64}$/.test(token)) throw new Error('a token is hexadecimal');
  return `# quarterdeck approval give
${base}
D=$B/quarterdeck-yes-${checked(hash)}-${token}
mkdir "$D" && printf '%s\\n' ${shq(JSON.stringify({ who, hash }))} >"$D/yes" && printf '\\n#approval given\\n'`;
}

/** Shell text that tells the approvals of a plan, with their owners, and the asker's own uid. */
export function readApprovals(hash: string): string {
  return `# quarterdeck approval read
${base}
printf '\\n#uid %s\\n' "$(id -u)"
for D in "$B"/quarterdeck-yes-${checked(hash)}-*; do
[ -f "$D/yes" ] && set -- $(ls -ldn "$D") && printf '\\n#yes %s %s\\n' "$3" "$(age "$D/yes")" && cat "$D/yes"
done
printf '\\n#approval read\\n'`;
}

/** Shell text that takes the request back, and its approvals where their owner allows it (the directory is sticky). */
export function withdrawApproval(hash: string): string {
  return `# quarterdeck approval withdraw
${base}
rm -rf "$B/quarterdeck-ask-${checked(hash)}" "$B/quarterdeck-yes-${checked(hash)}"-* 2>/dev/null
printf '\\n#approval withdrawn\\n'`;
}

/** Reads what `listApprovals` printed; requests that are not whole are left out. */
export function readRequests(stdout: string): readonly (ApprovalRequest & { readonly ageS: number })[] {
  return blocks(stdout, 'ask').flatMap(({ head, body }) => {
    const value = parsed(body);
    const { hash, who, title, commands } = value;
    if (
      typeof hash !== 'string' ||
      !hashPattern.test(hash) ||
      typeof who !== 'string' ||
      typeof title !== 'string' ||
      !Array.isArray(commands)
    )
      return [];
    // Anybody with a login there can leave one, and what JSON brings along no sanitizer of the stream has seen.
    return [
      {
        hash,
        who: sanitizeLine(who, 200),
        title: sanitizeLine(title, 400),
        commands: commands.flatMap((command) => (typeof command === 'string' ? [sanitizeText(command.slice(0, 4000))] : [])),
        ageS: Number(head[0]) || 0,
      },
    ];
  });
}

/** Reads what `readApprovals` printed; `uid` is the asker's own. */
export function readGiven(hash: string, stdout: string): { readonly uid: number | null; readonly approvals: readonly Approval[] } {
  const uid = /\n#uid (\d+)\n/.exec(stdout)?.[1];
  const approvals = blocks(stdout, 'yes').flatMap(({ head, body }) => {
    const value = parsed(body);
    const owner = Number(head[0]);
    const ageS = Number(head[1]);
    return value['hash'] === hash && typeof value['who'] === 'string' && Number.isInteger(owner) && Number.isFinite(ageS)
      ? [{ who: value['who'], uid: owner, ageS }]
      : [];
  });
  return { uid: uid === undefined ? null : Number(uid), approvals };
}

function blocks(stdout: string, word: string): { head: string[]; body: string }[] {
  return stdout
    .split('\n#')
    .filter((block) => block.startsWith(`${word} `))
    .map((block) => {
      const [head = '', body = ''] = block.split('\n');
      return { head: head.split(' ').slice(1), body };
    });
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
