import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, statSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readJournal } from '../../src/journal/reader.ts';
import { openJournal } from '../../src/journal/sqlite-journal.ts';
import { verifyJournal } from '../../src/journal/verify.ts';
import { acknowledged, clock, newEntry, outputOf, ownDir, skipWithout, startWriter } from './fixture.ts';

function actionIds(dir: string): ReadonlySet<string> {
  const reader = readJournal(dir);
  const ids = new Set((reader?.tail(1_000_000) ?? []).map((entry) => entry.actionId ?? ''));
  reader?.close();
  return ids;
}

test('two consoles append at once and the chain stays whole', async () => {
  const dir = ownDir();
  const outputs = await Promise.all(['left', 'right'].map((name) => outputOf(startWriter({ dir, name, count: 500 }))));
  for (const output of outputs) expect(acknowledged(output)).toHaveLength(500);
  expect(verifyJournal(dir)).toMatchObject({ ok: true, entries: 1000 });
}, 60_000);

test('no acknowledged entry is lost by twenty kills', async () => {
  const dir = ownDir();
  const acks: string[] = [];
  for (let round = 0; round < 20; round += 1) {
    const child = startWriter({ dir, name: `kill${round}`, count: 0 });
    const output = outputOf(child);
    await new Promise((heard) => child.stdout?.once('data', heard));
    await sleep((round * 37) % 90);
    child.kill('SIGKILL');
    acks.push(...acknowledged(await output));
  }
  expect(acks.length).toBeGreaterThan(100);
  const ids = actionIds(dir);
  expect(acks.filter((id) => !ids.has(id))).toEqual([]);
  // At most the one entry of each round that was written and not yet acknowledged is more.
  expect(ids.size - acks.length).toBeLessThanOrEqual(20);
  expect(verifyJournal(dir)).toMatchObject({ ok: true, entries: ids.size });
}, 60_000);

function canMount(): boolean {
  if (process.getuid?.() !== 0) return false;
  const dir = mkdtempSync(join(tmpdir(), 'qd-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', dir]).status === 0;
  if (mounted) execFileSync('umount', [dir]);
  rmdirSync(dir);
  return mounted;
}

describe.skipIf(skipWithout(canMount()))('on a full disk (needs root and tmpfs)', () => {
  function smallDisk(): string {
    const dir = ownDir();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k,mode=0700', 'none', dir]);
    onTestFinished(() => void spawnSync('umount', ['-l', dir]));
    return dir;
  }

  test('acknowledged is present, and the failure is one sentence', () => {
    const dir = smallDisk();
    const journal = openJournal(dir, clock);
    let acked = 0;
    let said = '';
    for (let index = 0; index < 1000 && said === ''; index += 1) {
      try {
        journal.append(newEntry({ detail: { padding: 'x'.repeat(300) } }));
        acked += 1;
      } catch (error) {
        said = error instanceof Error ? error.message : '';
      }
    }
    expect(acked).toBeGreaterThan(3);
    expect(said).toBe(`The journal ${join(dir, 'journal.sqlite')} cannot be written: the disk is full; make room there.`);
    expect(journal.failure).toBe(said);
    expect(journal.tail(1000)).toHaveLength(acked);
    journal.close();
    expect(verifyJournal(dir)).toMatchObject({ ok: true, entries: acked });
  });

  test('when there is room again an append is taken and the failure is over', () => {
    const dir = smallDisk();
    const ballast = join(dir, 'ballast');
    const journal = openJournal(dir, clock);
    journal.append(newEntry());
    const fill = spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=1k']);
    expect([fill.status, statSync(ballast).size > 0]).toEqual([1, true]);
    expect(() => {
      for (let index = 0; index < 100; index += 1) journal.append(newEntry());
    }).toThrow('the disk is full');
    const before = journal.tail(1000).length;
    unlinkSync(ballast);
    // Known without an append: who waits for it makes none.
    expect(journal.failure).toBe(null);
    expect(journal.append(newEntry()).seq).toBe(before + 1);
    expect(journal.failure).toBe(null);
    journal.close();
    expect(verifyJournal(dir)).toMatchObject({ ok: true, entries: before + 1 });
  });

  test('a journal that cannot even be made says so', () => {
    const dir = smallDisk();
    spawnSync('dd', ['if=/dev/zero', `of=${join(dir, 'ballast')}`, 'bs=1k']);
    const journal = openJournal(dir, clock);
    expect(journal.failure).toContain('the disk is full');
    journal.close();
  });
});

const canTrace = spawnSync('strace', ['-f', '-e', 'trace=none', 'true']).status === 0;

describe.skipIf(skipWithout(canTrace))('with faults in system calls (needs strace)', () => {
  test.each([
    ['a sync that fails', 'fdatasync,fsync:error=EIO:when=12+'],
    ['a write that finds no room', 'pwrite64:error=ENOSPC:when=30+'],
    ['a write that fails', 'pwrite64:error=EIO:when=33+'],
  ])(
    '%s loses nothing acknowledged and is said',
    async (_what, inject) => {
      const dir = ownDir();
      const command = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=fdatasync,fsync,pwrite64', '-e', `inject=${inject}`];
      const output = await outputOf(startWriter({ dir, name: 'faulty', count: 60, command }));
      expect(output).toMatch(/^failed JournalError: The journal .* cannot be written: .*[.]$/m);
      expect(output).not.toContain('failure none');
      const acks = acknowledged(output);
      expect(acks.length).toBeGreaterThan(0);
      expect(acks.length).toBeLessThan(60);
      const ids = actionIds(dir);
      expect(acks.filter((id) => !ids.has(id))).toEqual([]);
      expect(verifyJournal(dir)).toMatchObject({ ok: true });
    },
    60_000,
  );

  test('after a failed sync nothing more is acknowledged until it is opened again', async () => {
    const dir = ownDir();
    const command = [
      'strace',
      '-f',
      '-qq',
      '-o',
      '/dev/null',
      '-e',
      'trace=fdatasync,fsync',
      '-e',
      'inject=fdatasync,fsync:error=EIO:when=15',
    ];
    const output = await outputOf(startWriter({ dir, name: 'once', count: 60, command }));
    const lines = output.split('\n').filter((line) => line !== '');
    const failed = lines.findIndex((line) => line.startsWith('failed'));
    expect(failed).toBeGreaterThan(0);
    expect(lines.slice(failed).some((line) => line.startsWith('ack'))).toBe(false);
    const journal = openJournal(dir, clock);
    expect(journal.failure).toBe(null);
    journal.append(newEntry());
    journal.close();
    expect(verifyJournal(dir)).toMatchObject({ ok: true });
  }, 60_000);
});

test('a journal held by another process is waited for, then told, and is not a failure', async () => {
  const dir = ownDir();
  const journal = openJournal(dir, clock, { busyMs: 100 });
  journal.append(newEntry());
  const script = "new DatabaseSync(process.argv[1]).exec('BEGIN IMMEDIATE'); console.log('held'); setInterval(() => {}, 1000)";
  const holder = spawn(
    process.execPath,
    ['-e', `const { DatabaseSync } = require('node:sqlite'); ${script}`, join(dir, 'journal.sqlite')],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  onTestFinished(() => void holder.kill('SIGKILL'));
  await new Promise((held) => holder.stdout.once('data', held));
  expect(() => journal.append(newEntry())).toThrow('is held by another quarterdeck');
  expect(journal.failure).toBe(null);
  holder.kill('SIGKILL');
  await new Promise((gone) => holder.once('close', gone));
  expect(journal.append(newEntry()).seq).toBe(2);
  journal.close();
});
