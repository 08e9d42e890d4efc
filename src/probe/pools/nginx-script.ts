import { sanitizeLine } from '../../remote/sanitize.ts';
import { hostFile } from './host-file.ts';
import { addressAlone } from './match-servers.ts';

/**
 * Shell text that prints an upstream file, when it was changed, every nginx process with the time of its start, and how many
 * connections its workers hold to the ports of the servers. `null` when the path cannot be one. The first line is how the embedded fleet knows the script.
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
for d in $(pgrep -x nginx 2>/dev/null || grep -lx nginx /proc/[0-9]*/comm 2>/dev/null | sed 's,^/proc/,,; s,/comm$,,'); do
d=/proc/$d
t=$(sed 's/^.*) //' "$d/stat" 2>/dev/null | cut -d' ' -f20)
printf '#quarterdeck process %s %s %s\\n' "\${d#/proc/}" "$t" "$(tr '\\0' ' ' <"$d/cmdline" 2>/dev/null | head -c 200)"
done
q_filter='dport = :80'
for q in $(sed -n 's/^[[:space:]]*server[[:space:]][[:space:]]*[^;[:space:]]*:\\([0-9][0-9]*\\)[^0-9].*/\\1/p' "$F" | sort -u); do q_filter="$q_filter or dport = :$q"; done
if q_ss=$(ss -tnp state established "( $q_filter )" 2>/dev/null); then
[ "$(id -u)" = 0 ] && printf '#quarterdeck sockets\\n'
printf '%s\\n' "$q_ss" | awk '/"nginx",pid=/ { n[$4]++ } END { for (p in n) print "#quarterdeck socket " n[p] " " p }'
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
  /** Established connections of workers by the address and port they lead to; `null` when whose sockets they are could not be seen. */
  readonly peers: ReadonlyMap<string, number> | null;
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
  const sockets = [...head.matchAll(/^#quarterdeck socket (\d{1,9}) (\S+)$/gm)];
  return {
    text: stdout.slice(cut.index + cut[0].length, end),
    oldWorkers: workers.filter(({ title }) => title.includes('worker process is shutting down')).length,
    running: live.length > 0,
    notLoaded: live.length > 0 && Number.isFinite(newest) && Number(changed) > newest + clockSlackS,
    // Only root sees whose a socket is, but everybody sees his own.
    peers:
      /^#quarterdeck sockets$/m.test(head) || sockets.length > 0
        ? new Map(sockets.map(([, count = '', peer = '']) => [peer, Number(count)]))
        : null,
  };
}

/** How many of the peers are one of the server's addresses, by port where the server names one; `null` when that cannot be told. */
export function connectionsTo(peers: NginxAnswer['peers'], addresses: ReadonlySet<string>, server: string): number | null {
  if (peers === null) return null;
  const port = /:(\d+)$/.exec(server)?.[1] ?? '80';
  let sum = 0;
  for (const [peer, count] of peers) if (addresses.has(addressAlone(peer)) && peer.endsWith(`:${port}`)) sum += count;
  return sum;
}
