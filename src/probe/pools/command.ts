import type { PoolSpec } from '../../fleet/definition.ts';
import type { Host } from '../../fleet/host.ts';
import { type PoolMember, unknownMember } from '../../fleet/pool.ts';
import { sanitizeLine, visibleName } from '../../remote/sanitize.ts';
import { fillCommand } from './fill-command.ts';
import { connectionsOn } from './member-sockets.ts';
import { listPoolNotes, notesIn, notePlaces, withNotes } from './notes.ts';
import type { PoolReader, ReadContext } from './reader.ts';
import { balancersOf, joinSeen, membersOf, noAnswer, readFailure, type Seen, unclear, unread } from './seen.ts';

const deadlineMs = 15_000;

/** Asks the fleet file's own command about every member: on each host of the role `on`, else on the member itself. */
export const command: PoolReader = async (spec, context) => {
  const on = spec.options['on'] === undefined ? null : balancersOf(spec, context.hosts);
  if (on?.length === 0) return unread(spec, context, `no host has the role ${String(spec.options['on'])}, on which its commands run`);
  const hosts = membersOf(spec, context);
  const members = await Promise.all(hosts.map((host) => readOne(spec, context, host, on ?? [host])));
  const places = [...new Set(hosts.flatMap((host) => notePlaces(spec, context.hosts, host.id)))];
  const notes = await Promise.all(places.map(async (id) => (await context.run(id, listPoolNotes(spec.name), deadlineMs))?.stdout ?? ''));
  const errors = [...new Set(members.flatMap(({ error }) => (error === null ? [] : [error])))];
  const read = withNotes(
    members.map(({ member }) => member),
    notesIn(spec.name, hosts, notes),
  );
  const nothing = read.length > 0 && read.every(({ state }) => state === 'unknown');
  return nothing
    ? { members: read, warnings: [], error: errors.slice(0, 3).join('; ') || 'its state command told nothing of any member' }
    : { members: read, warnings: errors, error: null };
};

async function readOne(
  spec: PoolSpec,
  context: ReadContext,
  host: Host,
  on: readonly Host[],
): Promise<{ readonly member: PoolMember; readonly error: string | null }> {
  const filled = fillCommand(String(spec.options['state']), host);
  if (!filled.ok) return { member: { ...unknownMember(host.id), text: sanitizeLine(filled.why) }, error: sanitizeLine(filled.why) };
  const connections = await connectionsOn(context, host.id, spec.drain?.ports ?? []);
  const answers = await Promise.all(
    on.map(async (balancer) => {
      const where = visibleName(balancer.name);
      const result = await context.run(balancer.id, filled.command, deadlineMs);
      const failure = readFailure(result, where);
      if (failure !== null || result === null) return noAnswer(balancer, failure ?? where);
      const members = new Map([[host.id, seenOf(host, result.stdout, connections)]]);
      return { balancer, error: null, members, warnings: [], stdout: '' };
    }),
  );
  const { member } = joinSeen(host, answers);
  return { member, error: answers.find(({ error }) => error !== null)?.error ?? null };
}

/** Exactly one word is believed; whatever else the command prints, nothing is known. */
function seenOf(host: Host, stdout: string, connections: number | null): Seen {
  const word = stdout.trim();
  if (word !== 'in' && word !== 'draining' && word !== 'out') {
    return unclear(sanitizeLine(word === '' ? 'its state command printed nothing' : `its state command printed ${word}`, 120));
  }
  return { server: visibleName(host.name), state: word, health: 'unknown', connections, weight: null, text: word, saved: {} };
}
