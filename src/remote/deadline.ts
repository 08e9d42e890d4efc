import type { Sudo } from '../fleet/definition.ts';
import { shellCommand, shq } from './quote.ts';

/**
 * The watchdog's text. `$1` is the command, `$2` the seconds. The command gets a session of its own (setsid), so that all it starts in
 * the foreground is one process group; TERM at the deadline, KILL two seconds later whether or not its leader has already gone
 * (coreutils' timeout forgets children that outlive the leader, busybox's knows no groups). The watchdog is a session of its own too:
 * it holds none of our pipes and its sleep goes with it. It is killed as a group, as a process and as a group again: when the command
 * ends at once, it may not have its session yet. TERM sent to the watchdog (a step that is called off) is passed on to the command's group,
 * which the sender does not know. Without setsid only the leader is killed, which is all POSIX offers.
 */
const watchdog = `
exec 3<&0
late=
trap 'late=1' USR1
if command -v setsid >/dev/null 2>&1; then own=setsid group=-; else own= group=; fi
$own sh -c "$1" <&3 3<&- &
job=$!
told=
trap 'told=1; kill -TERM "$group$job" 2>/dev/null' TERM
exec 3<&-
$own sh -c 'sleep "$1"; kill -USR1 "$2"; kill -TERM "$3"; kill -0 "$3" && sleep 1; kill -0 "$3" && sleep 1; kill -KILL "$3"' sh "$2" "$$" "$group$job" </dev/null >/dev/null 2>&1 &
dog=$!
wait "$job"
code=$?
if [ -n "$late" ]; then wait "$dog"; exit 124; fi
if [ -n "$told" ]; then kill -0 "$job" 2>/dev/null && sleep 1; kill -0 "$job" 2>/dev/null && sleep 1; kill -KILL "$group$job" 2>/dev/null; code=143; fi
kill -KILL "$group$dog" 2>/dev/null
kill -KILL "$dog" 2>/dev/null
kill -KILL "$group$dog" 2>/dev/null
exit "$code"
`.trim();

/**
 * POSIX shell text that runs `command` on a host so that it cannot outlive `seconds` (plus two of grace) there, whatever becomes of the
 * connection. Exit status 124 when the deadline passed, else the command's own. Closing a channel alone stops nothing: sshd leaves
 * the command running. For sudo, the deadline belongs inside (see `hostCommand`): we may not signal root's processes.
 * @param seconds whole or fractional where the host's sleep takes fractions; at least 1.
 */
export function withHostDeadline(command: string, seconds: number): string {
  return `exec sh -c ${shq(watchdog)} sh ${shq(command)} ${shq(String(Math.max(1, Math.ceil(seconds))))}`;
}

/** Words that go before a command to run it with the fleet's privileges; `-n` fails at once instead of asking for a password. */
export function sudoPrefix(sudo: Sudo): readonly string[] {
  switch (sudo.kind) {
    case 'no':
      return [];
    case 'root':
      return ['sudo', '-n', '--'];
    case 'user':
      return ['sudo', '-n', '-u', sudo.user, '--'];
  }
}

/** `command` under its host deadline and with the fleet's privileges, the deadline inside sudo so that it can kill. */
export function hostCommand(command: string, options: { readonly seconds: number; readonly sudo: Sudo }): string {
  const limited = withHostDeadline(command, options.seconds);
  const prefix = sudoPrefix(options.sudo);
  return prefix.length === 0 ? limited : `exec ${shellCommand([...prefix, 'sh', '-c', limited])}`;
}
