import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lacks } from '../../probe/needs.ts';
import { openConsole } from '../console.ts';
import { BackedUpHost, backupsMissing } from './backed-up-host.ts';

const reason = { reason: 'a test' };

describe.skipIf(backupsMissing())('a backup through the executor, on a real host', () => {
  const host = new BackedUpHost(71);

  test('the plan says what is run, how old the newest copy is, and that it is lost with its host; it is proved by its record', async () => {
    const first = await host.on.plan(host.request);
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
    const done = await host.on.change(host.request);
    expect(done).toMatchObject({ kind: 'ok', summary: expect.stringMatching(/^new copy \d{8}T\d{6}Z, 3 B, verified$/) });
    const [copy = ''] = host.copies();
    expect(readFileSync(join(host.place, 'copies', copy, 'one'), 'utf8')).toBe('one');
    expect((await host.on.plan(host.request)).now[0]?.text).toMatch(/^newest copy \d{8}T\d{6}Z, .* old \(limit 1d2h\), 3 B, verified$/);
    const again = await host.on.change(host.request, reason);
    expect(again).toMatchObject({ kind: 'ok', evidence: expect.arrayContaining([expect.stringContaining('deleted')]) });
    expect(host.copies()).toHaveLength(1);
    expect(host.hosts.only.steps()).toEqual([]);
  });

  test('what is only watched, or not there, is refused in words', async () => {
    const watched = await host.on.executor.plan({ ...host.request, name: 'seen' });
    expect(watched).toMatchObject({ ok: false, refusal: { guard: 'not-available', message: expect.stringContaining('only watched') } });
    const none = await host.on.executor.plan({ ...host.request, name: 'tre' });
    expect(none).toMatchObject({ ok: false, refusal: { message: 'the fleet file has no backup "tre"; it has tree, seen' } });
  });

  test('an empty source is refused by the precheck: nothing is sent and the last copy stands', async () => {
    await host.on.change(host.request);
    const before = host.copies();
    rmSync(join(host.place, 'source', 'one'));
    const refused = await host.on.change(host.request, reason);
    expect(refused).toMatchObject({
      kind: 'refused',
      refusal: { guard: 'precheck', message: expect.stringContaining('is empty: nothing is copied') },
    });
    expect(host.copies()).toEqual(before);
  });

  test('its progress is told while it runs, also on another console, which is kept from a second one by name', async () => {
    host.grow('5M');
    const told: string[] = [];
    const running = host.on.change(host.request, {}, (progress) => told.push(`${progress.phase} ${progress.text}`));
    await host.copying();
    const other = await openConsole({ fleet: host.fleet, state: host.state(), who: 'ben@deck' });
    try {
      expect((await host.read(other))?.running?.bytes).toBeGreaterThan(0);
      const second = await other.executor.plan(host.request);
      expect(second).toMatchObject({
        ok: false,
        refusal: { guard: 'lock', message: expect.stringContaining('backup tree is already running on web1') },
      });
      const beside = await other.change({ action: 'custom', hostId: host.hosts.only.id, name: 'change', inputs: { tag: 'beside' } });
      expect(beside.kind).toBe('ok');
    } finally {
      await other.close();
    }
    expect(await running).toMatchObject({ kind: 'ok' });
    expect(told.filter((line) => /^send \d+ %, .*B\/s/.test(line)).length).toBeGreaterThan(0);
  }, 30_000);

  test.skipIf(lacks('sudo', '--version'))(
    'under sudo it is the same, and read back under sudo',
    async () => {
      const root = host.hosts.fleet(
        {
          ssh: { ...JSON.parse(readFileSync(host.fleet, 'utf8')).ssh, sudo: true },
          backups: { tree: { on: 'web', kind: 'rsync', from: `${host.place}/source/`, to: `${host.place}/it's`, max_age: '26h' } },
        },
        'sudo',
      );
      const other = await openConsole({ fleet: root, state: host.state() });
      try {
        expect(await other.change(host.request)).toMatchObject({ kind: 'ok', summary: expect.stringContaining('verified') });
        expect(readdirSync(join(host.place, "it's")).filter((name) => !name.startsWith('.'))).toHaveLength(1);
        expect((await other.plan(host.request)).commands[1]?.command).toMatch(/^sudo -n -- sh -c '# quarterdeck backup rsync tree\n/);
      } finally {
        await other.close();
      }
    },
    20_000,
  );
});
