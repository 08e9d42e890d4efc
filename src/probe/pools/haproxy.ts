import type { PoolSpec } from '../../fleet/definition.ts';
import type { Host, HostId } from '../../fleet/host.ts';
import type { Membership } from '../../fleet/pool.ts';
import { sanitizeLine, visibleName } from '../../remote/sanitize.ts';
import { askBalancers } from './ask-balancers.ts';
import { type HaproxyServer, parseHaproxy, type StateFile } from './haproxy-answer.ts';
import { haproxyName, readHaproxy } from './haproxy-script.ts';
import { matchServers } from './match-servers.ts';
import { listPoolNotes } from './notes.ts';
import type { PoolReader, ReadContext } from './reader.ts';
import { type BalancerAnswer, membersOf, noAnswer, readFailure, savedKey, type Seen, takenOut, unclear, unread } from './seen.ts';

const deadlineMs = 10_000;

/** srv_admin_state of `show servers state`: forced, inherited or configured maintenance; forced or inherited drain. */
const maintBits = 0x01 | 0x02 | 0x04 | 0x20 | 0x40;
const drainBits = 0x08 | 0x10;

/** Reads the servers of a backend from the runtime socket of every balancer. */
export const haproxy: PoolReader = async (spec, context) => {
  const script = readHaproxy(spec.options['socket'], spec.options['backend']);
  if (script === null) return unread(spec, context, `pools.${spec.name} names no backend or socket that HAProxy could have`);
  return askBalancers(spec, context, (balancer) => askOne(spec, context, balancer, `${script}\n${listPoolNotes(spec.name)}`));
};

async function askOne(spec: PoolSpec, context: ReadContext, balancer: Host, script: string): Promise<BalancerAnswer> {
  const where = visibleName(balancer.name);
  const result = await context.run(balancer.id, script, deadlineMs);
  const failure = readFailure(result, where);
  if (failure !== null || result === null) return noAnswer(balancer, failure ?? where);
  const backend = String(spec.options['backend']);
  const answer = parseHaproxy(result.stdout, backend);
  if (!answer.ok) return noAnswer(balancer, `${where}: ${sanitizeLine(answer.why, 200)}`);
  const hosts = membersOf(spec, context);
  const matches = matchServers(hosts, answer.servers);
  const members = new Map<HostId, Seen>();
  for (const host of hosts) {
    const match = matches.get(host.id);
    if (match?.kind === 'one') members.set(host.id, seenOf(spec, backend, match.server, balancer.id, answer.stateFile));
    else
      members.set(
        host.id,
        unclear(sanitizeLine(match?.kind === 'unclear' ? match.why : `no server of ${backend} has its name or address`)),
      );
  }
  return { balancer, error: null, members, warnings: warningsOf(where, answer.servers, answer.stateFile), stdout: result.stdout };
}

function seenOf(spec: PoolSpec, backend: string, server: HaproxyServer, balancer: HostId, stateFile: StateFile): Seen {
  if (!haproxyName.test(server.name)) return unclear('its server has a name that HAProxy would not take');
  const admin = adminState(server);
  return {
    server: `${backend}/${server.name}`,
    state: membershipOf(spec, server, admin),
    health: healthOf(server),
    connections: server.connections,
    requests: server.sessions,
    weight: server.weight,
    text: sanitizeLine([server.status, server.check].filter((text) => text !== '').join(', '), 80),
    saved: {
      [savedKey('server', balancer)]: server.name,
      [savedKey('admin', balancer)]: admin,
      [savedKey('weight', balancer)]: server.weight,
      [savedKey('state file', balancer)]: stateFile?.kind === 'file' ? stateFile.path : null,
      [savedKey('state of', balancer)]: stateFile?.kind === 'file' ? stateFile.of : null,
    },
  };
}

/** What a person set, apart from what the checks found: a server that is down may be drained as well. */
function adminState(server: HaproxyServer): 'ready' | 'drain' | 'maint' {
  if (server.admin !== null) return (server.admin & maintBits) !== 0 ? 'maint' : (server.admin & drainBits) !== 0 ? 'drain' : 'ready';
  if (server.status.startsWith('MAINT')) return 'maint';
  return server.status.startsWith('DRAIN') ? 'drain' : 'ready';
}

/** What was set, not what checks found: a server that is down and was not taken out is in, and its health says the rest. */
function membershipOf(spec: PoolSpec, server: HaproxyServer, admin: 'ready' | 'drain' | 'maint'): Membership {
  // NOLB: the server's own health check asked for it (http-check disable-on-404). Weight 0 is how others drain.
  const out = admin !== 'ready' || server.status.startsWith('NOLB') || server.weight === 0;
  if (out) return takenOut(spec, server.connections);
  return /^(?:UP|DOWN|no check)\b/.test(server.status) ? 'in' : 'unknown';
}

/** `UP 1/2` has failed its last check, or has passed too few: neither up nor down. */
function healthOf(server: HaproxyServer): Seen['health'] {
  if (/^DOWN\b/.test(server.status)) return 'down';
  const passed = server.check === '' ? null : /^(?:L4OK|L6OK|L7OK|PROCOK)$/.test(server.check);
  if (/^(?:UP|DRAIN)$/.test(server.status)) return passed === true ? 'up' : 'unknown';
  return 'unknown';
}

function warningsOf(where: string, servers: readonly HaproxyServer[], stateFile: StateFile): readonly string[] {
  const forgets =
    stateFile?.kind === 'none'
      ? [`a reload of haproxy on ${where} forgets drains: it has no server-state-file with load-server-state-from-file`]
      : [];
  const all = servers.length > 0 && servers.every((server) => adminState(server) !== 'ready');
  return all ? [...forgets, `every server on ${where} is drained or in maintenance`] : forgets;
}
