import { sanitizeLine } from '../../remote/sanitize.ts';
import { hostFile } from './host-file.ts';

/** What HAProxy lets a proxy or a server be called (invalid_char of its config parser); nothing else is put into a socket command. */
export const haproxyName = /^[A-Za-z0-9_.:-]{1,128}$/;

/** Paths that socat's address parser reads nothing into. */
const plainPath = /^[A-Za-z0-9_./@+-]+$/;

/**
 * Shell text that defines `ask`: sends one line to HAProxy's socket and prints the answer, through whatever the host has. `null` when
 * the path cannot be one. The first line is how the embedded fleet knows the script.
 * @see HAProxy management guide, 9.3 "Unix Socket commands"
 */
export function haproxyAsk(socket: unknown, purpose: string): string | null {
  const word = hostFile(socket);
  if (word === null || typeof socket !== 'string') return null;
  const socat = plainPath.test(socket)
    ? `if command -v socat >/dev/null 2>&1; then printf '%s\\n' "$1" | socat -t 5 - "UNIX-CONNECT:$S"\nelif`
    : 'if';
  return `# quarterdeck pool haproxy: ${sanitizeLine(purpose, 200)}
LC_ALL=C; export LC_ALL
S=${word}
[ -e "$S" ] || { printf 'there is no socket %s\\n' "$S" >&2; exit 1; }
ask() {
${socat} command -v nc >/dev/null 2>&1 && nc -h 2>&1 | grep -q -e '-[A-Za-z]*U'; then printf '%s\\n' "$1" | nc -U "$S"
elif command -v python3 >/dev/null 2>&1; then python3 -c 'import socket,sys
s=socket.socket(socket.AF_UNIX)
s.settimeout(5)
s.connect(sys.argv[1])
s.sendall(sys.argv[2].encode()+b"\\n")
while True:
    d=s.recv(65536)
    if not d: break
    sys.stdout.buffer.write(d)' "$S" "$1"
elif command -v perl >/dev/null 2>&1; then perl -MIO::Socket::UNIX -e '$s=IO::Socket::UNIX->new(Peer=>$ARGV[0]) or die "$!\\n"; print $s "$ARGV[1]\\n"; print while <$s>' "$S" "$1"
else printf 'reading the socket of HAProxy needs socat, nc -U, python3 or perl there\\n' >&2; return 1; fi
}`;
}

/**
 * Shell text that prints the servers of a backend and, where the configuration can be read, its sections and what they say of state
 * files. `null` when the socket's path or the backend's name cannot be one.
 */
export function readHaproxy(socket: unknown, backend: unknown): string | null {
  if (typeof backend !== 'string' || !haproxyName.test(backend)) return null;
  const ask = haproxyAsk(socket, `read backend ${backend}`);
  if (ask === null) return null;
  return `${ask}
printf '#quarterdeck stat\\n'
ask 'show stat ${backend} 4 -1' || exit 1
printf '\\n#quarterdeck servers\\n'
ask 'show servers state ${backend}' || exit 1
P=$(ask 'show info' | sed -n 's/^Pid: *//p' | head -n 1)
case $P in
'' | *[!0-9]*) ;;
*) if grep -q haproxy "/proc/$P/comm" 2>/dev/null; then
tr '\\0' '\\n' <"/proc/$P/cmdline" 2>/dev/null | awk 'f { print; f = 0; next } $0 == "-f" { f = 1 }' | while IFS= read -r F; do
case $F in /*) ;; *) F=$(readlink "/proc/$P/cwd")/$F ;; esac
[ -d "$F" ] && set -- "$F"/*.cfg || set -- "$F"
for F; do
[ -r "$F" ] || { printf '\\n#quarterdeck config-hidden\\n'; continue; }
printf '\\n#quarterdeck config\\n'
head -c 2000000 "$F" | grep -E '^[[:space:]]*(global|defaults|backend|listen|frontend|(load-)?server-state-[a-z-]+)([[:space:]]|$)'
done
done
fi ;;
esac
printf '\\n#quarterdeck end\\n'`;
}
