import { resolve4, resolve6 } from 'node:dns/promises';
import type { Look, Looks } from '../../actions/looks.ts';
import { pause } from '../../actions/pause.ts';
import { standings } from '../../actions/pools/standing.ts';
import { deadlined } from '../deadlined.ts';
import type { HostId } from '../../fleet/host.ts';
import type { HostView } from '../../fleet/view.ts';
import type { JsonValue } from '../../journal/entry.ts';
import type { World } from '../../live/world.ts';
import { shellCommand } from '../../remote/quote.ts';
import { sanitizeLine } from '../../remote/sanitize.ts';
import type { AskedProbe, Found } from '../run/hands.ts';
import { foundAlert } from './alert-probe.ts';
import { metricOf } from './metrics.ts';

/** Long enough between two rounds for a rate, ms. */
const betweenRoundsMs = 1200;

/** A host that was just tried in vain is not tried again for every question that follows, ms. */
const triedAgainMs = 5000;

/** Asks the world what a playbook wants to know. Nothing of it changes anything. */
export class LiveProbes {
  readonly #world: World;
  readonly #looks: Looks;
  /** When a way to a lost host was last looked for, monotonic ms. */
  readonly #tried = new Map<HostId, number>();

  constructor(world: World, looks: Looks) {
    this.#world = world;
    this.#looks = looks;
  }

  /** A host by its name, or by its id where names repeat; `null` when there is none, or several. */
  hostNamed(name: string): HostView | null {
    const views = this.#world.views().filter((view) => view.goneSince === null);
    const exact = views.find((view) => view.host.id === name);
    if (exact !== undefined) return exact;
    const [only, second] = views.filter((view) => view.host.name === name);
    return second === undefined ? (only ?? null) : null;
  }

  async ask(probe: AskedProbe, deadlineMs: number): Promise<Found> {
    switch (probe.kind) {
      case 'command':
        return this.#onHost(probe.host, async (view) => {
          await this.#reach(view, deadlineMs);
          return foundCommand(await this.#looks.command(view.host.id, probe.command, deadlineMs));
        });
      case 'http':
        return this.#where(probe.host, deadlineMs, async (hostId) => {
          const look = await this.#looks.http(hostId, probe.url, probe.hostHeader, deadlineMs);
          if (look.kind !== 'answer') return failing(look, { status: 0, body: '', ms: 0 });
          const { status, body, ms } = look.value;
          return facts(
            { status, body, ms, failed: status >= 400 },
            status >= 200 && status < 300,
            `status ${status} in ${ms} ms\n${body.slice(0, 400)}`,
          );
        });
      case 'port':
        return this.#where(probe.host, deadlineMs, async (hostId) => {
          const look = await this.#looks.port(hostId, 'localhost', probe.port, deadlineMs);
          if (look.kind !== 'answer') return failing(look, { open: false });
          return facts({ open: look.value }, look.value, `port ${probe.port} is ${look.value ? 'open' : 'closed'}`);
        });
      case 'service':
        return this.#onHost(probe.host, (view) => this.#service(view, probe.service));
      case 'pool':
        return this.#pool(probe.pool, probe.except);
      case 'dns':
        return this.#dns(probe, deadlineMs);
      case 'metric':
        return this.#onHost(probe.host, async ({ host }) => {
          const value = await this.#metric(host.id, probe.metric);
          if (value === undefined) return { kind: 'wrong', why: `there is no metric ${probe.metric}` };
          return value === null
            ? { kind: 'unreachable', why: `${probe.metric} is not measured there` }
            : facts({ value }, true, `${probe.metric} ${value}`);
        });
      case 'alert':
        return foundAlert(this.#world, probe, (name) => this.hostNamed(name), deadlineMs);
      default:
        return probe satisfies never;
    }
  }

  /** A rate needs two rounds that lie far enough apart: a host just asked is asked again a little later. */
  async #metric(hostId: HostId, name: string): Promise<number | null | undefined> {
    for (let tries = 0; ; tries += 1) {
      await this.#world.freshRound(hostId);
      const view = this.#world.view(hostId);
      const value = view === null || view.reach.reach !== 'ok' ? null : metricOf(view, name);
      if (value !== null || tries === 2) return value;
      await pause(betweenRoundsMs);
    }
  }

  async #service({ host }: HostView, name: string): Promise<Found> {
    await this.#world.freshRound(host.id);
    const view = this.#world.view(host.id);
    const service = view?.services.find((each) => each.name === name);
    if (view === null || view.reach.reach !== 'ok') return { kind: 'unreachable', why: `${host.name} cannot be reached` };
    if (service === undefined) return { kind: 'wrong', why: `${host.name} has no service ${name}` };
    const why = service.reasons.length === 0 ? '' : `: ${service.reasons.join('; ')}`;
    return facts(
      { state: service.state, health: service.health },
      service.state === 'running' && service.health === 'ok',
      `${name} ${service.state}${why}`,
    );
  }

  async #pool(name: string, except: string | null): Promise<Found> {
    const spec = this.#world.fleet.pools.find((pool) => pool.name === name);
    const pool = spec === undefined ? null : await this.#world.freshPool(name);
    if (spec === undefined || pool === null) return { kind: 'wrong', why: `the fleet file has no pool ${name}` };
    if (pool.error !== null) return { kind: 'unreachable', why: pool.error };
    const { staleMs } = this.#world.fleet.poll;
    await Promise.all(pool.members.map((member) => this.#world.freshRound(member.hostId)));
    const all = standings(spec, pool, this.#world.views(), staleMs, this.#world.clock.wallMs());
    const counted = all.filter((each) => each.name !== except);
    const healthy = counted.filter((each) => each.why === null).length;
    const state = Object.fromEntries(
      all.map((each) => [each.name, each.why === null ? 'healthy' : each.member.state === 'in' ? 'unhealthy' : each.member.state]),
    );
    const members = counted.map((each) => `${each.name}: ${each.why ?? 'healthy'}`);
    const not = counted.flatMap((each) => (each.why === null ? [] : [`${each.name} (${each.why})`]));
    // The last line is the one that a record shows.
    const text = [...members, `${healthy} of ${counted.length} healthy${not.length === 0 ? '' : `, not ${not.join(', ')}`}`].join('\n');
    return facts({ healthy, total: counted.length, node_state: state }, healthy === counted.length, text);
  }

  async #dns(probe: Extract<AskedProbe, { kind: 'dns' }>, deadlineMs: number): Promise<Found> {
    if (probe.host !== null) {
      // What begins with a dash would be an option of getent.
      if (!/^[\w.:]/.test(probe.name)) return { kind: 'wrong', why: `${JSON.stringify(probe.name)} is no name of a host` };
      const command = shellCommand(['getent', 'ahosts', probe.name]);
      return this.#onHost(probe.host, async (view) => {
        await this.#reach(view, deadlineMs);
        return foundCommand(await this.#looks.command(view.host.id, command, deadlineMs));
      });
    }
    const answers = await deadlined(Promise.allSettled([resolve4(probe.name), resolve6(probe.name)]), deadlineMs);
    if (answers === null) return { kind: 'timeout', why: `no answer for ${probe.name} in time` };
    const addresses = answers
      .flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
      .map((address) => sanitizeLine(address, 60));
    return facts(
      { addresses, failed: addresses.length === 0 },
      addresses.length > 0,
      addresses.join('\n') || `${probe.name} has no address`,
    );
  }

  async #onHost(name: string, ask: (view: HostView) => Promise<Found>): Promise<Found> {
    const view = this.hostNamed(name);
    if (view === null) return { kind: 'wrong', why: `there is no host ${JSON.stringify(name)} in this fleet` };
    // Nobody else may be trying to reach it: a host that was booted is waited for by looking at it.
    if (view.reach.reach !== 'ok') await this.#world.freshRound(view.host.id);
    return ask(view);
  }

  async #where(name: string | null, deadlineMs: number, ask: (hostId: string | null) => Promise<Found>): Promise<Found> {
    if (name === null) return ask(null);
    return this.#onHost(name, async (view) => {
      await this.#reach(view, deadlineMs);
      return ask(view.host.id);
    });
  }

  /** A host that was lost may be back, and where nothing polls (a run without a screen) nobody else would find out. */
  async #reach({ host, reach }: HostView, deadlineMs: number): Promise<void> {
    const now = this.#world.clock.monoMs();
    if (reach.reach === 'ok' || now - (this.#tried.get(host.id) ?? Number.NEGATIVE_INFINITY) < triedAgainMs) return;
    await deadlined(this.#world.freshRound(host.id), deadlineMs);
    this.#tried.set(host.id, this.#world.clock.monoMs());
  }
}

function facts(values: Readonly<Record<string, JsonValue>>, holds: boolean, text: string): Found {
  return { kind: 'facts', facts: values, holds, text };
}

/** A web server or a port that does not answer is a finding, not the loss of its host. */
function failing(look: Exclude<Look<unknown>, { kind: 'answer' }>, values: Readonly<Record<string, JsonValue>>): Found {
  if (look.kind === 'unreachable') return { kind: 'unreachable', why: look.why };
  return { kind: 'facts', facts: { ...values, failed: true }, holds: false, text: look.why };
}

function foundCommand(look: Awaited<ReturnType<Looks['command']>>): Found {
  if (look.kind === 'refused') return { kind: 'wrong', why: look.why };
  if (look.kind !== 'answer') return { kind: look.kind, why: look.why };
  const { stdout, stderr, exit } = look.value;
  const values = commandFacts(stdout, stderr, exit);
  return facts(values, exit === 0, [stdout, stderr].filter((part) => part !== '').join('\n') || `exit ${exit ?? '?'}`);
}

/** `out err exit failed` of a command; the last newline of its output is not part of what it says. */
export function commandFacts(stdout: string, stderr: string, exit: number | null): Record<string, JsonValue> {
  return { out: stdout.replace(/\n$/, ''), err: stderr.replace(/\n$/, ''), exit: exit ?? -1, failed: exit !== 0 };
}
