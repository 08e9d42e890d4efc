import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { buildProgram, type Ended, quarterdeck } from './program.ts';

const id = 'web-node-pencils-down';
const node = ['--input', 'node=web1', '--input', 'reason=trying it'];
let home = '';
let fleet = '';
let server: Server;
let connections = 0;

beforeAll(async () => {
  buildProgram();
  home = mkdtempSync(join(tmpdir(), 'qd-playbook-dry-'));
  const folder = join(home, 'pages');
  mkdirSync(join(folder, 'tests'), { recursive: true, mode: 0o700 });
  const demo = (name: string): string => readFileSync(new URL(`../../playbooks/demo/${name}`, import.meta.url), 'utf8');
  for (const name of [`${id}.yaml`, 'nfs-slow.yaml', `tests/${id}.yaml`]) writeFileSync(join(folder, name), demo(name), { mode: 0o600 });
  server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const port = Number(Object(server.address() satisfies AddressInfo | string | null).port);
  const text = {
    fleet: 'far',
    playbooks: 'pages',
    inventory: [{ static: [{ name: 'web1', address: '127.0.0.1', port, role: 'web' }] }],
    ssh: { user: 'ops' },
  };
  fleet = join(home, 'fleet.yaml');
  writeFileSync(fleet, `${JSON.stringify(text)}\n`, { mode: 0o600 });
});

afterAll(() => {
  server.close();
  rmSync(home, { recursive: true, force: true });
});

const run = (where: string, state: string, ...words: string[]): Promise<Ended> =>
  quarterdeck(['--fleet', where, ...words], { home, env: { XDG_STATE_HOME: join(home, state) } });

const stepsSchema = z.object({
  view: z.object({ steps: z.array(z.object({ address: z.string(), state: z.string(), evidence: z.array(z.string()) })) }),
});

const linesOf = (text: string): readonly Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

test('a plan needs no host: every way is printed, what is not given stays a place, and nobody is connected to', async () => {
  const [text, json] = await Promise.all([
    run(fleet, 'plan', 'playbook', 'plan', id, '--input', 'node=web1'),
    run(fleet, 'plan', 'playbook', 'plan', id, '--json'),
  ]);
  expect([text.status, text.stderr]).toEqual([0, '']);
  for (const part of [
    '$ sudo service pencils restart',
    'reason = {{ reason }} (not given)',
    'if nfs.failed',
    'else goes on',
    'owes     depool: ended by repool',
  ])
    expect(text.stdout).toContain(part);
  const plan: unknown = JSON.parse(json.stdout);
  expect(plan).toMatchObject({
    playbook: id,
    limitMs: 1_200_000,
    locks: ['node:{{ node }}', 'pool:web'],
    debts: [{ key: 'depool', settledBy: ['repool'] }],
  });
  expect(connections).toBe(0);
});

test('a plan and a check of a page that is named by its path know those beside it, as a run does', async () => {
  const folder = join(home, 'beside');
  mkdirSync(folder, { mode: 0o700 });
  const page = (name: string, steps: string): string =>
    `playbook: ${name}\nformat: 1\ntitle: ${name}\nowner: ops\nreviewed: "2026-11-21"\nwhen_to_use: Never.\nsteps: [${steps}]\n`;
  writeFileSync(join(folder, 'outer.yaml'), page('outer', '{ play: inner }'), { mode: 0o600 });
  writeFileSync(join(folder, 'inner.yaml'), page('inner', '{ tell: said by the inner one }'), { mode: 0o600 });
  for (const [level, where] of [
    ['plan', fleet],
    ['check', 'demo'],
  ] as const) {
    const { status, stdout } = await run(where, 'beside-state', 'playbook', level, join(folder, 'outer.yaml'));
    expect([level, status, stdout]).toEqual([level, 0, expect.stringContaining('said by the inner one')]);
  }
}, 60_000);

test('a wrong input of a plan is named', async () => {
  const ended = await run(fleet, 'plan', 'playbook', 'plan', id, '--input', 'reason=short', '--input', 'nod=web1');
  expect([ended.status, ended.stderr]).toEqual([64, expect.stringMatching(/Did you mean "node"[^]*reason must have at least 8/)]);
});

test('a check asks the real fleet, sends no change, and leaves nothing that is owed, taken up or taken back', async () => {
  const checked = await run('demo', 'check', 'playbook', 'check', id, ...node, '--json');
  expect([checked.status, checked.stderr]).toEqual([0, '']);
  const end: unknown = JSON.parse(checked.stdout);
  expect(end).toMatchObject({ wouldStop: false, concerns: [], view: { level: 'check', debts: [], phase: { result: 'ok' } } });
  // The same process listens before and behind the restart that was only planned, and the node is still in its pool.
  const steps = new Map(stepsSchema.parse(end).view.steps.map((step) => [step.address, step]));
  expect(steps.get('fresh')).toMatchObject({ state: 'either', evidence: steps.get('listener')?.evidence });
  expect(steps.get('listener')?.evidence[0]).toMatch(/pid=\d+/);
  expect(steps.get('restart')).toMatchObject({ state: 'either', evidence: expect.arrayContaining(['$ sudo service pencils restart']) });
  expect(steps.get('lb-healthy')).toMatchObject({ state: 'ok' });

  const [tail, verify, resume, undo] = await Promise.all([
    run('demo', 'check', 'journal', 'tail', '-n', '200', '--json'),
    run('demo', 'check', 'journal', 'verify'),
    run('demo', 'check', 'playbook', 'resume'),
    run('demo', 'check', 'act', 'undo'),
  ]);
  const kinds = linesOf(tail.stdout).filter(({ kind }) => kind !== 'session');
  expect(new Set(kinds.map(({ kind, outcome }) => `${String(kind)} ${String(outcome).split(' ')[0] ?? ''}`))).toEqual(new Set(['run dry']));
  expect([verify.status, resume.status, undo.status]).toEqual([0, 64, 5]);
  expect([resume.stderr, undo.stderr]).toEqual([
    expect.stringContaining('no run is left open'),
    expect.stringContaining('nothing to undo'),
  ]);
}, 60_000);

test('a check that would be stopped says by which step, and so does a dry run of the same page', async () => {
  const page = `playbook: bad\nformat: 1\ntitle: Bad\nowner: ops\nreviewed: "2026-11-22"\nwhen_to_use: now\nsteps:
  - { id: first, check: "false", host: web1 }
  - { id: gone, do: service.restart, with: { host: web1, service: nosuch }, undo: none, why: w }
  - { id: act, run: "echo changed >> /tmp/x", preview: "echo would change; false", host: web1, timeout: 5s, undo: none, why: w }
  - { id: told, tell: "web1 is done" }\n`;
  const file = join(home, 'pages', 'bad.yaml');
  writeFileSync(file, page, { mode: 0o600 });
  const [checked, dry] = await Promise.all([
    run('demo', 'bad', 'playbook', 'check', file),
    run('demo', 'bad2', 'playbook', 'run', file, '--dry-run'),
  ]);
  for (const { status, stdout } of [checked, dry]) {
    expect(status).toBe(1);
    expect(stdout).toMatch(/would stop at first: [^]*would stop at gone: [^\n]*nosuch/);
    expect(stdout).toMatch(/preview echo would change; false \(exit 1\):\n +would change\n/);
    expect(stdout).toContain('nothing was changed, and nobody was told');
  }
}, 60_000);

test('recorded tests run by folder, by file and by id, and one that comes out otherwise says what it expected and saw', async () => {
  const tests = join(home, 'pages', 'tests', `${id}.yaml`);
  const [byFolder, byFile, byId] = await Promise.all([
    run(fleet, 'sim', 'playbook', 'simulate', join(home, 'pages')),
    run(fleet, 'sim', 'playbook', 'simulate', tests, '--json'),
    run(fleet, 'sim', 'playbook', 'simulate', id),
  ]);
  expect([byFolder.status, byFile.status, byId.status]).toEqual([0, 0, 0]);
  expect(byFolder.stdout).toContain(`ok    ${id}: a restart heals a hung node\n`);
  expect(byId.stdout).toBe(byFolder.stdout);
  expect(linesOf(byFile.stdout).flat()).toEqual(
    expect.arrayContaining([expect.objectContaining({ name: 'a false alarm changes nothing', ok: true })]),
  );

  const other = join(home, 'pages', 'tests', 'other.yaml');
  writeFileSync(other, readFileSync(tests, 'utf8').replace('answers: { seen: fine }', 'answers: { seen: hung }'));
  const failed = await run(fleet, 'sim', 'playbook', 'simulate', other);
  expect([failed.status, failed.stdout]).toEqual([
    1,
    expect.stringMatching(
      /FAIL {2}[^\n]*a false alarm changes nothing[^\n]*\n +path expected: others · nfs[^\n]*\n +path seen: +others[^\n]*repool/,
    ),
  ]);
  writeFileSync(other, readFileSync(tests, 'utf8').replace('answers: { seen: fine }', 'answers: { sen: fine }'));
  const unread = await run(fleet, 'sim', 'playbook', 'simulate', other);
  expect([unread.status, unread.stderr]).toEqual([
    64,
    expect.stringMatching(/other\.yaml:\d+:\d+: No step "sen" is in this playbook\. Did you mean "seen"/),
  ]);
  expect(connections).toBe(0);
});
