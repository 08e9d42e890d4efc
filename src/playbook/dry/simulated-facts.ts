import type { JsonValue } from '../../journal/entry.ts';
import type { AskedProbe, Found } from '../run/hands.ts';
import type { GivenFinding } from './simulation-file.ts';

type Facts = Readonly<Record<string, JsonValue>>;

interface Kind {
  /** Facts that a test must tell, unless the probe could not be answered. */
  readonly needs: readonly string[];
  readonly usual: Facts;
  /** Facts that follow from the others. */
  derived(facts: Facts): Facts;
  /** What the probe itself calls good, as on real hosts (live/live-probes.ts). */
  holds(facts: Facts): boolean;
}

const command: Kind = {
  needs: [],
  usual: { out: '', err: '', exit: 0 },
  derived: ({ exit }) => ({ failed: exit !== 0 }),
  holds: ({ exit }) => exit === 0,
};

const kinds: Readonly<Record<AskedProbe['kind'], Kind>> = {
  command,
  http: {
    needs: [],
    usual: { status: 200, body: '', ms: 1 },
    derived: ({ status }) => ({ failed: Number(status) === 0 || Number(status) >= 400 }),
    holds: ({ status }) => Number(status) >= 200 && Number(status) < 300,
  },
  port: { needs: ['open'], usual: {}, derived: () => ({}), holds: ({ open }) => open === true },
  service: {
    needs: ['state'],
    usual: {},
    derived: ({ state }) => ({ health: state === 'running' ? 'ok' : 'crit' }),
    holds: ({ state, health }) => state === 'running' && health === 'ok',
  },
  pool: {
    needs: ['healthy'],
    usual: { node_state: {} },
    derived: ({ healthy }) => ({ total: healthy ?? 0 }),
    holds: ({ healthy, total }) => healthy === total,
  },
  dns: {
    needs: ['addresses'],
    usual: {},
    derived: ({ addresses }) => ({ failed: Array.isArray(addresses) && addresses.length === 0 }),
    holds: ({ addresses }) => Array.isArray(addresses) && addresses.length > 0,
  },
  metric: { needs: ['value'], usual: {}, derived: () => ({}), holds: () => true },
  alert: { needs: ['firing'], usual: {}, derived: () => ({}), holds: ({ firing }) => firing === false },
};

/** What a probe finds in a test; a text says what is wrong with the test. */
export function foundIn(given: GivenFinding, probe: AskedProbe): Found | string {
  if (given === 'unreachable') return { kind: 'unreachable', why: 'the test says that it cannot be reached' };
  if (given === 'timeout') return { kind: 'timeout', why: 'the test says that no answer comes in time' };
  // On a host, a name is looked up by a command there.
  const kind = probe.kind === 'dns' && probe.host !== null ? command : kinds[probe.kind];
  if (given === 'ok' && kind === command) return facts(kind, {});
  if (typeof given === 'string') return `a ${probe.kind} does not find ${JSON.stringify(given)}`;
  if (typeof given['wrong'] === 'string') return { kind: 'wrong', why: given['wrong'] };
  const missing = kind.needs.find((name) => given[name] === undefined);
  if (missing !== undefined) return `a ${probe.kind} is told by ${JSON.stringify(missing)}, and the test does not say it`;
  const known = [...kind.needs, ...Object.keys(kind.usual), ...Object.keys(kind.derived(given))];
  const odd = Object.keys(given).find((name) => !known.includes(name));
  return odd === undefined ? facts(kind, given) : `a ${probe.kind} has no ${JSON.stringify(odd)}; it has ${known.join(', ')}`;
}

function facts(kind: Kind, given: Facts): Found {
  const usual = { ...kind.usual, ...given };
  const all = { ...kind.derived(usual), ...usual };
  const text =
    typeof all['out'] === 'string'
      ? all['out']
      : Object.entries(all)
          .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
          .join(', ');
  return { kind: 'facts', facts: all, holds: kind.holds(all), text };
}

/** `out err exit failed` of a command that a change sent. */
export function changeFacts(given: Facts): Record<string, JsonValue> {
  const usual = { ...command.usual, ...given };
  return { ...command.derived(usual), ...usual };
}
