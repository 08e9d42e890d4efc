import { lockWords } from './host-lock.ts';
import { shq } from './quote.ts';

/**
 * A change on a host, run so that it survives this console, the connection and a look at it later: in its own step directory and
 * process group, its deadline kept on the host, its exit written by rename. Tried against real kills in test/remote/step.test.ts.
 *
 * Directory: `~/.local/state/quarterdeck/steps/<id>`, so that it outlives a reboot of the host.
 * Files: `run` (pid, start time in ticks, boot id), `out`, `err`, `exit`.
 */

/** What a step's directory says of it. */
export type StepState =
  /** Ended; `exit` is its status, 124 when its deadline ended it. */
  | { readonly kind: 'done'; readonly exit: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'running'; readonly pid: number }
  /** Begun, gone, and no exit was written: killed by hand, or with its host, which was `rebooted` since. */
  | { readonly kind: 'unknown'; readonly rebooted: boolean; readonly stdout: string; readonly stderr: string }
  /** No directory: it never started. */
  | { readonly kind: 'missing' }
  /** Another start had already claimed the id. */
  | { readonly kind: 'claimed' };

const idPattern = /^[a-z0-9][A-Za-z0-9-]{3,80}$/;

/** Kept of each output on the host and brought home, bytes: the head, which says what went wrong first, and the tail. */
const keptBytes = 32_768;

const prelude = (id: string): string => {
  if (!idPattern.test(id)) throw new Error(`${JSON.stringify(id)} is not a step id`);
  return `umask 077
LC_ALL=C; export LC_ALL
I=${id}
D=\${XDG_STATE_HOME:-$HOME/.local/state}/quarterdeck/steps
S=$D/$I
say() { printf '\\n#step %s %s %s\\n' "$I" "$1" "$2"; }
started() { [ -r "/proc/$1/stat" ] && read -r q_stat <"/proc/$1/stat" && q_stat=\${q_stat##*) } && set -- $q_stat && [ "$1" != Z ] && shift 19 && echo "$1"; }
boot() { [ -r /proc/sys/kernel/random/boot_id ] && read -r q_boot </proc/sys/kernel/random/boot_id && echo "$q_boot"; }
part() { if [ -f "$1" ]; then if [ "$(wc -c <"$1")" -gt ${2 * keptBytes} ]; then head -c ${keptBytes} "$1"; printf '\\n[…]\\n'; tail -c ${keptBytes} "$1"; else cat "$1"; fi; fi; }
show() { part "$S/out"; part "$S/err" >&2; }
alive() { [ -r "$S/run" ] && read -r q_pid q_since q_then <"$S/run" && [ -n "$q_pid" ] && kill -0 "$q_pid" 2>/dev/null && [ "$q_since" = "$(started "$q_pid")" ] && [ "$q_then" = "$(boot)" ]; }
other_boot() { [ -r "$S/run" ] && read -r q_pid q_since q_then <"$S/run" && [ -n "$q_then" ] && [ "$q_then" != "$(boot)" ]; }
state() {
q_looks=0
while :; do
if [ -s "$S/exit" ]; then show; say "done" "$(cat "$S/exit")"; return
elif [ ! -d "$S" ]; then say missing 0; return
elif alive; then say running "$q_pid"; return
elif [ "$q_looks" -ge 2 ]; then show; if other_boot; then say unknown 1; else say unknown 0; fi; return
fi
q_looks=$((q_looks + 1))
sleep 1
done
}
`;
};

/**
 * The runner: leader of its own session; the command is a child group of it that the deadline ends with TERM, then KILL. Room for the exit is
 * taken before it begins, and filled in place: a command that fills the disk must not hide its own end.
 */
const runner = `
started() { [ -r "/proc/$1/stat" ] && read -r q_stat <"/proc/$1/stat" && q_stat=\${q_stat##*) } && set -- $q_stat && shift 19 && echo "$1"; }
q_boot=; [ -r /proc/sys/kernel/random/boot_id ] && read -r q_boot </proc/sys/kernel/random/boot_id
printf '%-6s\\n' '' >"$1/exit.new" && printf '%s %s %s\\n' "$$" "$(started $$)" "$q_boot" >"$1/run.new" && mv "$1/run.new" "$1/run" || { rm -rf "$1"; exit 73; }
late=
trap 'late=1' USR1
setsid sh -c "$2" </dev/null >"$1/out" 2>"$1/err" &
job=$!
echo "$job" >"$1/group"
setsid sh -c 'sleep "$1"; kill -USR1 "$2"; kill -TERM "-$3"; sleep 2; kill -KILL "-$3"' sh "$3" "$$" "$job" </dev/null >/dev/null 2>&1 &
dog=$!
wait "$job"
code=$?
while kill -0 "$job" 2>/dev/null; do wait "$job"; code=$?; done
kill -KILL "-$dog" 2>/dev/null
kill -KILL "$dog" 2>/dev/null
kill -KILL "-$dog" 2>/dev/null
[ -n "$late" ] && code=124
sync "$1/out" "$1/err" 2>/dev/null
q_done() { printf '%-6s\\n' "$code" 1<>"$1/exit.new" && { sync "$1/exit.new" 2>/dev/null; mv "$1/exit.new" "$1/exit"; }; }
q_done "$1" || { : >"$1/out"; q_done "$1"; }
`.trim();

/** The host's lock that must still be ours when a step begins, so that a text sent before the lock was lost can do nothing. */
export interface Fence {
  readonly lock: string;
  readonly token: string;
}

/**
 * Shell text that claims the step `id`, starts `command` in it and waits for its end. The wait belongs to this connection only:
 * when it is cut off, the step goes on and `askStep` finds it.
 * @param seconds deadline of the command on the host.
 * @param variables names of shell variables for the command, whose values are the lines of standard input: they stand in no command line.
 */
export function startStep(
  id: string,
  command: string,
  seconds: number,
  fence: Fence | null = null,
  variables: readonly string[] = [],
): string {
  for (const name of variables) if (!/^[A-Za-z_]\w*$/.test(name)) throw new Error(`${JSON.stringify(name)} is no name of a variable`);
  const given = variables.map((name) => `IFS= read -r ${name}; export ${name}\n`).join('');
  const whole = Math.max(1, Math.ceil(seconds));
  // After the directory is made: whoever takes the lock away and then finds no directory knows that the step will never begin.
  const behind = fence === null ? '' : 'mine || { rmdir "$S"; say refused 75; exit 0; }\n';
  return `# quarterdeck step start ${id}
${given}${fence === null ? '' : lockWords(fence.lock, fence.token)}${prelude(id)}
command -v setsid >/dev/null 2>&1 || { say refused 127; exit 0; }
mkdir -p "$D" 2>/dev/null || { say refused 73; exit 0; }
mkdir "$S" 2>/dev/null || { if [ -d "$S" ]; then say claimed 0; else say refused 73; fi; exit 0; }
${behind}setsid sh -c ${shq(runner)} quarterdeck-step "$S" ${shq(command)} ${whole} </dev/null >/dev/null 2>&1 &
q_left=${(whole + 5) * 5}
while [ ! -s "$S/exit" ] && [ -d "$S" ] && [ "$q_left" -gt 0 ]; do
q_left=$((q_left - 1))
sleep 0.2 2>/dev/null || { sleep 1; q_left=$((q_left - 4)); }
[ $((q_left % 10)) -ne 0 ] || [ ! -f "$S/run" ] || alive || break
done
[ -d "$S" ] || { say refused 73; exit 0; }
state`;
}

/** Shell text that tells the state of a step without touching it. */
export function askStep(id: string): string {
  return `# quarterdeck step ask ${id}
${prelude(id)}state`;
}

/**
 * Shell text that ends a step's process group: TERM once it has one (a step just begun has not), KILL after two seconds more.
 * Its state is told afterwards.
 */
export function cancelStep(id: string): string {
  return `# quarterdeck step cancel ${id}
${prelude(id)}
q_left=25 q_told=
while alive && [ ! -f "$S/exit" ] && [ "$q_left" -gt 0 ]; do
q_group=; [ -s "$S/group" ] && read -r q_group <"$S/group"
if [ -n "$q_group" ] && [ "$q_left" -le 13 ]; then kill -KILL "-$q_group" 2>/dev/null
elif [ -n "$q_group" ] && [ -z "$q_told" ]; then kill -TERM "-$q_group" 2>/dev/null && q_told=1
fi
q_left=$((q_left - 1))
sleep 0.2 2>/dev/null || { sleep 1; q_left=$((q_left - 4)); }
done
state`;
}

/** Shell text that removes an ended step's directory, once its outcome is in the journal. A running one is left. */
export function forgetStep(id: string): string {
  return `# quarterdeck step forget ${id}
${prelude(id)}
if [ -d "$S" ] && ! alive; then rm -rf "$S"; fi
rmdir "$D" 2>/dev/null
say missing 0`;
}

/** Steps that are on a host, by id. */
export interface StepList {
  readonly running: readonly string[];
  readonly ended: readonly string[];
}

/** Shell text that tells which steps are on a host. */
export function listSteps(): string {
  return `# quarterdeck step list all-steps
${prelude('all-steps')}
for S in "$D"/*; do if [ -d "$S" ]; then if [ ! -s "$S/exit" ] && alive; then say running "\${S##*/}"; else say ended "\${S##*/}"; fi; fi; done
say listed 0`;
}

/** What `listSteps` printed; `null` when the connection ended before its last line. */
export function readStepList(stdout: string): StepList | null {
  if (!stdout.endsWith('\n#step all-steps listed 0\n')) return null;
  const found = [...stdout.matchAll(/^#step all-steps (running|ended) (\S+)$/gm)].filter(([, , id = '']) => idPattern.test(id));
  const of = (word: string): string[] => found.flatMap(([, state, id = '']) => (state === word ? [id] : []));
  return { running: of('running'), ended: of('ended') };
}

/** A word that the cut in the middle went through is taken away: half a secret is not known as one. */
function wholeWords(text: string): string {
  return text.replace(/\S{0,1024}\n\[…\]\n\S{0,1024}/, '\n[…]\n');
}

/** What the numbers of a refused start say. */
const refusals: Readonly<Record<number, string>> = {
  75: 'the lock on the host is no longer ours',
  127: 'the host has no setsid',
};

/** Reads what one of the texts above printed; `null` when its closing line is not there (the connection ended first). */
export function readStep(
  id: string,
  stdout: string,
  stderr: string,
): StepState | { readonly kind: 'refused'; readonly why: string } | null {
  const mark = `\n#step ${id} `;
  const at = stdout.lastIndexOf(mark);
  if (at < 0) return null;
  const [word, number] = stdout
    .slice(at + mark.length)
    .trimEnd()
    .split(' ');
  const value = Number(number);
  if (!Number.isInteger(value)) return null;
  const text = wholeWords(stdout.slice(0, at));
  const errors = wholeWords(stderr);
  switch (word) {
    case 'done':
      return { kind: 'done', exit: value, stdout: text, stderr: errors };
    case 'running':
      return { kind: 'running', pid: value };
    case 'unknown':
      return { kind: 'unknown', rebooted: value === 1, stdout: text, stderr: errors };
    case 'missing':
      return { kind: 'missing' };
    case 'claimed':
      return { kind: 'claimed' };
    case 'refused':
      return {
        kind: 'refused',
        why: refusals[value] ?? 'the step directory under ~/.local/state cannot be made (disk full, or the home is read-only)',
      };
    default:
      return null;
  }
}
