import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { BackupState } from '../../../src/fleet/backup.ts';
import { lacks } from '../../probe/needs.ts';
import { buildChild, type ChildProgram, ConsoleChild } from '../child.ts';
import { type BenchConsole, openConsole } from '../console.ts';
import { type Hosts, hostsMissing, startHosts } from '../hosts.ts';

const missing = hostsMissing() || lacks('rsync', '--version') || lacks('flock', '--version');
const reason = { reason: 'a test' };

describe.skipIf(missing)('a backup through the executor, on a real host', () => {
  let hosts: Hosts;
  let program: ChildProgram;
  let place: string;
  let fleet: string;
  let on: BenchConsole;
  let state: string;

  beforeAll(async () => {
    [hosts, program] = await Promise.all([startHosts(71, 1), buildChild()]);
  });
  afterAll(async () => {
    await hosts?.stop();
    program?.remove();
  });
  beforeEach(async () => {
    place = mkdtempSync(join(hosts.directory, 'data-'));
    for (const folder of ['source', 'copies']) mkdirSync(join(place, folder));
    writeFileSync(join(place, 'source', 'one'), 'one');
    speed(null);
    fleet = hosts.fleet(
      {
        backups: {
          tree: { on: 'web', kind: 'rsync', from: `${place}/source/`, to: `${place}/copies/`, max_age: '26h', keep: 1 },
          seen: { on: 'web', watch: `${place}/copies/seen` },
        },
      },
      place.split('/').at(-1),
    );
    state = mkdtempSync(join(hosts.directory, 'state-'));
    on = await openConsole({ fleet, state });
  });
  afterEach(() => on.close());

  const request = () => ({ action: 'backup' as const, hostId: hosts.only.id, name: 'tree' });
  const copies = (): string[] => readdirSync(join(place, 'copies')).filter((name) => /^\d{8}T\d{6}Z$/.test(name));
  const read = (console = on): Promise<BackupState | null> => console.session.live.freshBackup('tree', hosts.only.id);
  /** How fast rsync may copy on the host; `null`: as it can. */
  const speed = (limit: string | null): void => {
    const file = join(hosts.only.place, 'bin', 'rsync');
    writeFileSync(
      file,
      `#!/bin/sh\necho "$PPID $$" >'${place}/pids'\nexec /usr/bin/rsync ${limit === null ? '' : `--bwlimit=${limit}`} "$@"\n`,
    );
    chmodSync(file, 0o755);
  };
  const grow = (): void => {
    for (const name of ['a', 'b', 'c', 'd']) writeFileSync(join(place, 'source', name), Buffer.alloc(6_000_000, name));
  };
  const copying = async (): Promise<{ shell: number; rsync: number }> => {
    while ((await read())?.running?.bytes == null) await sleep(100);
    const [shell = 0, rsync = 0] = readFileSync(join(place, 'pids'), 'utf8').trim().split(' ').map(Number);
    return { shell, rsync };
  };

  test('the plan says what is run, how old the newest copy is, and that it is lost with its host; it is proved by its record', async () => {
    const first = await on.plan(request());
    expect(first).toMatchObject({
      title: 'Backup tree on web1',
      now: [{ text: 'no copy of tree yet', health: 'crit' }],
      undo: expect.stringContaining('nothing is overwritten'),
      undoRequest: null,
      locks: [{ lock: 'backup-tree' }],
      warnings: ['the copy lies on the host it copies: it is lost with it'],
    });
    expect(first.commands.map((command) => command.command.split('\n')[0])).toEqual([
      '# quarterdeck backup check rsync tree',
      '# quarterdeck backup rsync tree',
      '# quarterdeck backup retention rsync',
    ]);
    const done = await on.change(request());
    expect(done).toMatchObject({ kind: 'ok', summary: expect.stringMatching(/^new copy \d{8}T\d{6}Z, 3 B, verified$/) });
    const [copy = ''] = copies();
    expect(readFileSync(join(place, 'copies', copy, 'one'), 'utf8')).toBe('one');
    expect((await on.plan(request())).now[0]?.text).toMatch(/^newest copy \d{8}T\d{6}Z, .* old \(limit 1d2h\), 3 B, verified$/);
    const again = await on.change(request(), reason);
    expect(again).toMatchObject({ kind: 'ok', evidence: expect.arrayContaining([expect.stringContaining('deleted')]) });
    expect(copies()).toHaveLength(1);
    expect(hosts.only.steps()).toEqual([]);
  });

  test('what is only watched, or not there, is refused in words', async () => {
    const watched = await on.executor.plan({ ...request(), name: 'seen' });
    expect(watched).toMatchObject({ ok: false, refusal: { guard: 'not-available', message: expect.stringContaining('only watched') } });
    const none = await on.executor.plan({ ...request(), name: 'tre' });
    expect(none).toMatchObject({ ok: false, refusal: { message: 'the fleet file has no backup "tre"; it has tree, seen' } });
  });

  test('an empty source is refused by the precheck: nothing is sent and the last copy stands', async () => {
    await on.change(request());
    const before = copies();
    rmSync(join(place, 'source', 'one'));
    const refused = await on.change(request(), reason);
    expect(refused).toMatchObject({
      kind: 'refused',
      refusal: { guard: 'precheck', message: expect.stringContaining('is empty: nothing is copied') },
    });
    expect(copies()).toEqual(before);
  });

  test('its progress is told while it runs, also on another console, which is kept from a second one by name', async () => {
    grow();
    speed('5M');
    const told: string[] = [];
    const running = on.change(request(), {}, (progress) => told.push(`${progress.phase} ${progress.text}`));
    await copying();
    const other = await openConsole({ fleet, state: mkdtempSync(join(hosts.directory, 'state-')), who: 'ben@deck' });
    try {
      expect((await read(other))?.running?.bytes).toBeGreaterThan(0);
      const second = await other.executor.plan(request());
      expect(second).toMatchObject({
        ok: false,
        refusal: { guard: 'lock', message: expect.stringContaining('backup tree is already running on web1') },
      });
      const beside = await other.change({ action: 'custom', hostId: hosts.only.id, name: 'change', inputs: { tag: 'beside' } });
      expect(beside.kind).toBe('ok');
    } finally {
      await other.close();
    }
    expect(await running).toMatchObject({ kind: 'ok' });
    expect(told.filter((line) => /^send \d+ %, .*B\/s/.test(line)).length).toBeGreaterThan(0);
  }, 30_000);

  test('its rsync killed half-way is told as failed, in the journal too, and the last good one stands', async () => {
    await on.change(request());
    const [good] = copies();
    grow();
    speed('4M');
    const running = on.change(request(), reason);
    const { rsync } = await copying();
    process.kill(rsync, 'SIGKILL');
    expect(await running).toMatchObject({ kind: 'failed', summary: expect.stringContaining('rsync ended with exit 137') });
    expect(on.journal.tail(1)[0]).toMatchObject({ kind: 'outcome', outcome: 'failed' });
    expect(copies()).toEqual([good]);
    expect(await read()).toMatchObject({
      running: null,
      artifacts: [{ name: good, verified: true }],
      failed: { why: expect.stringContaining('137') },
    });
  }, 30_000);

  test('its shell and rsync killed on the host is told as failed or unknown, never as done', async () => {
    await on.change(request());
    const [good] = copies();
    grow();
    speed('4M');
    const running = on.change(request(), reason);
    const { shell, rsync } = await copying();
    for (const pid of [shell, rsync]) process.kill(pid, 'SIGKILL');
    const outcome = await running;
    expect(['failed', 'unknown']).toContain(outcome.kind);
    expect(copies()).toEqual([good]);
    expect(await read()).toMatchObject({ running: null, failed: { why: expect.stringContaining('killed') } });
  }, 30_000);

  test('after kill -9 of the console it goes on, shows its progress, and the next start adopts its end', async () => {
    grow();
    speed('6M');
    const own = mkdtempSync(join(hosts.directory, 'state-'));
    const child = new ConsoleChild(program, { fleet, state: own, who: 'ann@deck' });
    if ((await child.line('ready')) === null) throw new Error(child.errors);
    child.begin(request());
    await copying();
    await child.kill();
    expect((await read())?.running?.bytes).toBeGreaterThan(0);
    const next = await openConsole({ fleet, state: own, who: 'ann@deck' });
    try {
      const [item, none] = next.executor.recovery.pending();
      if (item === undefined) throw new Error('nothing is open');
      expect(none).toBeUndefined();
      const resolved = await next.executor.recovery.resolve(item, () => {});
      expect(resolved).toMatchObject({ kind: 'closed', outcome: 'ok', summary: expect.stringContaining('new copy') });
    } finally {
      await next.close();
    }
    expect(copies()).toHaveLength(1);
    expect(existsSync(join(place, 'copies', copies()[0] ?? '', 'd'))).toBe(true);
  }, 40_000);
});
