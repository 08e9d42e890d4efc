import { expect, test } from 'vitest';
import { formatBytes, formatClock, formatCount, formatDuration, formatNumber } from '../../src/fleet/duration.ts';

test('a duration is told in at most two units', () => {
  const cases: [number, string][] = [
    [0, '0s'],
    [800, '800ms'],
    [1200, '1.2s'],
    [5000, '5s'],
    [9999, '9.9s'],
    [23_400, '23s'],
    [59_999, '59s'],
    [60_000, '1m'],
    [192_000, '3m12s'],
    [7_500_000, '2h5m'],
    [3 * 86_400_000, '3d'],
    [3 * 86_400_000 + 4 * 3_600_000, '3d4h'],
    [-5, '0s'],
  ];
  for (const [ms, text] of cases) expect(formatDuration(ms), String(ms)).toBe(text);
});

test('what is not known is a dash, never a number', () => {
  expect([formatDuration(null), formatBytes(null), formatCount(Number.NaN)]).toEqual(['–', '–', '–']);
});

test('bytes keep three digits and never show 1000 of a unit', () => {
  expect([512, 999, 1000, 1210, 999_499, 999_600, 97_300_000_000].map(formatBytes)).toEqual([
    '512 B',
    '999 B',
    '1.00 kB',
    '1.21 kB',
    '999 kB',
    '1.00 MB',
    '97.3 GB',
  ]);
});

test('thousands are parted by a plain space', () => {
  expect([0, 402, 2911, 1_234_567].map(formatCount)).toEqual(['0', '402', '2 911', '1 234 567']);
  expect([48.4, 3.24, 0.04, 12.6].map(formatNumber)).toEqual(['48', '3.2', '0', '13']);
  expect(formatClock(Date.UTC(2026, 0, 1, 14, 7, 31))).toBe('14:07:31Z');
});
