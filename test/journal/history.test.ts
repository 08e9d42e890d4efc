import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { History, type HistoryRow, keptMs } from '../../src/journal/history.ts';
import { ownDir } from './fixture.ts';
import { began, minute } from './incident/story.ts';

function row(change: Partial<HistoryRow> = {}): HistoryRow {
  return {
    host: 'web1',
    at: began,
    cpuPct: 12.5,
    iowaitPct: 0,
    memoryPct: null,
    nfsIops: 400,
    nfsMs: 1.5,
    diskPct: 40,
    health: 'ok',
    ...change,
  };
}

describe('a row a host a minute', () => {
  test('what was kept comes back by host and time, and what was not measured stays unknown', () => {
    const dir = ownDir();
    const history = new History(dir, 'pencilcode');
    history.record([row(), row({ host: 'nfs1' }), row({ at: began + minute })]);
    history.record([row({ cpuPct: 13 })]);
    const reader = new History(dir, 'pencilcode', true);
    expect(reader.range(['web1'], began, began + minute)).toEqual([row({ cpuPct: 13 }), row({ at: began + minute })]);
    expect(reader.range(null, began, began)).toHaveLength(2);
    expect(new History(dir, 'demo', true).range(null, 0, 2 * began)).toEqual([]);
    expect(statSync(join(dir, 'history.sqlite')).mode & 0o777).toBe(0o600);
  });

  test('after fourteen days it is gone', () => {
    const history = new History(ownDir(), 'pencilcode');
    history.record([row({ at: began - keptMs - minute }), row()]);
    history.prune(began);
    expect(history.range(null, 0, began).map(({ at }) => at)).toEqual([began]);
  });

  test('a file that cannot be used means no history and nothing else', () => {
    const dir = ownDir();
    writeFileSync(join(dir, 'history.sqlite'), 'this is no database, whatever its name says'.repeat(50));
    const broken = new History(dir, 'pencilcode');
    expect(broken.failure).toContain('history.sqlite');
    expect(() => broken.record([row()])).not.toThrow();
    expect(broken.range(null, 0, began)).toEqual([]);
    expect(new History(join(dir, 'nowhere'), 'pencilcode', true).range(null, 0, began)).toEqual([]);
  });

  test('it is never written through a link', () => {
    const dir = ownDir();
    mkdirSync(join(dir, 'state'));
    writeFileSync(join(dir, 'victim'), 'mine');
    symlinkSync(join(dir, 'victim'), join(dir, 'state', 'history.sqlite'));
    const history = new History(join(dir, 'state'), 'pencilcode');
    history.record([row()]);
    expect(history.failure).not.toBeNull();
    expect(readFileSync(join(dir, 'victim'), 'utf8')).toBe('mine');
  });
});
