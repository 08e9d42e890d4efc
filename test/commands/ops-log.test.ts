import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildProgram, type Ended, quarterdeck } from './program.ts';

let home = '';

beforeAll(() => {
  buildProgram();
  home = mkdtempSync(join(tmpdir(), 'qd-ops-'));
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

const onDemo = (state: string, ...args: string[]): Promise<Ended> =>
  quarterdeck(['--fleet', 'demo', ...args], { home, env: { XDG_STATE_HOME: join(home, state) } });

/** Lines of the ops log of the embedded fleet; none when nothing was told. */
function linesOf(state: string): string[] {
  try {
    return readFileSync(join(home, state, 'quarterdeck', 'demo', 'ops.log'), 'utf8')
      .trimEnd()
      .split('\n');
  } catch {
    return [];
  }
}

test.concurrent('a change that a person makes is one line, with its reason and what is owed; a dry run and a refusal are none', async () => {
  const dry = await onDemo('one', 'act', 'depool', 'web1', '--dry-run');
  const unconfirmed = await onDemo('one', 'act', 'depool', 'web1');
  expect([dry.status, unconfirmed.status, linesOf('one')]).toEqual([0, 4, []]);
  const done = await onDemo('one', 'act', 'depool', 'web1', '--confirm', 'web1', '--reason', 'new kernel');
  expect(done.status).toBe(0);
  expect(linesOf('one')).toEqual([
    expect.stringMatching(
      /^\d{4}-\d\d-\d\dT\d\d:\d\dZ END \(ok, \S+\) \S+@\S+ depool web1: depool from web — "new kernel" OPEN: web1 is out of pool web$/,
    ),
  ]);
}, 60_000);

test.concurrent('a change on two hosts is one line for both', async () => {
  const done = await onDemo('many', 'act', 'restart', 'web1/nginx', 'web2/nginx', '--confirm', '2');
  expect([done.stderr, done.status]).toEqual([expect.any(String), 0]);
  expect(linesOf('many')).toEqual([expect.stringMatching(/ END \(ok, \S+\) \S+ restart web1 web2: restart nginx( — ".*")?$/)]);
}, 60_000);

test.concurrent('a run is two lines and its own changes are no further ones', async () => {
  const id = 'web-node-pencils-down';
  const folder = join(home, 'pages');
  mkdirSync(folder, { mode: 0o700 });
  const page = readFileSync(new URL(`../../playbooks/demo/${id}.yaml`, import.meta.url), 'utf8');
  // What must hold for ten seconds on real hosts holds for one here.
  writeFileSync(join(folder, `${id}.yaml`), page.replaceAll('hold: 10s', 'hold: 1s'), { mode: 0o600 });
  const words = ['--input', 'node=web1', '--input', 'reason=trying it', '--answer', 'seen=hung', '--confirm', id];
  const ran = await onDemo('run', 'playbook', 'run', join(folder, `${id}.yaml`), ...words);
  expect([ran.stderr, ran.status]).toEqual([expect.stringContaining('ok: every step is done'), 0]);
  expect(linesOf('run')).toEqual([
    expect.stringMatching(/ START \S+ web-node-pencils-down web1 — "trying it"$/),
    expect.stringMatching(/ END \(ok, \S+\) \S+ web-node-pencils-down web1: depool from web, restart, repool into web — "trying it"$/),
  ]);
}, 90_000);
