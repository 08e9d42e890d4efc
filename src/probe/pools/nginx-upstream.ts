import { isIP } from 'node:net';
import type { PoolSpec } from '../../fleet/definition.ts';
import type { Host, HostId } from '../../fleet/host.ts';
import type { Membership } from '../../fleet/pool.ts';
import { sanitizeLine, visibleName } from '../../remote/sanitize.ts';
import { askBalancers } from './ask-balancers.ts';
import { addressAlone, addressesOf, matchServers } from './match-servers.ts';
import { parseUpstream, type UpstreamServer } from './nginx-file.ts';
import { connectionsTo, type NginxAnswer, parseNginx, readNginx } from './nginx-script.ts';
import { listPoolNotes } from './notes.ts';
import type { PoolReader, ReadContext } from './reader.ts';
import { type BalancerAnswer, membersOf, noAnswer, readFailure, savedKey, type Seen, takenOut, unclear, unread } from './seen.ts';

const deadlineMs = 10_000;

/** Reads the servers of an upstream from the file that nginx includes, and what its workers make of it, on every balancer. */
export const nginxUpstream: PoolReader = async (spec, context) => {
  const script = readNginx(spec.options['file']);
  if (script === null) return unread(spec, context, `pools.${spec.name} names no file that could be one`);
  return askBalancers(spec, context, (balancer) => askOne(spec, context, balancer, `${script}\n${listPoolNotes(spec.name)}`));
};

async function askOne(spec: PoolSpec, context: ReadContext, balancer: Host, script: string): Promise<BalancerAnswer> {
  const where = visibleName(balancer.name);
  const result = await context.run(balancer.id, script, deadlineMs);
  const failure = readFailure(result, where);
  if (failure !== null || result === null) return noAnswer(balancer, failure ?? where);
  const answer = parseNginx(result.stdout);
  if (answer === null) return noAnswer(balancer, `${where}: the answer about nginx has no end`);
  const upstream = spec.options['upstream'];
  const file = parseUpstream(answer.text, typeof upstream === 'string' ? upstream : null);
  if (!file.ok) return noAnswer(balancer, `${where}: ${sanitizeLine(file.why, 200)}`);
  const hosts = membersOf(spec, context);
  const matches = matchServers(hosts, file.servers);
  const members = new Map<HostId, Seen>();
  for (const host of hosts) {
    const match = matches.get(host.id);
    if (match?.kind === 'one') members.set(host.id, seenOf(spec, host, match.server, balancer.id, answer));
    else members.set(host.id, unclear(sanitizeLine(match?.kind === 'unclear' ? match.why : 'no server line has its name or address')));
  }
  return { balancer, error: null, members, warnings: warningsOf(where, String(spec.options['file']), answer), stdout: result.stdout };
}

function seenOf(spec: PoolSpec, host: Host, server: UpstreamServer, balancer: HostId, answer: NginxAnswer): Seen {
  const given = server.addresses[0] ?? server.name;
  const own = addressAlone(given);
  const addresses = new Set([...(isIP(own) === 0 ? addressesOf(host) : [own])].filter((each) => isIP(each) !== 0));
  const connections = addresses.size === 0 ? null : connectionsTo(answer.peers, addresses, given);
  return {
    server: sanitizeLine(given, 80),
    state: membershipOf(spec, server, connections, answer),
    // nginx itself shows nobody which servers it passes over.
    health: 'unknown',
    connections,
    weight: server.weight,
    text: sanitizeLine([server.text.trim(), ...workerWords(answer)].join(', '), 120),
    saved: {
      [savedKey('line', balancer)]: server.line,
      [savedKey('text', balancer)]: server.text,
      [savedKey('turned', balancer)]: server.turned,
      [savedKey('open end', balancer)]: server.openEnd,
      [savedKey('down', balancer)]: server.down,
    },
  };
}

function membershipOf(spec: PoolSpec, server: UpstreamServer, connections: number | null, answer: NginxAnswer): Membership {
  if (!answer.running || answer.notLoaded) return 'unknown';
  if (!server.down) return 'in';
  // An old worker sends to it by its old configuration until its last request has ended.
  return answer.oldWorkers > 0 ? 'draining' : takenOut(spec, connections);
}

function workerWords({ running, notLoaded, oldWorkers }: NginxAnswer): readonly string[] {
  if (!running) return ['nginx does not run'];
  if (notLoaded) return ['changed since nginx loaded it'];
  return oldWorkers === 0 ? [] : [`${oldWorkers} old ${oldWorkers === 1 ? 'worker' : 'workers'} shutting down`];
}

function warningsOf(where: string, file: string, answer: NginxAnswer): readonly string[] {
  if (!answer.running) return [`no nginx worker runs on ${where}`];
  return answer.notLoaded
    ? [`${sanitizeLine(file, 120)} on ${where} was changed after nginx loaded it: what runs is not what it says; run nginx -t and reload`]
    : [];
}
