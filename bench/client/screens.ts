import { setTimeout as sleep } from 'node:timers/promises';
import type { FleetState, HostView } from '../../src/fleet/view.ts';
import { manyHosts, testConsole } from '../../test/views/fixture.ts';
import { runConsole } from '../../views/terminal/run-console.tsx';
import { fakeTty } from './fake-tty.ts';

// The real console on a terminal that swallows everything, over a fleet that is made up; answers the parent once and ends.

export interface ScreenRequest {
  readonly hosts: number;
  readonly frames: number;
  readonly keys: number;
}

export interface FrameCost {
  /** Share of the hosts that change from one frame to the next. */
  readonly share: number;
  /** User and system time of the whole process a frame, ms. */
  readonly cpuMs: readonly number[];
  /** From the publication to the write, ms. */
  readonly wallMs: readonly number[];
  readonly bytes: readonly number[];
}

export interface ScreenAnswer {
  readonly frames: readonly FrameCost[];
  /** From a key to the write of its frame, ms, while the store publishes 4 times a second. */
  readonly keyMs: readonly number[];
}

const shares = [0.01, 0.1, 1] as const;
/** Longer than Ink waits between two frames (30 a second). */
const betweenFramesMs = 45;
const publishEveryMs = 250;

/** The same host with other figures; as much changes as with a new sample. */
function changed(view: HostView, at: number): HostView {
  const { sample } = view;
  if (sample === null || sample.cpu === null) return view;
  const usedPct = (at * 7 + (sample.cpu.usedPct ?? 0)) % 100;
  view.series.cpuPct.push(usedPct);
  return { ...view, sample: { ...sample, at, cpu: { ...sample.cpu, usedPct } } };
}

/** The next picture, in which `share` of the hosts said something new; which ones goes round. */
function next(state: FleetState, share: number, round: number): FleetState {
  const at = state.at + publishEveryMs;
  const count = Math.max(1, Math.round(state.hosts.length * share));
  const first = (round * count) % state.hosts.length;
  const hosts = state.hosts.map((view, index) =>
    (index - first + state.hosts.length) % state.hosts.length < count ? changed(view, at) : view,
  );
  return { ...state, at, hosts, byId: new Map(hosts.map((view) => [view.host.id, view])) };
}

async function measure({ hosts, frames, keys }: ScreenRequest): Promise<ScreenAnswer> {
  const fleet = testConsole(manyHosts(hosts));
  const tty = fakeTty(120, 40);
  void runConsole(fleet, { stdin: tty.stdin, stdout: tty.stdout, color: true, ascii: false, interactive: true });
  await sleep(500);
  let round = 0;
  const publish = (share: number): void => {
    round += 1;
    fleet.wait(publishEveryMs);
    fleet.store.setState(next(fleet.store.getState(), share, round), true);
  };

  const costs: FrameCost[] = [];
  for (const share of shares) {
    const cost = { share, cpuMs: [] as number[], wallMs: [] as number[], bytes: [] as number[] };
    // As many again first, so that the code is compiled as in a console that has run for a minute.
    for (let frame = -frames; frame < frames; frame += 1) {
      await sleep(betweenFramesMs);
      tty.takeBytes();
      const cpu = process.cpuUsage();
      const began = performance.now();
      const written = tty.nextWrite();
      publish(share);
      const at = await Promise.race([written, sleep(500, Number.NaN)]);
      const { user, system } = process.cpuUsage(cpu);
      if (frame < 0 || Number.isNaN(at)) continue;
      cost.cpuMs.push((user + system) / 1000);
      cost.wallMs.push(at - began);
      cost.bytes.push(tty.takeBytes());
    }
    costs.push(cost);
  }

  const keyMs: number[] = [];
  const publisher = setInterval(() => publish(0.1), publishEveryMs);
  for (let key = 0; key < keys; key += 1) {
    // Never in step with the publications.
    await sleep(60 + ((key * 37) % 61));
    const began = performance.now();
    const written = tty.nextWrite();
    fleet.wait(400);
    tty.type(key % 20 < 10 ? 'j' : 'k');
    keyMs.push((await Promise.race([written, sleep(1000, Number.NaN)])) - began);
  }
  clearInterval(publisher);
  return { frames: costs, keyMs };
}

process.on('message', (request: ScreenRequest) => {
  void measure(request).then((answer) => process.send?.(answer));
});
process.on('disconnect', () => process.exit(0));
