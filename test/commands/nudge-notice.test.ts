import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openNotices } from '../../src/commands/notices.ts';
import { openJournal } from '../../src/journal/sqlite-journal.ts';
import type { Attention } from '../../src/notify/attention.ts';
import { DeskRun } from '../../src/playbook/desk-run.ts';
import { fleetThatTells } from '../notify/fleet.ts';
import { yaml } from '../playbook/walked.ts';

test('a ring says how long a question has really waited: a wait for a signature rings as it begins', async () => {
  const state = mkdtempSync(join(tmpdir(), 'nudge-'));
  let at = 1_000_000;
  const now = (): number => at;
  const journal = openJournal(state, () => new Date(at));
  const rung: Attention[] = [];
  const session = { fleet: fleetThatTells({}), mask: (text: string) => text, demo: null, live: { clock: { wallMs: now } } };
  const options = { fleet: null, env: null, readOnly: false, stateDir: state, color: false };
  const notices = openNotices(session, journal, options, (what) => rung.push(what));
  const again = (): never => {
    throw new Error('nothing is begun again');
  };
  const run = new DeskRun({ who: 'ann@desk', env: 'prod', playbook: yaml('  - { tell: x }\n'), now, changed: () => {}, again });
  const over = new AbortController();
  const asked = run.person.ask({ kind: 'approve', address: 'boss', text: 'Really?', by: null, count: 1 }, over.signal);
  notices.forRuns.onNudge(run, 'Really?');
  at += 185_000;
  notices.forRuns.onNudge(run, 'Really?');
  expect(rung).toEqual([
    { kind: 'question', waitedMs: 0 },
    { kind: 'question', waitedMs: 185_000 },
  ]);
  over.abort();
  await expect(asked).rejects.toThrow();
  await notices.close(1000);
  journal.close();
});
