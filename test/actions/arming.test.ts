import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Arming, armedForMs, idleMs } from '../../src/actions/arming.ts';
import { loadFleet } from '../../src/config/load-fleet.ts';

const loaded = await loadFleet(join(import.meta.dirname, '../../config/demo.yaml'));
if (!loaded.ok) throw new Error('the demo’s fleet file has faults');
const { fleet } = loaded;

function armingAt(readOnly = false): { arming: Arming; pass(ms: number): void } {
  let now = 1_000_000;
  return {
    arming: new Arming(fleet, readOnly, () => now),
    pass: (ms) => {
      now += ms;
    },
  };
}

test('an environment is dangerous, and locked, until the file says otherwise', () => {
  const { arming } = armingAt();
  expect(arming.state('prod')).toEqual({ state: 'locked' });
  expect(arming.state('an environment nobody named')).toEqual({ state: 'locked' });
  expect(arming.refuse('prod')?.guard).toBe('not-armed');
});

test('armed, a person who goes on working has five minutes and no more', () => {
  const { arming, pass } = armingAt();
  expect(arming.arm('prod')).toBeNull();
  expect(arming.refuse('prod')).toBeNull();
  for (let spent = 0; spent < armedForMs - 1000; spent += 1000) {
    pass(1000);
    arming.touch();
    expect(arming.state('prod').state).toBe('armed');
  }
  pass(1000);
  expect(arming.state('prod')).toEqual({ state: 'locked' });
});

test('without a key it locks after two minutes, and a key pressed later does not open it again', () => {
  const { arming, pass } = armingAt();
  arming.arm('prod');
  pass(idleMs);
  arming.touch();
  expect(arming.state('prod')).toEqual({ state: 'locked' });
  pass(1);
  arming.touch();
  expect(arming.state('prod')).toEqual({ state: 'locked' });
});

test('what was confirmed as one call is armed as long as the call lasts, and never under --read-only', () => {
  const { arming, pass } = armingAt();
  arming.arm('prod', true);
  pass(60 * armedForMs);
  expect([arming.state('prod').state, arming.refuse('prod')]).toEqual(['open', null]);
  expect(arming.refuse('default')?.guard).toBe('not-armed');
  arming.disarm('prod');
  expect(arming.state('prod')).toEqual({ state: 'locked' });
  expect(armingAt(true).arming.arm('prod', true)?.guard).toBe('read-only');
});

test('the countdown is of the five minutes, and of idleness once that is about to end it', () => {
  const { arming, pass } = armingAt();
  arming.arm('prod');
  expect(arming.state('prod')).toEqual({ state: 'armed', until: 1_000_000 + armedForMs });
  pass(idleMs - 30_000);
  expect(arming.state('prod')).toEqual({ state: 'armed', until: 1_000_000 + idleMs });
});

test('arming one environment arms no other, and --read-only cannot be armed', () => {
  const { arming } = armingAt();
  arming.arm('prod');
  expect(arming.refuse('default')?.guard).toBe('not-armed');
  const forbidden = armingAt(true).arming;
  expect(forbidden.arm('prod')?.guard).toBe('read-only');
  expect(forbidden.refuse('prod')?.guard).toBe('read-only');
});
