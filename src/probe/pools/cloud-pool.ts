import { isIP } from 'node:net';
import type { CloudAccess, CloudMember, CloudPool, CloudPoolMember, CloudPoolReading } from '../../cloud/calls.ts';
import { cloudAccessOf } from '../../cloud/access.ts';
import type { Fleet, PoolSpec } from '../../fleet/definition.ts';
import type { Host } from '../../fleet/host.ts';
import { type PoolMember, unknownMember } from '../../fleet/pool.ts';
import { sanitizeLine, visibleName } from '../../remote/sanitize.ts';
import { addressAlone, addressesOf } from './match-servers.ts';
import { countConnections, readCount } from './member-sockets.ts';
import { listPoolNotes, notesIn, withNotes } from './notes.ts';
import type { PoolReader, ReadContext } from './reader.ts';
import { membersOf, takenOut, unread } from './seen.ts';

const deadlineMs = 30_000;
const socketsMs = 8000;

/** Where a pool of the fleet file lies in its cloud, or why that cannot be told. */
export type CloudPlace =
  | { readonly ok: true; readonly access: CloudAccess; readonly pool: CloudPool }
  | { readonly ok: false; readonly why: string };

export function cloudPoolOf(fleet: Fleet, spec: PoolSpec): CloudPlace {
  const found = cloudAccessOf(fleet, spec);
  if (!found.ok) return found;
  const pool = poolOf(spec, found.resourceGroup);
  return pool === null ? { ok: false, why: `pools.${spec.name} is no pool of a cloud` } : { ok: true, access: found.access, pool };
}

function poolOf(spec: PoolSpec, resourceGroup: string | null): CloudPool | null {
  const text = (key: string): string => String(spec.options[key] ?? '');
  const service = spec.options['backend_service'];
  const backendService = typeof service === 'string' ? service : null;
  const port = spec.options['port'];
  switch (spec.kind) {
    case 'gce-target-pool':
      return { kind: spec.kind, region: text('region'), pool: text('pool') };
    case 'gce-instance-group':
      return { kind: spec.kind, zone: text('zone'), group: text('group'), backendService };
    case 'gce-neg':
      return { kind: spec.kind, zone: text('zone'), neg: text('neg'), port: typeof port === 'number' ? port : null, backendService };
    case 'azure-lb':
      return resourceGroup === null ? null : { kind: spec.kind, resourceGroup, lb: text('lb'), backend: text('backend') };
    default:
      return null;
  }
}

/** Keys of `saved` that are ours; the rest is the cloud's own and goes back to it as it came. */
export const ownSaved = { etag: 'etag', name: 'member name', zone: 'member zone', address: 'member address', refusal: 'refusal' } as const;

/** Reads a pool through its cloud's API; connections are counted on the members themselves, where they can be reached. */
export const cloudPool: PoolReader = async (spec, context) => {
  const place = cloudPoolOf(context.fleet, spec);
  if (!place.ok) return unread(spec, context, place.why);
  const answer = await context.cloud.read(place.access, { call: 'pool', pool: place.pool }, { deadlineMs });
  if (!answer.ok) return unread(spec, context, sanitizeLine(answer.error.message));
  const hosts = membersOf(spec, context);
  const ports = spec.drain?.ports ?? [];
  const sockets = await Promise.all(hosts.map((host) => askMember(spec, context, host, ports)));
  const members = hosts.map((host, index) => memberOf(spec, host, hosts, answer.value, sockets[index]?.connections ?? null));
  const notes = notesIn(
    spec.name,
    hosts,
    sockets.map(({ stdout }) => stdout),
  );
  const refused = answer.value.refusal;
  return {
    members: withNotes(members, notes),
    warnings: [...answer.value.warnings, ...(refused === null ? [] : [refused])].map((text) => sanitizeLine(text)),
    error: null,
  };
};

async function askMember(
  spec: PoolSpec,
  context: ReadContext,
  host: Host,
  ports: readonly number[],
): Promise<{ readonly connections: number | null; readonly stdout: string }> {
  const count = ports.length === 0 ? '' : `${countConnections(ports)}\n`;
  const result = await context.run(host.id, `${count}${listPoolNotes(spec.name)}`, socketsMs);
  if (result?.end !== 'exit' || result.exit !== 0) return { connections: null, stdout: '' };
  return { connections: ports.length === 0 ? null : readCount(result.stdout.split('\n')[0] ?? ''), stdout: result.stdout };
}

function memberOf(spec: PoolSpec, host: Host, hosts: readonly Host[], reading: CloudPoolReading, connections: number | null): PoolMember {
  const own = reading.members.filter((member) => isHost(member, host));
  const found = own.length > 0 ? own : reading.members.filter((member) => hasAddress(member, host, hosts));
  const [member] = found;
  const kept = { [ownSaved.etag]: reading.etag, [ownSaved.refusal]: reading.refusal };
  if (found.length > 1) return { ...unknownMember(host.id), connections, text: `${found.length} members of the pool fit it`, saved: kept };
  if (member === undefined) {
    // A cloud lists all of a pool's members: who is not listed is out.
    return { ...unknownMember(host.id), state: takenOut(spec, connections), connections, text: 'not a member', saved: kept };
  }
  return {
    ...unknownMember(host.id),
    server: visibleName(member.name),
    state: member.state === 'out' ? takenOut(spec, connections) : member.state,
    health: member.health,
    connections,
    text: member.text === null ? null : sanitizeLine(member.text, 120),
    saved: {
      ...member.saved,
      ...kept,
      [ownSaved.name]: member.name,
      [ownSaved.zone]: member.zone,
      [ownSaved.address]: member.address,
    },
  };
}

function isHost(member: CloudPoolMember, host: Host): boolean {
  return member.name === host.name && (member.zone === null || host.zone === null || member.zone === host.zone);
}

function hasAddress(member: CloudMember, host: Host, hosts: readonly Host[]): boolean {
  if (member.address === null || isIP(addressAlone(member.address)) === 0) return false;
  if (hosts.some((other) => other.id !== host.id && member.name === other.name)) return false;
  return addressesOf(host).has(addressAlone(member.address));
}
