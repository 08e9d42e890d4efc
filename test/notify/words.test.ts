import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attention, attentionWords } from '../../src/notify/attention.ts';
import { endDue, endLine, mergeBurst, startDue, startLine } from '../../src/notify/report-line.ts';

const run = {
  at: Date.UTC(2026, 10, 21, 14, 7),
  who: 'ann@deck',
  name: 'web-node-pencils-down',
  target: 'web1',
  did: ['depool', 'restart pencils', 'repool'],
  reason: '8816 closed after deploy',
  incident: 'INC-12',
  debts: [],
} as const;

describe('the line of a run', () => {
  test('is one line that says when, how it ended, who, what and why', () => {
    expect(endLine(run, 'ok', 252_000)).toBe(
      '2026-11-21T14:07Z END (ok, 4m12s) ann@deck web-node-pencils-down web1: depool, restart pencils, repool — "8816 closed after deploy" INC-12',
    );
    expect(startLine({ ...run, did: [], reason: null, incident: null })).toBe(
      '2026-11-21T14:07Z START ann@deck web-node-pencils-down web1',
    );
  });

  test('what ended badly and what is owed is seen from afar', () => {
    const line = endLine({ ...run, debts: ['web1 out of pool'] }, 'escalated', 5000);
    expect(line).toContain('END (ESCALATED, 5s)');
    expect(line.endsWith('OPEN: web1 out of pool')).toBe(true);
  });

  test('whatever a reason holds, it stays one line without control characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (reason) => {
        expect(endLine({ ...run, reason, did: [reason], debts: [reason] }, 'ok', 1)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  test('dry and read-only runs tell nobody; a long or dangerous one tells its start', () => {
    const facts = { dry: false, risk: 'change', changed: true, mayTakeMs: 60_000, debts: 0 } as const;
    expect([startDue(facts), endDue(facts)]).toEqual([false, true]);
    expect(startDue({ ...facts, mayTakeMs: 121_000 })).toBe(true);
    expect(startDue({ ...facts, risk: 'danger' })).toBe(true);
    expect(endDue({ ...facts, changed: false })).toBe(false);
    expect(endDue({ ...facts, changed: false, debts: 1 })).toBe(true);
    expect([startDue({ ...facts, dry: true, risk: 'danger' }), endDue({ ...facts, dry: true, debts: 1 })]).toEqual([false, false]);
    expect(endDue({ ...facts, risk: 'safe' })).toBe(false);
  });

  test('a burst is told once, its repeats counted, its rest left to the ops log', () => {
    expect(mergeBurst(['a', 'b', 'a'])).toBe('a (2 times)\nb');
    expect(mergeBurst(['a', 'b', 'c'], 2)).toBe('a\nb\nand 1 more, in the ops log');
  });
});

describe('the bell', () => {
  test('rings, and where the terminal knows notices says in our own words why', () => {
    const what = { kind: 'alerts', crit: 2, warn: 1 } as const;
    expect(attention([what], { bell: true, notices: true })).toBe('\x1b]9;quarterdeck: 2 critical, 1 warning\x07');
    expect(attention([what], { bell: true, notices: false })).toBe('\x07');
    expect(attention([what], { bell: false, notices: true })).toBe('');
    expect(attentionWords({ kind: 'question', waitedMs: 185_000 })).toBe('a run waits for an answer for 3 min');
    expect(attentionWords({ kind: 'question', waitedMs: 40 })).toBe('a run waits for an answer');
  });

  test('no number can become words', () => {
    fc.assert(
      fc.property(fc.double(), (count) => {
        expect(attention([{ kind: 'debt', count }], { bell: true, notices: true })).toMatch(/^\x1b\]9;quarterdeck: \d{1,6} owed back\x07$/);
      }),
    );
  });
});
