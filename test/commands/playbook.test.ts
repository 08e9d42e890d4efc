import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildProgram, type Ended, quarterdeck } from './program.ts';

const id = 'web-node-pencils-down';
let home = '';
let file = '';

beforeAll(() => {
  buildProgram();
  home = mkdtempSync(join(tmpdir(), 'qd-playbook-'));
  const folder = join(home, 'pages');
  mkdirSync(folder, { mode: 0o700 });
  file = join(folder, `${id}.yaml`);
  const page = readFileSync(new URL('../playbook/web-node-pencils-down.yaml', import.meta.url), 'utf8');
  // What must hold for ten seconds on real hosts holds for one here.
  writeFileSync(file, page.replaceAll('hold: 10s', 'hold: 1s'), { mode: 0o600 });
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

const walk = (state: string, node: string, ...more: string[]): Promise<Ended> =>
  quarterdeck(['--fleet', 'demo', 'playbook', 'run', file, '--input', `node=${node}`, '--input', 'reason=trying it', ...more], {
    home,
    env: { XDG_STATE_HOME: join(home, state) },
  });

test('the example runs to its good end on the demo, and its journal verifies', async () => {
  const ran = await walk('good', 'web1', '--answer', 'cause.2.1=hung', '--confirm', id);
  expect([ran.stderr, ran.status]).toEqual([expect.stringContaining('ok: every step is done'), 0]);
  expect(ran.stderr).not.toContain('OPEN');
  const verified = await quarterdeck(['--fleet', 'demo', 'journal', 'verify'], { home, env: { XDG_STATE_HOME: join(home, 'good') } });
  expect([verified.stderr, verified.status]).toEqual(['', 0]);
  const nothing = await quarterdeck(['--fleet', 'demo', 'playbook', 'resume'], { home, env: { XDG_STATE_HOME: join(home, 'good') } });
  expect([nothing.status, nothing.stderr]).toEqual([64, expect.stringContaining('no run is left open')]);
}, 90_000);

test('without a terminal nothing runs unconfirmed, and a wrong input is named', async () => {
  const [unconfirmed, wrong] = await Promise.all([walk('none', 'web1'), walk('wrong', 'web9', '--confirm', id)]);
  expect([unconfirmed.status, unconfirmed.stderr]).toEqual([4, expect.stringContaining(`--confirm ${id}`)]);
  expect([wrong.status, wrong.stderr]).toEqual([64, expect.stringMatching(/--input node: node "web9" is no host of web/)]);
});

test('a question that needs a mind stops a run without a terminal before anything is changed', async () => {
  const ran = await walk('mind', 'web1', '--confirm', id);
  expect([ran.status, ran.stderr]).toEqual([1, expect.stringContaining('8816 is listening. What do users see?')]);
  expect(ran.stderr).not.toMatch(/ok .*depool/);
});
