import { expect, test } from 'vitest';
import type { Host } from '../../src/fleet/host.ts';
import type { HostView } from '../../src/fleet/view.ts';
import { servicesCell } from '../../views/screens/services-cell.ts';
import { hostView, start } from './fixture.ts';

function away(cloudState: Host['cloudState'], health: 'stopped' | 'unknown', reach: 'unknown' | 'refused'): string {
  const view = hostView({ name: 'web1', role: 'web', health, reach, services: [['nginx', 'ok']] }, start, 1);
  const shown: HostView = { ...view, host: { ...view.host, cloudState } };
  return servicesCell(shown, true, start, 60)
    .map(({ text }) => text)
    .join('');
}

test('a stopped machine is said to be stopped, whether it was ever asked or not', () => {
  expect(away('stopped', 'stopped', 'unknown')).toBe('stopped, as its cloud says');
  expect(away('stopping', 'stopped', 'refused')).toBe('stopping, as its cloud says');
});

test('a machine that refuses SSH while its cloud runs it shows both', () => {
  expect(away('running', 'unknown', 'refused')).toMatch(/^refused \S+ \(cloud: running\)/);
});
