import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { coolDown, lastChange } from '../../src/actions/guards.ts';
import { ActionRecord } from '../../src/actions/record.ts';
import { UndoStack } from '../../src/actions/undo.ts';
import { openJournal } from '../../src/journal/sqlite-journal.ts';

test('a change of another fleet in the same journal is no change of a host here that has the same name', () => {
  const now = Date.now();
  const journal = openJournal(mkdtempSync(join(tmpdir(), 'qd-fleets-')), () => new Date(now));
  const [prod, staging] = ['prod', 'staging'].map((fleet) => new ActionRecord(journal, 'kim@desk', fleet));
  if (prod === undefined || staging === undefined) throw new Error('two fleets');
  const undo = { action: 'repool', hostId: 'static/web1', pool: 'web' };
  expect(prod.write('outcome', { env: 'prod', outcome: 'ok' })).toBe(null);
  const entry = { actionId: 'depool-1', who: 'kim@desk', env: 'prod', targets: ['web1/pool-web'], command: null, outcome: 'ok' };
  journal.append({ kind: 'outcome', ...entry, detail: { fleet: 'prod', undo } });

  const known = (record: ActionRecord): readonly unknown[] => {
    const recent = record.recent(now, 60_000);
    const undoable = new UndoStack(record, () => now).list().map((one) => one.actionId);
    return [undoable, lastChange(recent, 'web1', now), coolDown(recent, 'web1/pool-web', now) === null];
  };
  expect(known(prod)).toEqual([
    ['depool-1'],
    expect.stringMatching(/^last change: web1\/pool-web at \d\d:\d\d:\d\dZ by kim@desk: ok$/),
    false,
  ]);
  expect(known(staging)).toEqual([[], null, true]);
  journal.close();
});
