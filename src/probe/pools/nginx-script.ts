import { sanitizeLine } from '../../remote/sanitize.ts';
import { hostFile } from './host-file.ts';
import { addressAlone } from './match-servers.ts';

/**
 * Shell text that prints an upstream file, when it was changed, every nginx process with the time of its start, and the connections that
 * workers hold. `null` when the path cannot be one. The first line is how the embedded fleet knows the script.
 */
export function readNginx(file: unknown): string | null {
  const word = hostFile(file);
  if (word === null) return null;
  return `# quarterdeck pool nginx-upstream: read ${sanitizeLine(String(file), 200)}
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/sbin:/sbin
F=${word}
[ -f "$F" ] && [ -r "$F" ] || { printf 'the file %s cannot be read\\n' "$F" >&2; exit 1; }
printf '#quarterdeck changed %s\\n' "$(date -r "$F" +%s 2>/dev/null || stat -c %Y "$F")"
printf '#quarterdeck boot %s %s\\n' "$(sed -n 's/^btime //p' /proc/stat)" "$(getconf CLK_TCK 2>/dev/null || echo 100)"
for d in /proc/[0-9]*; do
read -r c 2>/dev/null <"$d/comm" && [ "$c" = nginx ] || continue
t=$(sed 's/^.*) //' "$d/stat" 2>/dev/null | cut -d' ' -f20)
printf '#quarterdeck process %s %s %s\\n' "\${d#/proc/}" "$t" "$(tr '\\0' ' ' <"$d/cmdline" 2>/dev/null | head -c 200)"
done
if q_ss=$(ss -tnp state established 2>/dev/null); then
[ "$(id -u)" = 0 ] && printf '#quarterdeck sockets\\n'
printf '%s\\n' "$q_ss" | awk '/"nginx",pid=/ { print "#quarterdeck socket " $4 }'
fi
printf '#quarterdeck file\\n'
cat "$F"
printf '#quarterdeck end\\n'`;
}

/** What the script above printed. */
export interface NginxAnswer {
  readonly text: string;
  /** Workers that still finish what they began under an older configuration. */
  readonly oldWorkers: number;
  /** Whether any nginx process was seen. */
  readonly running: boolean;
  /** The file was changed after the newest worker started: what runs is not what the file says. */
  readonly notLoaded: boolean;
  /** Addresses that workers are connected to, one an established connection; `null` when whose sockets they are could not be seen. */
  readonly peers: readonly string[] | null;
}

/** Two seconds: `btime` moves by one when the clock is corrected, and both times are whole seconds. */
const clockSlackS = 2;

export function parseNginx(stdout: string): NginxAnswer | null {
  const cut = /^#quarterdeck file\n/m.exec(stdout);
  const end = stdout.lastIndexOf('#quarterdeck end\n');
  if (cut === null || end < cut.index) return null;
  const head = stdout.slice(0, cut.index);
  const [, changed] = /^#quarterdeck changed (\d+)$/m.exec(head) ?? [];
  const [, boot, ticks] = /^#quarterdeck boot (\d+) (\d+)$/m.exec(head) ?? [];
  const workers = [...head.matchAll(/^#quarterdeck process (\d+) (\d*) (.*)$/gm)].map(([, , start = '', title = '']) => ({ start, title }));
  const live = workers.filter(({ title }) => title.startsWith('nginx: worker process') && !title.includes('is shutting down'));
  const newest = Math.max(...live.map(({ start }) => Number(boot) + Number(start) / Number(ticks)));
  const sockets = [...head.matchAll(/^#quarterdeck socket (\S+)$/gm)];
  return {
    text: stdout.slice(cut.index + cut[0].length, end),
    oldWorkers: workers.filter(({ title }) => title.includes('worker process is shutting down')).length,
    running: live.length > 0,
    notLoaded: live.length > 0 && Number.isFinite(newest) && Number(changed) > newest + clockSlackS,
    // Only root sees whose a socket is, but everybody sees his own.
    peers: /^#quarterdeck sockets$/m.test(head) || sockets.length > 0 ? sockets.map(([, peer = '']) => peer) : null,
  };
}

/** How many of the peers are one of the server's addresses, by port where the server names one; `null` when that cannot be told. */
export function connectionsTo(peers: readonly string[] | null, addresses: ReadonlySet<string>, server: string): number | null {
  if (peers === null) return null;
  const port = /:(\d+)$/.exec(server)?.[1] ?? '80';
  return peers.filter((peer) => addresses.has(addressAlone(peer)) && peer.endsWith(`:${port}`)).length;
}
