import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildProgram, ended, type Ended, quarterdeck, startProgram } from './program.ts';

const id = 'web-node-pencils-down';
let home = '';
let file = '';

beforeAll(() => {
  buildProgram();
  home = mkdtempSync(join(tmpdir(), 'qd-playbook-'));
  const folder = join(home, 'pages');
  mkdirSync(folder, { mode: 0o700 });
  file = join(folder, `${id}.yaml`);
  const page = readFileSync(new URL('../playbook/fixtures/web-node-pencils-down.yaml', import.meta.url), 'utf8');
  // What must hold for ten seconds on real hosts holds for one here.
  writeFileSync(file, page.replaceAll('hold: 10s', 'hold: 1s'), { mode: 0o600 });
  // What the example plays stands beside it.
  const beside = `playbook: nfs-data-unreachable
format: 1
title: The share does not answer
owner: tests
reviewed: "2026-11-22"
when_to_use: Only from the example.
inputs: { node: { type: host, from: web } }
steps: [{ manual: "Look at the share of {{ node }}." }]
`;
  writeFileSync(join(folder, 'nfs-data-unreachable.yaml'), beside, { mode: 0o600 });
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

const wordsOf = (...more: string[]): string[] => [
  '--fleet',
  'demo',
  'playbook',
  'run',
  file,
  '--input',
  'node=web1',
  '--input',
  'reason=trying it',
  ...more,
];

const walk = (state: string, ...more: string[]): Promise<Ended> =>
  quarterdeck(wordsOf(...more), { home, env: { XDG_STATE_HOME: join(home, state) } });

test.concurrent('the example runs to its good end on the demo, and its journal verifies', async () => {
  const ran = await walk('good', '--answer', 'cause.2.1=hung', '--confirm', id);
  expect([ran.stderr, ran.status]).toEqual([expect.stringContaining('ok: every step is done'), 0]);
  expect(ran.stderr).not.toContain('OPEN');
  const verified = await quarterdeck(['--fleet', 'demo', 'journal', 'verify'], { home, env: { XDG_STATE_HOME: join(home, 'good') } });
  expect([verified.stderr, verified.status]).toEqual(['', 0]);
  const nothing = await quarterdeck(['--fleet', 'demo', 'playbook', 'resume'], { home, env: { XDG_STATE_HOME: join(home, 'good') } });
  expect([nothing.status, nothing.stderr]).toEqual([64, expect.stringContaining('no run is left open')]);
}, 90_000);

test.concurrent('without a terminal nothing runs unconfirmed, and a wrong input is named', async () => {
  const [unconfirmed, wrong] = await Promise.all([walk('none'), walk('wrong', '--input', 'node=web9', '--confirm', id)]);
  expect([unconfirmed.status, unconfirmed.stderr]).toEqual([4, expect.stringContaining(`--confirm ${id}`)]);
  expect([wrong.status, wrong.stderr]).toEqual([64, expect.stringMatching(/--input node: node "web9" is no host of web/)]);
}, 60_000);

test.concurrent('a command started read-only walks nothing and writes no run', async () => {
  const env = { XDG_STATE_HOME: join(home, 'looking') };
  const ran = await quarterdeck(['--read-only', ...wordsOf('--confirm', id)], { home, env });
  expect([ran.status, ran.stdout, ran.stderr]).toEqual([5, '', expect.stringContaining('refused: started with --read-only')]);
  const tail = await quarterdeck(['--fleet', 'demo', 'journal', 'tail', '--json'], { home, env });
  expect(tail.stdout).not.toContain('"kind":"run"');
}, 60_000);

test.concurrent('a question that needs a mind stops a run without a terminal before anything is changed', async () => {
  const ran = await walk('mind', '--confirm', id);
  expect([ran.status, ran.stderr]).toEqual([1, expect.stringContaining('8816 is listening. What do users see?')]);
  expect(ran.stderr).not.toMatch(/ok .*depool/);
}, 60_000);

test.concurrent('a run whose console was killed goes on from its journal, and does not call well what the hosts do not show', async () => {
  // The demo's hosts end with its console: the ones that the next console finds were never restarted.
  const env = { XDG_STATE_HOME: join(home, 'killed') };
  const child = startProgram(wordsOf('--answer', 'cause.2.1=hung', '--confirm', id), { home, env });
  const first = ended(child);
  child.stderr?.on('data', (text: string) => {
    if (text.includes('ok sudo service pencils restart')) child.kill('SIGKILL');
  });
  expect((await first).signal).toBe('SIGKILL');
  const unconfirmed = await quarterdeck(['--fleet', 'demo', 'playbook', 'resume'], { home, env });
  expect([unconfirmed.status, unconfirmed.stderr]).toEqual([
    4,
    expect.stringContaining(`not confirmed: add --confirm ${id} to go on with run-`),
  ]);
  const resumed = await quarterdeck(['--fleet', 'demo', 'playbook', 'resume', '--confirm', id], { home, env });
  expect([resumed.status, resumed.stderr]).toEqual([
    1,
    expect.stringMatching(/failed: fresh: not so: out != before\.out.*OPEN: Take web1 out of pool web/),
  ]);
  const verified = await quarterdeck(['--fleet', 'demo', 'journal', 'verify'], { home, env });
  expect([verified.stderr, verified.status]).toEqual(['', 0]);
}, 90_000);
