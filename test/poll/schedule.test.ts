import fc from 'fast-check';
import { expect, test } from 'vitest';
import { phaseOf, retryDelay, untilNextRound } from '../../src/poll/schedule.ts';

test('a thousand hosts spread over the whole period', () => {
  const buckets = new Array<number>(10).fill(0);
  for (let host = 0; host < 1000; host += 1) {
    const bucket = Math.floor(phaseOf(`static/web${host}`, 5000) / 500);
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  expect(Math.min(...buckets)).toBeGreaterThan(50);
  expect(Math.max(...buckets)).toBeLessThan(200);
});

test('the next round is at the host’s phase, between half and one and a half periods away', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 0, max: 4999 }), (now, phase) => {
      const wait = untilNextRound(now, phase, 5000);
      expect(wait).toBeGreaterThanOrEqual(2500);
      expect(wait).toBeLessThan(7500);
      expect((now + wait) % 5000).toBe(phase);
    }),
  );
});

test('a host that keeps failing is tried ever less often, never less than every 36 s', () => {
  const delays = [1, 2, 3, 5, 9, 500].map((failures) => retryDelay('timeout', failures, 5000, 0.5));
  expect(delays).toEqual([5000, 7500, 11_250, 25_313, 30_000, 30_000]);
  expect(retryDelay('timeout', 500, 5000, 0.999)).toBeLessThan(36_001);
});

test('a failed login or a refused host key is not tried again in a loop', () => {
  expect(retryDelay('auth', 1, 5000, 0.5)).toBe(300_000);
  expect(retryDelay('host-key', 1, 5000, 0.5)).toBe(300_000);
  expect(retryDelay('no-shell', 1, 5000, 0.5)).toBe(60_000);
});
