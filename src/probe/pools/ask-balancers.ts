import type { PoolSpec } from '../../fleet/definition.ts';
import type { Host } from '../../fleet/host.ts';
import { notesIn, withNotes } from './notes.ts';
import type { PoolReading, ReadContext } from './reader.ts';
import { balancersOf, type BalancerAnswer, joinSeen, membersOf, unread } from './seen.ts';

/** Asks every balancer of a pool at once and joins what they say and who signed there. */
export async function askBalancers(
  spec: PoolSpec,
  context: ReadContext,
  ask: (balancer: Host) => Promise<BalancerAnswer>,
): Promise<PoolReading> {
  const balancers = balancersOf(spec, context.hosts);
  if (balancers.length === 0) return unread(spec, context, `no host has the role ${String(spec.options['on'])}, on which the pool lies`);
  const answers = await Promise.all(balancers.map(ask));
  const errors = answers.flatMap(({ error }) => (error === null ? [] : [error]));
  if (errors.length === answers.length) return unread(spec, context, errors.join('; '));
  const members = membersOf(spec, context);
  const joined = members.map((host) => joinSeen(host, answers));
  const notes = notesIn(
    spec.name,
    members,
    answers.map(({ stdout }) => stdout),
  );
  return {
    members: withNotes(
      joined.map(({ member }) => member),
      notes,
    ),
    warnings: [...new Set([...errors, ...answers.flatMap(({ warnings }) => warnings), ...joined.flatMap(({ warnings }) => warnings)])],
    error: null,
  };
}
