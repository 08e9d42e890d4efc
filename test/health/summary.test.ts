import { expect, test } from 'vitest';
import { countHealth, worstExit } from '../../src/health/summary.ts';

test('the worst wins in the order crit, unknown, warn, ok', () => {
  expect(worstExit(['ok', 'warn', 'unknown', 'crit'])).toBe(2);
  expect(worstExit(['ok', 'warn', 'unknown'])).toBe(3);
  expect(worstExit(['ok', 'warn'])).toBe(1);
  expect(worstExit(['ok', 'maintenance', 'stopped'])).toBe(0);
});

test('nothing seen is unknown, not ok', () => {
  expect(worstExit([])).toBe(3);
});

test('maintenance and stopped are counted as ok', () => {
  expect(countHealth(['ok', 'maintenance', 'stopped', 'warn', 'crit', 'crit', 'unknown'])).toEqual({ ok: 3, warn: 1, crit: 2, unknown: 1 });
});
