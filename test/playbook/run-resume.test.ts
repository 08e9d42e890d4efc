import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Journal } from '../../src/journal/entry.ts';
import { openJournal } from '../../src/journal/sqlite-journal.ts';
import { noLibrary, type PlaybookFile } from '../../src/playbook/library.ts';
import type { Run } from '../../src/playbook/run/run.ts';
import { type KeptRun, Runs } from '../../src/playbook/runs.ts';
import { head, playbookOf, RecordedHands, RecordedWorld, ScriptedPerson } from './recorded-world.ts';
import { resultOf } from './walked.ts';

const text = `${head}inputs: { key: { type: secret } }
steps:
  - { id: out, do: pool.depool, with: { pool: web, node: web1 }, undo: auto, temporary: true }
  - { id: use, run: "printf %s {{ key }} | cat", host: web1, timeout: 5s, undo: none, why: w }
  - { id: back, do: pool.repool, with: { pool: web, node: web1 }, settles: out }
`;
const file: PlaybookFile = { playbook: playbookOf(text), text, file: 'x.yaml' };

let journal: Journal;
beforeEach(() => {
  journal = openJournal(mkdtempSync(join(tmpdir(), 'resume-')), () => new Date());
});
afterEach(() => journal.close());

/** A run whose console leaves once its first change was sent. */
async function left(): Promise<KeptRun> {
  const person = new ScriptedPerson();
  const hands = new RecordedHands(new RecordedWorld(), 'run', () => run.leave());
  const inputs = { key: 'hunter2' };
  const run = new Runs(journal).start({ file, library: noLibrary, inputs, reason: null, env: 'prod', hands, person });
  expect(resultOf(await run.done)).toBe('paused');
  return seen();
}

/** As another console sees it, whose predecessor has ended: this process plays both. */
function seen(): KeptRun {
  const [kept] = new Runs(journal).unfinished();
  if (kept === undefined) throw new Error('the journal lost the run');
  return { ...kept, owned: false };
}

function resume(kept: KeptRun, secrets: Readonly<Record<string, string>> = { key: 'hunter2' }, world = new RecordedWorld()): Run {
  return new Runs(journal).resume(kept, { env: 'prod', hands: new RecordedHands(world), person: new ScriptedPerson(), secrets });
}

test('a run is taken up where it stood, by one console, with its secrets given again', async () => {
  const kept = await left();
  expect(new Runs(journal).unfinished()[0]?.owned).toBe(true);
  expect(() => resume({ ...kept, owned: true })).toThrow(/still runs/);
  expect(() => resume(kept, {})).toThrow(/needs the secret key again/);
  const shownToTwo = [kept, seen()] as const;
  const world = new RecordedWorld();
  const run = resume(shownToTwo[0], undefined, world);
  expect(() => resume(shownToTwo[1])).toThrow(/has taken .* up meanwhile/);
  expect([resultOf(await run.done), world.sent.length]).toEqual(['ok', 2]);
  expect(() => resume(kept)).toThrow(/is closed \(ok\)/);
  expect(new Runs(journal).unfinished()).toEqual([]);
});

test('a run keeps no secret input in the journal', async () => {
  await left();
  expect(JSON.stringify(journal.tail(100))).not.toContain('hunter2');
});
