import { afterEach, expect, test, vi } from 'vitest';
import { statusJson } from '../../src/commands/status-json.ts';
import { statusText } from '../../src/commands/status-text.ts';
import type { Host } from '../../src/fleet/host.ts';
import { worstExit } from '../../src/health/summary.ts';
import { type DemoWorld, startWorld } from './demo-world.ts';

let world: DemoWorld | null = null;
afterEach(async () => {
  await world?.stop();
  world = null;
});

/** A port of this machine where nothing listens. */
const closedPort = 9;

function machine(name: string, cloudState: Host['cloudState']): Host {
  return {
    id: `azure:codalab/codalab/${name}`,
    name,
    role: 'web',
    env: 'prod',
    zone: 'westus2',
    address: '127.0.0.1',
    ssh: { user: null, port: closedPort },
    labels: {},
    provider: 'azure',
    source: 'azure:codalab',
    cloudState,
  };
}

test('a stopped machine is shown as stopped everywhere and is never an alert; a running one that refuses SSH is one that names both', async () => {
  world = await startWorld({
    poll: { everyMs: 300, deadlineMs: 3000, staleMs: 15_000 },
    more: [machine('off', 'stopped'), machine('shut', 'running')],
  });
  const { live, store } = world;
  live.start();
  await vi.waitFor(() => expect(store.getState().alerts.map((alert) => alert.name)).toContain('host-refused'), {
    timeout: 15_000,
    interval: 50,
  });
  const state = store.getState();

  expect(world.view('off')).toMatchObject({ verdict: { health: 'stopped', reasons: [] }, reach: { reach: 'unknown' } });
  expect(world.view('off').services.every(({ health }) => health === 'stopped')).toBe(true);
  expect(state.alerts.filter((alert) => alert.hostName === 'off')).toEqual([]);
  expect(statusJson(state, null, state.at)).toMatchObject({
    hosts: expect.arrayContaining([expect.objectContaining({ name: 'off', health: 'stopped', reasons: [] })]),
  });
  expect(statusText(state, state.at, false)).toMatch(/^◌ {2}off .* stopped /m);
  expect(worstExit([world.view('off').verdict.health])).toBe(0);

  const shut = state.alerts.filter((alert) => alert.hostName === 'shut');
  expect(shut.map((alert) => alert.what)).toEqual([expect.stringMatching(/^shut refuses connections.*\(Azure says RUNNING\)$/)]);
});
