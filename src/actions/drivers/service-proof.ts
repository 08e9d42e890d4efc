import type { ServiceSpec } from '../../fleet/definition.ts';
import { formatDuration } from '../../fleet/duration.ts';
import type { HostId } from '../../fleet/host.ts';
import type { HostView, ServiceView } from '../../fleet/view.ts';
import type { World } from '../../live/world.ts';
import type { Proof } from '../driver.ts';
import { pause } from '../pause.ts';
import type { Progress } from '../plan.ts';

/** How long a service may take to come up, and the pause between two looks, ms. */
export const comeUpMs = 45_000;
const lookEveryMs = 500;
/** Rounds in a row that must say `failed` before it is believed while there is still time. */
const failedRounds = 3;

/** What one look found missing; empty when every proof holds. */
interface Look {
  readonly missing: readonly string[];
  readonly evidence: readonly string[];
  readonly service: ServiceView | null;
  readonly reached: boolean;
}

/**
 * Proves a restart or a start by its effect: unit, a new instance, port or socket, the named checks, all of it held for the service's hold time.
 * Never by exit status. `sentAt` is epoch ms on this console.
 */
export async function proveService(
  world: World,
  hostId: HostId,
  spec: ServiceSpec,
  before: { readonly instance: string | null; readonly sentAt: number },
  onProgress: (progress: Progress) => void,
): Promise<Proof> {
  const deadline = world.clock.monoMs() + comeUpMs + spec.holdMs;
  let heldSince: number | null = null;
  let failed = 0;
  let told = '';
  let last: Look = { missing: ['nothing was seen yet'], evidence: [], service: null, reached: false };
  while (world.clock.monoMs() < deadline) {
    last = await look(world, hostId, spec, before);
    const now = world.clock.monoMs();
    if (last.missing.length === 0) {
      heldSince ??= now;
      if (now - heldSince >= spec.holdMs) return proven(spec, last);
    } else {
      if (heldSince !== null) onProgress(step(world, `was up, then: ${last.missing.join('; ')}`, 'crit'));
      heldSince = null;
    }
    // A SysV script's service is called failed by its closed port alone, which it is while it comes up.
    failed = last.service?.state === 'failed' && spec.manager !== 'sysv' ? failed + 1 : 0;
    if (failed >= failedRounds) break;
    const text = last.missing.length === 0 ? `all proofs hold; watching for ${formatDuration(spec.holdMs)}` : last.missing.join('; ');
    if (text !== told) onProgress(step(world, text, 'running'));
    told = text;
    await pause(lookEveryMs);
  }
  return notProven(world, hostId, spec, before, last);
}

function proven(spec: ServiceSpec, look: Look): Proof {
  return { kind: 'ok', summary: `${spec.name} restarted and healthy for ${formatDuration(spec.holdMs)}`, evidence: look.evidence };
}

function notProven(world: World, hostId: HostId, spec: ServiceSpec, before: { readonly instance: string | null }, look: Look): Proof {
  const missing = look.missing.join('; ');
  if (!look.reached) {
    const view = world.view(hostId);
    return {
      kind: 'unknown',
      summary: `${view?.host.name ?? hostId} cannot be reached (${view?.reach.reach ?? 'gone'}): the effect was not seen`,
      evidence: look.evidence,
    };
  }
  if (look.service === null || look.service.state === 'unknown') {
    return { kind: 'unknown', summary: `the state of ${spec.name} could not be read: ${missing}`, evidence: look.evidence };
  }
  // It answers, but the only thing missing is a sign that it is another process.
  if (before.instance !== null && look.service.instance === null && look.missing.length === 1) {
    return { kind: 'unknown', summary: `${spec.name} runs, but nothing proves that it was started anew`, evidence: look.evidence };
  }
  return { kind: 'failed', summary: missing, evidence: look.evidence };
}

async function look(
  world: World,
  hostId: HostId,
  spec: ServiceSpec,
  before: { readonly instance: string | null; readonly sentAt: number },
): Promise<Look> {
  await world.freshRound(hostId);
  const view = world.view(hostId);
  if (view === null || view.reach.reach !== 'ok' || view.sample === null || view.sample.at < before.sentAt) {
    const why = view === null ? 'the host left the inventory' : `no fresh answer (${view.reach.reach})`;
    return { missing: [why], evidence: [], service: null, reached: false };
  }
  const service = view.services.find((candidate) => candidate.name === spec.name) ?? null;
  if (service === null) return { missing: ['the service was not reported'], evidence: [], service: null, reached: true };
  const found = judge(service, spec, before.instance);
  if (found.missing.length > 0) return { ...found, service, reached: true };
  const checks = await provingChecks(world, view, spec);
  return { missing: [...found.missing, ...checks.missing], evidence: [...found.evidence, ...checks.evidence], service, reached: true };
}

function judge(service: ServiceView, spec: ServiceSpec, instanceBefore: string | null): { missing: string[]; evidence: string[] } {
  const missing: string[] = [];
  const evidence: string[] = [];
  const words = service.sub === null ? service.state : `${service.state} (${service.sub})`;
  if (service.state === 'running') evidence.push(`unit: ${words}`);
  else
    missing.push(
      `${spec.name} is ${words}${service.result === null || service.result === 'success' ? '' : `, result ${service.result}`}${service.detail === null ? '' : `: ${service.detail}`}`,
    );
  if (instanceBefore !== null) {
    if (service.instance === null) missing.push('no sign yet of a new process');
    else if (service.instance === instanceBefore) missing.push('still the same process as before');
    else evidence.push(`started anew: ${service.instance}`);
  } else if (service.instance !== null) evidence.push(`instance: ${service.instance}`);
  if (spec.port !== null || spec.socket !== null) {
    const place = spec.port === null ? (spec.socket ?? '') : `port ${spec.port}`;
    if (service.listening === true) evidence.push(`${place}: listening`);
    else missing.push(service.listening === null ? `${place}: could not be read` : `${place} is not listened on`);
  }
  return { missing, evidence };
}

async function provingChecks(world: World, view: HostView, spec: ServiceSpec): Promise<{ missing: string[]; evidence: string[] }> {
  const missing: string[] = [];
  const evidence: string[] = [];
  for (const name of spec.verify) {
    const check = await world.runCheck(view.host.id, name);
    if (check === null) missing.push(`check ${name} does not run on ${view.host.name}`);
    else if (check.ok === true) evidence.push(`check ${name}: ${check.detail}`);
    else missing.push(`check ${name}: ${check.detail}`);
  }
  return { missing, evidence };
}

function step(world: World, text: string, health: Progress['health']): Progress {
  return { at: world.clock.wallMs(), phase: 'verify', text, health };
}
