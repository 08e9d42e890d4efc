import { formatClock } from '../fleet/duration.ts';
import type { Reason } from '../fleet/health.ts';
import type { Host } from '../fleet/host.ts';
import type { Reach } from '../fleet/reach.ts';
import { hostPrefix, isHostSilence } from './evidence.ts';
import { neverAlerts } from './judge-input.ts';

/** Alert name of a host that answers although its cloud says that it is stopped. */
export const cloudStale = 'cloud-stale';

/** Whether the cloud says that the machine is down or going down: its silence is then no fault. */
export function isStopped(host: Pick<Host, 'cloudState'>): boolean {
  return host.cloudState === 'stopped' || host.cloudState === 'stopping';
}

const clouds: Partial<Record<Host['provider'], string>> = { gce: 'Google Compute Engine', azure: 'Azure' };

function cloudOf(host: Host): string {
  return clouds[host.provider] ?? 'its cloud';
}

/** Ways not to hear a host that its cloud's word speaks against; a refused login or an untrusted key is an answer of a running machine. */
const doubtful = new Set<string>((['refused', 'timeout', 'unreachable', 'no-shell'] satisfies Reach[]).map((reach) => hostPrefix + reach));

/** A host's silence beside what its cloud says of it: running all the same is a finding, not yet made is no fault. */
export function withCloudState(silence: Reason, host: Host): Reason {
  if (!isHostSilence(silence.name, silence.subject) || silence.forMs === neverAlerts) return silence;
  if (host.cloudState === 'provisioning') {
    return { ...silence, text: `${cloudOf(host)} is still starting it: ${silence.text}`, forMs: neverAlerts };
  }
  const heardNothing = doubtful.has(silence.name) || silence.name === `${hostPrefix}stale`;
  if (host.cloudState !== 'running' || !heardNothing) return silence;
  return { ...silence, text: `${silence.text} (${cloudOf(host)} says RUNNING)` };
}

/**
 * A host that answers although its cloud says that it is stopped: the listing is out of date, or the name or address belongs to another machine.
 * Only answers newer than one listing can tell, so it must hold for as long as an answer counts as fresh.
 */
export function judgeStoppedButHeard(host: Host, sampleAt: number, staleMs: number): readonly Reason[] {
  if (host.cloudState !== 'stopped') return [];
  const text = `${cloudOf(host)} says STOPPED, but SSH answers (${formatClock(sampleAt)}): the inventory is out of date, or this is another machine`;
  return [{ name: cloudStale, health: 'warn', subject: { kind: 'host' }, text, forMs: staleMs }];
}
