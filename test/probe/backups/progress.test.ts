import { describe, expect, test } from 'vitest';
import { progressOf } from '../../../src/probe/backups/progress.ts';
import { readStamp, stampIn } from '../../../src/probe/backups/stamp.ts';

const underway = { startedAt: 0, now: 10_000, expected: null, bytes: null, line: '' };

describe('how far a backup is', () => {
  test('rsync tells bytes, share, rate and time left; between two files its clock counts up and is not believed', () => {
    expect(progressOf({ ...underway, line: '    8,126,464  25%    5.81MB/s    0:00:04' })).toMatchObject({
      bytes: 8_126_464,
      pct: 25,
      bytesPerS: Math.round(5.81 * 1024 * 1024),
      leftMs: 4000,
    });
    expect(progressOf({ ...underway, line: '8126464  25%  100.00kB/s  0:00:09 (xfr#3, to-chk=4/9)' })).toMatchObject({
      bytes: 8_126_464,
      bytesPerS: 102_400,
      leftMs: 30_000,
    });
  });

  test('a growing dump is measured against the last one and never said to be done', () => {
    expect(progressOf({ ...underway, bytes: 500, expected: 1000 })).toMatchObject({ bytes: 500, pct: 50, bytesPerS: 50, leftMs: 10_000 });
    expect(progressOf({ ...underway, bytes: 5000, expected: 1000 })).toMatchObject({ pct: 99, leftMs: 0 });
  });

  test('what is not known is null, never 0', () => {
    expect(progressOf(underway)).toEqual({ startedAt: 0, bytes: null, pct: null, bytesPerS: null, leftMs: null, text: null });
    expect(progressOf({ ...underway, startedAt: null, bytes: 0, expected: 0 })).toMatchObject({ pct: null, bytesPerS: null, leftMs: null });
  });
});

describe('a record', () => {
  const good = '{"artifact":"a","start":1,"end":3,"bytes":null,"verified":true,"why":""}';

  test('is read whole or not at all', () => {
    expect(readStamp(good)).toMatchObject({ artifact: 'a', bytes: null, verified: true });
    expect(readStamp(good.slice(0, -1))).toBeNull();
    expect(readStamp(good.replace('"end":3', '"end":-3'))).toBeNull();
    expect(readStamp(good.replace('"end":3', '"end":"3"'))).toBeNull();
  });

  test('is found behind whatever else was printed', () => {
    expect(stampIn(`noise\n#backup ${good}\nmore`)).toMatchObject({ artifact: 'a' });
    expect(stampIn('#backup nonsense')).toBeNull();
    expect(stampIn('')).toBeNull();
  });
});
