import type { HostId } from '../../fleet/host.ts';
import type { ReadContext } from './reader.ts';

const deadlineMs = 8000;

/** Shell text that prints how many established connections the ports of this host have. `ss` of old releases knows no `-H`, hence `sed`. */
export function countConnections(ports: readonly number[]): string {
  const filter = ports.map((port) => `sport = :${port}`).join(' or ');
  const hex = ports.map((port) => port.toString(16).toUpperCase().padStart(4, '0')).join('|');
  return `# quarterdeck pool connections
PATH=$PATH:/usr/sbin:/sbin
if command -v ss >/dev/null 2>&1; then q_lines=$(ss -tn state established '( ${filter} )') && printf '%s\\n' "$q_lines" | sed 1d | grep -c .
else cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -cE '^ *[0-9]+: [0-9A-F]+:(${hex}) [0-9A-F]+:[0-9A-F]+ 01 '; fi
:`;
}

/** The printed number; `null` when there is none. */
export function readCount(stdout: string): number | null {
  const text = stdout.trim();
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** Established connections of a member's drain ports, by its own sockets; `null` without ports, without a connection to it, or in doubt. */
export async function connectionsOn(context: ReadContext, hostId: HostId, ports: readonly number[]): Promise<number | null> {
  if (ports.length === 0) return null;
  const result = await context.run(hostId, countConnections(ports), deadlineMs);
  return result?.end === 'exit' && result.exit === 0 ? readCount(result.stdout) : null;
}
