import { servicesOn, sshOf, type Fleet, type ServiceSpec } from '../../fleet/definition.ts';
import { dependenciesOf } from '../../fleet/depends.ts';
import { formatDuration } from '../../fleet/duration.ts';
import type { HostView, ServiceView } from '../../fleet/view.ts';
import { refusal, type Driver, type DriverContext, type DraftResult, type RequestOf } from '../driver.ts';
import type { Plan, PlannedProof } from '../plan.ts';
import { poolEffect } from '../pool-effect.ts';
import { brokenFloor, healthyAndIn, poolsOfAny } from '../pool-floor.ts';
import { inCloud } from '../pools/fresh-pool.ts';
import { plannedCommand } from '../sudo-command.ts';
import { serviceCommand } from './service-command.ts';
import { comeUpMs, proveService } from './service-proof.ts';
import { emptiness } from './stateful.ts';

/** Deadlines on the host, ms: systemd's own stop time-out is 90 s, so a slow but honest stop is not cut off. */
const changeDeadlineMs = 120_000;
const precheckDeadlineMs = 20_000;

export const restart: Driver<RequestOf<'restart'>> = {
  action: 'restart',
  draft: (context, view, request) => draftService(context, view, request, 'restart'),
  longestMs: longestService,
  underWay,
  prove: (context, plan, request, sent, onProgress) => prove(context, plan, request, sent.at, onProgress),
};

/** Starts a stopped service after what it depends on: refused while a role it depends on has a service that is down. */
export const start: Driver<RequestOf<'start'>> = {
  action: 'start',
  draft: (context, view, request) => draftService(context, view, request, 'start'),
  longestMs: longestService,
  underWay,
  prove: (context, plan, request, sent, onProgress) => prove(context, plan, request, sent.at, onProgress),
};

/** A manager that was asked to restart a service does so, though whoever asked does not wait any more. */
async function underWay({ world }: DriverContext, request: RequestOf<'restart' | 'start'>): Promise<string | null> {
  await world.freshRound(request.hostId);
  const view = world.view(request.hostId);
  const service = view?.reach.reach === 'ok' ? view.services.find((each) => each.name === request.service) : undefined;
  if (service === undefined || (service.state !== 'stopping' && service.state !== 'starting')) return null;
  const sub = service.sub === null ? '' : ` (${service.sub})`;
  return `${service.name} is ${service.state} now${sub}: its manager goes on with it`;
}

/** Services of one name on several roles: the one that may take longest. */
function longestService(fleet: Fleet, request: RequestOf<'restart' | 'start'>): number | null {
  const specs = fleet.services.filter((service) => service.name === request.service);
  const each = specs.map((spec) => (spec.precheck === null ? 0 : precheckDeadlineMs) + changeDeadlineMs + comeUpMs + spec.holdMs);
  return each.length === 0 ? null : Math.max(...each);
}

async function draftService(
  context: DriverContext,
  asked: HostView,
  request: RequestOf<'restart' | 'start'>,
  verb: 'restart' | 'start',
): Promise<DraftResult> {
  const view = await withPoolsRead(context, asked);
  const { fleet } = context;
  const { host } = view;
  const spec = servicesOn(fleet, host.role).find((service) => service.name === request.service);
  if (spec === undefined) return refusal('unknown-target', unknownService(fleet, view, request.service));
  const lost = verb === 'restart' && spec.stateful ? await emptiness(context, view, spec) : null;
  if (lost?.kind === 'held') return refusal('stateful', `a plain restart would lose its sessions: ${lost.why}`);
  const service = view.services.find((candidate) => candidate.name === spec.name) ?? null;
  if (verb === 'start') {
    const blocked = whyNotStart(context, view, service);
    if (blocked !== null) return blocked;
  }
  const floor = verb === 'restart' ? lastOfPool(context, view) : null;
  const sudo = sshOf(fleet, host.role).sudo;
  const bare = serviceCommand(verb, spec, { kind: 'no' });
  const word = verb === 'restart' ? 'Restart' : 'Start';
  return {
    ok: true,
    draft: {
      title: `${word} ${spec.name} on ${host.name}`,
      subject: `${host.name}/${spec.name}`,
      risk: 'change',
      commands: [
        ...(spec.precheck === null ? [] : [plannedCommand(view, 'precheck', spec.precheck, sudo, precheckDeadlineMs)]),
        { ...plannedCommand(view, 'change', bare, sudo, changeDeadlineMs), command: serviceCommand(verb, spec, sudo) },
      ],
      proofs: proofs(spec, service?.instance ?? null),
      now: [stateNow(view, spec, service), ...(verb === 'restart' ? poolEffect(fleet, context.world.views(), view) : [])],
      expected: `${spec.name} started anew and healthy for ${formatDuration(spec.holdMs)}`,
      warnings: [...warnings(fleet, view, service), ...(lost?.warnings ?? [])],
      undo:
        verb === 'restart'
          ? 'cannot be undone: a restart has no inverse'
          : 'cannot be undone here: stopping a service is not in the catalogue',
      undoRequest: null,
      before: { instance: service?.instance ?? null },
      ...(floor === null ? {} : { reasonNeeded: `${floor}: say why it is restarted all the same` }),
    },
  };
}

/** The host with its pools as they are now: what was read a moment ago will do, so that a restart waits for no cloud. */
async function withPoolsRead({ world, fleet }: DriverContext, view: HostView): Promise<HostView> {
  const { id } = view.host;
  const old = poolsOfAny(fleet, world.views(), [id]).filter((pool) => {
    const readAt = world.pool(pool.name)?.readAt ?? null;
    return readAt === null || (!inCloud(pool) && world.clock.wallMs() - readAt > fleet.poll.staleMs);
  });
  await Promise.all(old.map(({ name }) => world.freshPool(name)));
  return world.view(id) ?? view;
}

/** Why a pool would be left with too few while a member that serves is restarted; one that does not serve takes nothing with it. */
function lastOfPool({ world, fleet }: DriverContext, view: HostView): string | null {
  const serves = poolsOfAny(fleet, world.views(), [view.host.id]).some((pool) => healthyAndIn(view, pool.name));
  return serves ? brokenFloor(fleet, world.views(), [view.host.id]) : null;
}

function prove(
  context: DriverContext,
  plan: Plan,
  request: RequestOf<'restart' | 'start'>,
  sentAt: number,
  onProgress: Parameters<typeof proveService>[4],
): ReturnType<typeof proveService> {
  const view = context.world.view(request.hostId);
  const spec = servicesOn(context.fleet, view?.host.role ?? null).find((service) => service.name === request.service);
  if (spec === undefined)
    return Promise.resolve({ kind: 'unknown', summary: `the fleet file no longer has ${plan.subject}`, evidence: [] });
  const { instance } = plan.before;
  return proveService(
    context.world,
    request.hostId,
    spec,
    { instance: typeof instance === 'string' ? instance : null, sentAt },
    onProgress,
  );
}

function whyNotStart(context: DriverContext, view: HostView, service: ServiceView | null): DraftResult | null {
  if (service?.state === 'running' && service.health === 'ok')
    return refusal('already', `${service.name} already runs on ${view.host.name}`);
  const needed = view.host.role === null ? [] : dependenciesOf(context.fleet, view.host.role);
  const down = context.world
    .views()
    .filter(
      (other) =>
        other.goneSince === null && other.host.env === view.host.env && other.host.role !== null && needed.includes(other.host.role),
    )
    .flatMap((other) =>
      other.services.filter((each) => each.health === 'crit' || each.state === 'stopped').map((each) => `${other.host.name}/${each.name}`),
    );
  if (down.length === 0) return null;
  return refusal('floor', `${view.host.name} depends on what is down: start ${down.join(', ')} first`);
}

function unknownService(fleet: Fleet, view: HostView, name: string): string {
  const there = servicesOn(fleet, view.host.role).map((service) => service.name);
  const known = there.length === 0 ? 'the fleet file names no service for its role' : `it has ${there.join(', ')}`;
  return `${view.host.name} has no service ${JSON.stringify(name)}: ${known}`;
}

function proofs(spec: ServiceSpec, instance: string | null): PlannedProof[] {
  const list: PlannedProof[] = [
    { kind: 'unit', text: `${spec.manager} says ${spec.unit} runs` },
    {
      kind: 'instance',
      text: instance === null ? 'a process of its own' : 'started anew: another start time, process or listening socket than now',
    },
  ];
  if (spec.port !== null) list.push({ kind: 'port', text: `port ${spec.port} is listened on` });
  if (spec.socket !== null) list.push({ kind: 'socket', text: `${spec.socket} is listened on` });
  for (const check of spec.verify) list.push({ kind: 'check', text: `check ${check} is ok` });
  return list;
}

function stateNow(view: HostView, spec: ServiceSpec, service: ServiceView | null): Plan['now'][number] {
  if (service === null) return { text: `${view.host.name}/${spec.name}: not measured yet`, health: 'unknown' };
  const since = service.sinceMs === null ? '' : ` for ${formatDuration(service.sinceMs)}`;
  const pid = service.pid === null ? '' : `, pid ${service.pid}`;
  const why = service.reasons.length === 0 ? '' : `: ${service.reasons.join('; ')}`;
  return { text: `${view.host.name}/${spec.name}: ${service.state}${since}${pid}${why}`, health: service.health };
}

function warnings(fleet: Fleet, view: HostView, service: ServiceView | null): string[] {
  const list: string[] = [];
  for (const pool of fleet.pools.filter((candidate) => view.host.role !== null && candidate.memberRoles.includes(view.host.role))) {
    const state = view.pools.find((candidate) => candidate.name === pool.name)?.state ?? 'unknown';
    if (state === 'in' || state === 'draining')
      list.push(`${view.host.name} is ${state === 'in' ? 'in' : 'draining in'} pool ${pool.name}: requests fail while the service is down`);
    if (state === 'unknown') list.push(`${view.host.name} belongs to pool ${pool.name}; whether it takes traffic now is not known`);
  }
  if (service !== null && service.health === 'ok') list.push(`${service.name} is healthy now`);
  return list;
}
