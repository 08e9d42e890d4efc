import { expect, onTestFinished, test } from 'vitest';
import type { Alert } from '../../src/fleet/alert.ts';
import { createFleetStore, type FleetStore } from '../../src/live/store.ts';
import type { Attention } from '../../src/notify/attention.ts';
import { watchAttention } from '../../views/attention-watch.ts';
import { hostView, start } from './fixture.ts';

function watched(): { store: FleetStore; calls: Attention[]; at(ms: number, alerts: readonly Alert[]): void } {
  const store = createFleetStore({ fleetName: 'x', title: 'X', demo: false, at: start });
  const calls: Attention[] = [];
  onTestFinished(watchAttention(store, (what) => calls.push(what)));
  return { store, calls, at: (ms, alerts) => store.setState({ at: start + ms, alerts }) };
}

function alert(name: string, more: Partial<Alert> = {}): Alert {
  return {
    id: `${name}@web1`,
    name,
    labels: {},
    severity: 'crit',
    host: 'web1',
    hostName: 'web1',
    what: 'x\u001b[2J',
    since: start,
    cause: null,
    suppressedBy: null,
    ackedBy: null,
    playbooks: [],
    ...more,
  };
}

test('a new critical root cause calls once, however often it is published and however it flaps', () => {
  const { calls, at } = watched();
  at(0, [
    alert('a'),
    alert('b'),
    alert('w', { severity: 'warn' }),
    alert('c', { cause: 'a@web1' }),
    alert('m', { suppressedBy: 'maintenance' }),
  ]);
  expect(calls).toEqual([{ kind: 'alerts', crit: 2, warn: 0 }]);
  at(1000, [alert('a')]);
  at(60_000, []);
  at(61_000, [alert('a')]);
  expect(calls).toHaveLength(1);
  at(62_000, [alert('a'), alert('w')]);
  expect(calls).toHaveLength(2);
});

test('one that is gone for long and comes back calls again, one that stays does not', () => {
  const { calls, at } = watched();
  at(0, [alert('a'), alert('b')]);
  for (let minute = 1; minute < 30; minute += 1) at(minute * 60_000, [alert('b')]);
  expect(calls).toHaveLength(1);
  at(30 * 60_000, [alert('a'), alert('b')]);
  expect(calls.at(-1)).toEqual({ kind: 'alerts', crit: 1, warn: 0 });
});

test('a debt whose time has come calls with the number of them', () => {
  const { calls, at } = watched();
  const debt = (id: string): Alert => alert('owed-back', { id, severity: 'warn', labels: { debt: 'pool' } });
  at(0, [debt('1')]);
  at(1000, [debt('1'), debt('2')]);
  expect(calls).toEqual([
    { kind: 'debt', count: 1 },
    { kind: 'debt', count: 2 },
  ]);
});

test('a host that gives no shell calls after a minute, and again when somebody else is to be called', () => {
  const { calls, store } = watched();
  const view = hostView({ name: 'web1', role: 'web', reach: 'no-shell' }, start, 1);
  const { since } = view.reach;
  for (const seconds of [1, 30, 61, 300, 899, 901, 1200]) store.setState({ at: since + seconds * 1000, hosts: [view] });
  expect(calls).toEqual([
    { kind: 'wedged', minutes: 61 / 60 },
    { kind: 'wedged', minutes: 901 / 60 },
  ]);
});
