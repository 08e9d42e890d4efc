import { pause } from '../../actions/pause.ts';
import type { HostView } from '../../fleet/view.ts';
import type { AlertPart, PartAsk } from '../../health/alert-parts.ts';
import { clearAfter } from '../../health/episode.ts';
import type { World } from '../../live/world.ts';
import { deadlined } from '../deadlined.ts';
import type { AskedProbe, Found } from '../run/hands.ts';

/** Between two results of the same part, ms: long enough for a rate. */
const betweenMs = 1200;

/**
 * Whether an alert fires. An alert needs time to be raised, so none in a console that has just begun shows nothing: all that could raise it
 * is asked anew, and only as many good results in a row as end such an alert say that it does not fire. What is bad but no alert yet, and
 * what nothing shows, is unknown.
 */
export async function foundAlert(
  world: World,
  probe: Extract<AskedProbe, { kind: 'alert' }>,
  hostNamed: (name: string) => HostView | null,
  deadlineMs: number,
): Promise<Found> {
  const view = probe.host === null ? null : hostNamed(probe.host);
  if (probe.host !== null && view === null) return { kind: 'wrong', why: `there is no host ${JSON.stringify(probe.host)} in this fleet` };
  const hostId = view?.host.id ?? null;
  const parts = world.alertParts(probe.alert, hostId);
  const deadline = world.clock.monoMs() + deadlineMs;
  const good = new Map<string, { readonly at: number; readonly times: number }>();
  const firing = (): Found | null => {
    const what = firingWords(world, probe.alert, view);
    return what === null ? null : { kind: 'facts', facts: { firing: true }, holds: false, text: what };
  };
  if (parts.length === 0) return firing() ?? { kind: 'wrong', why: nothingRaises(probe) };
  for (;;) {
    const left = deadline - world.clock.monoMs();
    // One that fires is asked anew as well: only news can end it.
    const news = left > 0 && (await askedWithin(world, parts, left));
    const now = world.alertParts(probe.alert, hostId);
    const open = now.find((part) => part.state !== 'good');
    for (const part of now) count(good, part);
    const told = firing();
    if (told !== null) return told;
    if (!news) return later(`what raises ${probe.alert} did not answer in time`);
    if (open !== undefined) return later(openWords(probe.alert, open));
    if (now.every((part) => (good.get(part.key)?.times ?? 0) >= clearAfter))
      return { kind: 'facts', facts: { firing: false }, holds: true, text: `${probe.alert} is not firing` };
    await pause(Math.min(betweenMs, Math.max(0, deadline - world.clock.monoMs())));
  }
}

function firingWords(world: World, name: string, view: HostView | null): string | null {
  const firing = world
    .alerts()
    .filter((alert) => alert.name === name && (view === null || alert.host === view.host.id || alert.labels['host'] === view.host.name));
  return firing.length === 0 ? null : firing.map((alert) => alert.what).join('\n');
}

function count(good: Map<string, { readonly at: number; readonly times: number }>, { key, at }: AlertPart): void {
  const before = good.get(key);
  if (before?.at !== at) good.set(key, { at, times: (before?.times ?? 0) + 1 });
}

/** Asks each thing once, however many parts hang on it. */
async function askedWithin(world: World, parts: readonly AlertPart[], ms: number): Promise<boolean> {
  const asks = new Map(parts.flatMap(({ ask }) => (ask === null ? [] : [[JSON.stringify(ask), ask] as const])));
  const all = Promise.all([...asks.values()].map((ask) => asked(world, ask))).then(() => true);
  return (await deadlined(all, ms)) === true;
}

async function asked(world: World, ask: PartAsk): Promise<unknown> {
  switch (ask.kind) {
    case 'round':
      return world.freshRound(ask.hostId);
    case 'check':
      return world.runCheck(ask.hostId, ask.name);
    case 'backup':
      return world.freshBackup(ask.name, ask.hostId);
    case 'pool':
      return world.freshPool(ask.name);
    default:
      return ask satisfies never;
  }
}

function later(why: string): Found {
  return { kind: 'unknown', why, later: true };
}

function openWords(name: string, part: AlertPart): string {
  return part.state === 'bad' ? `no alert ${name} yet, but: ${part.why}` : `whether ${name} fires cannot be told yet: ${part.why}`;
}

function nothingRaises({ alert, host }: Extract<AskedProbe, { kind: 'alert' }>): string {
  if (host === null) return `nothing of this fleet raises an alert ${alert}`;
  return `nothing of ${host} raises an alert ${alert}: take host away where it is of the whole fleet or of a check from here`;
}
