import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import type { Host } from '../../src/fleet/host.ts';
import { takesAndSaysNothing } from '../commands/silent-servers.ts';
import { type DemoWorld, startWorld, type WorldOptions } from './demo-world.ts';

const quick = { everyMs: 300, deadlineMs: 3000, staleMs: 15_000 };
const patient = { timeout: 15_000, interval: 20 };

let world: DemoWorld | null = null;
const cleanUp: (() => void)[] = [];

afterEach(async () => {
  await world?.stop();
  world = null;
  for (const clean of cleanUp.splice(0)) clean();
});

async function start(options: WorldOptions = {}): Promise<DemoWorld> {
  world = await startWorld({ poll: quick, ...options });
  return world;
}

test('a host that takes the connection and says nothing delays no other', async () => {
  const hung = await takesAndSaysNothing('127.0.0.1');
  cleanUp.push(() => hung.stop());
  const host: Host = {
    id: 'static/hung',
    name: 'hung',
    role: 'web',
    env: 'prod',
    zone: null,
    address: hung.address,
    ssh: { user: null, port: hung.port },
    labels: {},
    provider: 'static',
    source: 'static',
    cloudState: null,
  };
  const { live, samplesOf, view } = await start({ more: [host] });
  live.start();
  await vi.waitFor(() => {
    for (const name of ['web1', 'web2', 'nfs1', 'lb1']) expect(samplesOf(name).length).toBeGreaterThan(5);
  }, patient);
  // Its ten seconds for a greeting are not over: it is still being waited for.
  expect(view('hung')).toMatchObject({ reach: { reach: 'connecting' }, sample: null, verdict: { health: 'unknown' } });
});

test('rates exist from the second sample on, and never before', async () => {
  const { live, samplesOf } = await start();
  live.start();
  await vi.waitFor(() => expect(samplesOf('web1').length).toBeGreaterThan(2), patient);
  const [first, second] = samplesOf('web1');
  expect(first).toMatchObject({ cpu: { usedPct: null, load1: expect.any(Number) }, memory: { usedPct: expect.any(Number) } });
  expect(first?.nfsMounts).toMatchObject([{ iops: null, rttMs: null }]);
  expect(second).toMatchObject({ cpu: { usedPct: expect.any(Number) }, io: { iops: expect.any(Number) } });
  expect(second?.nfsMounts).toMatchObject([{ iops: expect.any(Number), state: 'ok' }]);
});

test('asked once, every host has rates, checks and nothing that polls on', async () => {
  const { live, store, samples } = await start({ continuous: false });
  await live.pollOnce(400);
  const { hosts } = store.getState();
  expect(hosts).toHaveLength(4);
  for (const view of hosts) expect(view.sample?.cpu?.usedPct, view.host.name).toEqual(expect.any(Number));
  expect(hosts.find((view) => view.host.name === 'web1')?.checks.map((check) => [check.name, check.ok])).toEqual(
    expect.arrayContaining([
      ['load', true],
      ['static', true],
      ['version', true],
    ]),
  );
  const asked = samples.length;
  expect(asked).toBe(8);
  await sleep(1500);
  expect(samples).toHaveLength(asked);
});

test('a host that vanishes from the inventory stays in sight as gone, is asked no more, and comes back', async () => {
  const { live, store, samplesOf, view, list } = await start();
  live.start();
  await vi.waitFor(() => expect(samplesOf('web2').length).toBeGreaterThan(1), patient);
  await list((host) => host.name !== 'web2');
  expect(view('web2').goneSince).not.toBeNull();
  const heard = samplesOf('web2').length;
  const others = samplesOf('web1').length;
  await vi.waitFor(() => expect(samplesOf('web1').length).toBeGreaterThan(others + 3), patient);
  expect(samplesOf('web2')).toHaveLength(heard);
  await vi.waitFor(() => {
    const shown = store.getState().hosts.find((each) => each.host.name === 'web2');
    expect(shown?.goneSince).toEqual(expect.any(Number));
    expect(shown?.sample).not.toBeNull();
  }, patient);
  await list(() => true);
  expect(view('web2').goneSince).toBeNull();
  await vi.waitFor(() => expect(samplesOf('web2').length).toBeGreaterThan(heard + 1), patient);
});

test('a lost host is unknown at once with its last sample kept, and well again when it is back', async () => {
  const { demo, live, samplesOf, view } = await start();
  live.start();
  await vi.waitFor(() => expect(samplesOf('web2').length).toBeGreaterThan(1), patient);
  demo.setScenario('host-down');
  await vi.waitFor(() => expect(view('web2').reach.reach).toBe('refused'), patient);
  const lost = view('web2');
  expect(lost.verdict).toMatchObject({ health: 'unknown', reasons: [{ text: expect.stringContaining('last seen') }] });
  expect(lost.sample?.at).toBe(samplesOf('web2').at(-1)?.at);
  expect(lost.services.map((service) => service.health)).toEqual(['unknown', 'unknown', 'unknown', 'unknown']);
  expect(view('web1').verdict.health).toBe('ok');
  demo.setScenario(null);
  await vi.waitFor(() => expect(view('web2').verdict.health).toBe('ok'), patient);
});

test('a sample older than the fleet file allows is not believed, even while nothing has failed', async () => {
  const { live, store, samplesOf, view, time } = await start({ poll: { ...quick, everyMs: 60_000, staleMs: 90_000 } });
  live.start();
  await vi.waitFor(() => expect(samplesOf('lb1').length).toBeGreaterThan(1), patient);
  expect(view('lb1').verdict.health).toBe('ok');
  time.ahead = 91_000;
  await vi.waitFor(() => {
    const shown = store.getState().hosts.find((each) => each.host.name === 'lb1');
    expect(shown?.verdict).toMatchObject({ health: 'unknown', reasons: [{ name: 'host-stale' }] });
    expect(shown?.reach.reach).toBe('ok');
  }, patient);
});

test('the store is published at most four times a second, however many hosts answer', async () => {
  const { live, store, samples } = await start({ hosts: 30 });
  const times: number[] = [];
  store.subscribe(() => times.push(performance.now()));
  live.start();
  await vi.waitFor(() => expect(samples.length).toBeGreaterThan(200), patient);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  expect(gaps.length).toBeGreaterThan(4);
  // A timer of Node may fire a millisecond early.
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(248);
});

test('an alert is raised with its cause in words and cleared when the service is back', async () => {
  const { demo, live, store, samplesOf } = await start();
  live.start();
  await vi.waitFor(() => expect(samplesOf('web2').length).toBeGreaterThan(1), patient);
  expect(store.getState().alerts).toEqual([]);
  demo.setScenario('pencils-down');
  await vi.waitFor(
    () =>
      expect(store.getState().alerts).toContainEqual(expect.objectContaining({ name: 'pencils-down', hostName: 'web2', severity: 'crit' })),
    patient,
  );
  demo.setScenario(null);
  await vi.waitFor(() => expect(store.getState().alerts.filter((alert) => alert.name === 'pencils-down')).toEqual([]), patient);
});
