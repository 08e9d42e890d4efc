import { randomBytes } from 'node:crypto';
import { environmentOf, servicesOn, sshOf, type Fleet, type ServiceSpec } from '../fleet/definition.ts';
import { formatDuration } from '../fleet/duration.ts';
import type { HostView, ServiceView } from '../fleet/view.ts';
import { sudoPrefix } from '../remote/deadline.ts';
import { shellCommand } from '../remote/quote.ts';
import type { ActionRequest, Plan, PlannedCommand, PlannedProof, PlanResult, Refusal } from './plan.ts';
import { restartCommand } from './restart-command.ts';

/** A plan older than this is made anew. */
export const planLifeMs = 60_000;

/** Deadlines on the host, ms: systemd's own stop time-out is 90 s, so a slow but honest stop is not cut off. */
const restartDeadlineMs = 120_000;
const precheckDeadlineMs = 20_000;

/** Plans a restart from what is known now; refuses with the guard's name and the remedy. */
export function planRestart(fleet: Fleet, view: HostView | null, request: ActionRequest, nowMs: number): PlanResult {
  if (view === null) return refuse('unknown-target', `no host ${request.hostId} in this fleet`);
  const { host } = view;
  const spec = servicesOn(fleet, host.role).find((service) => service.name === request.service);
  if (spec === undefined) return refuse('unknown-target', unknownService(fleet, view, request.service));
  if (spec.stateful) {
    return refuse(
      'stateful',
      `${spec.name} is stateful: a plain restart would lose its sessions; drain ${host.name} first (drain is not available yet)`,
    );
  }
  if (view.reach.reach !== 'ok') {
    return refuse(
      'unreachable',
      `${host.name} cannot be reached (${view.reach.reach}${view.reach.why === null ? '' : `: ${view.reach.why}`}); nothing can be restarted there`,
    );
  }
  const sudo = sshOf(fleet, host.role).sudo;
  const command = restartCommand(spec, sudo);
  const bare = restartCommand(spec, { kind: 'no' });
  // The file gives the precheck as a shell command line; it runs under the same privilege, as `nginx -t` needs it.
  const precheck = spec.precheck === null ? null : [shellCommand(sudoPrefix(sudo)), spec.precheck].filter((part) => part !== '').join(' ');
  const denied = [command, ...(precheck === null ? [] : [precheck])].map((text) => deniedBy(fleet, text)).find((found) => found !== null);
  if (denied !== undefined && denied !== null)
    return refuse('never', `refused: the fleet file's never list forbids ${JSON.stringify(denied)}`);

  const service = view.services.find((candidate) => candidate.name === spec.name) ?? null;
  const place = { hostId: host.id, hostName: host.name };
  const commands: PlannedCommand[] = [
    ...(precheck === null
      ? []
      : [
          {
            ...place,
            purpose: 'precheck' as const,
            command: precheck,
            bare: spec.precheck ?? precheck,
            sudo,
            deadlineMs: precheckDeadlineMs,
          },
        ]),
    { ...place, purpose: 'change', command, bare, sudo, deadlineMs: restartDeadlineMs },
  ];
  const danger = environmentOf(fleet, host.env).danger;
  return {
    ok: true,
    plan: {
      id: planId(nowMs),
      request,
      title: `Restart ${spec.name} on ${host.name}`,
      env: host.env,
      danger,
      targets: [{ hostId: host.id, name: host.name, address: host.address }],
      commands,
      proofs: proofs(spec),
      now: [stateNow(view, spec, service)],
      expected: `${spec.name} started anew and healthy for ${formatDuration(spec.holdMs)}`,
      warnings: warnings(fleet, view, service),
      undo: 'cannot be undone: a restart has no inverse',
      confirmation: danger ? { kind: 'word', word: host.name, what: 'host name' } : { kind: 'key', word: 'y' },
      instanceBefore: service?.instance ?? null,
      madeAt: nowMs,
      expiresAt: nowMs + planLifeMs,
    },
  };
}

/** The never-list entry that `command` contains, blanks folded; `null` when none. */
export function deniedBy(fleet: Fleet, command: string): string | null {
  const folded = fold(command);
  return fleet.never.find((entry) => folded.includes(fold(entry))) ?? null;
}

/** What is known of a plan's target that must still hold when it is executed. */
export function changedSince(plan: Plan, fresh: HostView): string | null {
  const service = fresh.services.find((candidate) => candidate.name === plan.request.service);
  const instance = service?.instance ?? null;
  if (plan.instanceBefore !== null && instance !== null && instance !== plan.instanceBefore) {
    return `${plan.request.service} on ${fresh.host.name} was restarted by someone else since this plan was made`;
  }
  return null;
}

function fold(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function refuse(guard: Refusal['guard'], message: string): PlanResult {
  return { ok: false, refusal: { guard, message } };
}

function unknownService(fleet: Fleet, view: HostView, name: string): string {
  const there = servicesOn(fleet, view.host.role).map((service) => service.name);
  const known = there.length === 0 ? 'the fleet file names no service for its role' : `it has ${there.join(', ')}`;
  return `${view.host.name} has no service ${JSON.stringify(name)}: ${known}`;
}

function proofs(spec: ServiceSpec): PlannedProof[] {
  const list: PlannedProof[] = [
    { kind: 'unit', text: `${spec.manager} says ${spec.unit} runs` },
    { kind: 'instance', text: 'started anew: another start time, process or listening socket than now' },
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
      list.push(`${view.host.name} is ${state} in pool ${pool.name}: requests fail while the service is down`);
    if (state === 'unknown') list.push(`${view.host.name} belongs to pool ${pool.name}; whether it takes traffic now is not known`);
  }
  if (service !== null && service.health === 'ok') list.push(`${service.name} is healthy now`);
  return list;
}

function planId(nowMs: number): string {
  return `restart-${new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`;
}
