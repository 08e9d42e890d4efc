import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BackupProgress } from '../../../src/fleet/backup.ts';
import { lacks } from '../../probe/needs.ts';
import { Bench } from './bench.ts';

const noRsync = lacks('rsync', '--version') || lacks('flock', '--version');

describe.skipIf(noRsync)('a copy with rsync', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(() => bench.stop());

  const tree = (more: Readonly<Record<string, unknown>> = {}) =>
    bench.spec({ kind: 'rsync', from: `${bench.path('source')}/`, to: `${bench.path('copies')}/`, ...more });
  const fill = (files: Readonly<Record<string, string>>): void => {
    for (const [name, text] of Object.entries(files)) writeFileSync(bench.path('source', name), text);
  };
  const copies = (): string[] => readdirSync(bench.path('copies')).filter((name) => !name.startsWith('.'));

  test('is a dated tree with its record; an unchanged file is hard-linked to the one before, a changed one is not', async () => {
    fill({ same: 'same', changed: 'before' });
    expect(await bench.run(tree())).toMatchObject({ exit: 0 });
    fill({ changed: 'after all' });
    expect(await bench.run(tree())).toMatchObject({ exit: 0, stderr: '' });
    const [first = '', second = ''] = copies().toSorted();
    expect([first, second]).toEqual([expect.stringMatching(/^\d{8}T\d{6}Z$/), expect.stringMatching(/^\d{8}T\d{6}Z$/)]);
    const inode = (...path: string[]): number => statSync(bench.path('copies', ...path)).ino;
    expect(inode(first, 'same')).toBe(inode(second, 'same'));
    expect(readFileSync(bench.path('copies', first, 'changed'), 'utf8')).toBe('before');
    expect(readFileSync(bench.path('copies', second, 'changed'), 'utf8')).toBe('after all');
    const reading = await bench.read(tree());
    expect(reading).toMatchObject({ error: null, running: null, failed: null });
    expect(reading.artifacts.map(({ name, bytes, verified }) => ({ name, bytes, verified }))).toEqual([
      { name: second, bytes: 13, verified: true },
      { name: first, bytes: 10, verified: true },
    ]);
    expect(Math.abs(Date.now() - (reading.artifacts[0]?.at ?? 0))).toBeLessThan(60_000);
  });

  test('odd file names, in the source and of it, come through byte for byte', async () => {
    const odd = ["it's", 'a b', '-rf', '$(touch pwned)', 'line\nbreak', '*', '`id`', 'ünï', '\\', '"'];
    const source = bench.path(`so'urce $(x) *`);
    mkdirSync(source);
    for (const name of odd) writeFileSync(`${source}/${name}`, name);
    const spec = bench.spec({ kind: 'rsync', from: `${source}/`, to: bench.path(`co"pies 'q'`) }, "nightly's");
    expect(await bench.check(spec)).toMatchObject({ exit: 0 });
    expect(await bench.run(spec)).toMatchObject({ exit: 0 });
    const [copy] = (await bench.read(spec)).artifacts;
    const folder = bench.path(`co"pies 'q'`, copy?.name ?? '');
    expect(readdirSync(folder).toSorted()).toEqual(odd.toSorted());
    for (const name of odd) expect(readFileSync(`${folder}/${name}`, 'utf8')).toBe(name);
    expect(existsSync(bench.path('pwned'))).toBe(false);
  });

  test('an empty source is refused before anything, and the last copy stands', async () => {
    fill({ one: 'one' });
    await bench.run(tree());
    const before = copies();
    rmSync(bench.path('source', 'one'));
    const refused = await bench.check(tree());
    expect(refused.exit).toBe(1);
    expect(refused.stderr).toContain('is empty: nothing is copied');
    expect(await bench.run(tree())).toMatchObject({ exit: 1 });
    expect(copies()).toEqual(before);
    expect(readFileSync(bench.path('copies', before[0] ?? '', 'one'), 'utf8')).toBe('one');
    const reading = await bench.read(tree());
    expect(reading.artifacts.map((copy) => copy.name)).toEqual(before);
    expect(reading.failed?.why).toContain('is empty');
  });

  test('without its sentinel the source counts as unmounted', async () => {
    fill({ '.mounted': '', data: 'data' });
    const spec = tree({ sentinel: bench.path('source', '.mounted') });
    expect(await bench.run(spec)).toMatchObject({ exit: 0 });
    rmSync(bench.path('source', '.mounted'));
    const refused = await bench.check(spec);
    expect(refused).toMatchObject({ exit: 1 });
    expect(refused.stderr).toContain('is the source mounted?');
    expect(await bench.run(spec)).toMatchObject({ exit: 1 });
    expect(copies()).toHaveLength(1);
  });

  test('a target whose folder above is missing is not made: its disk may not be mounted', async () => {
    fill({ one: 'one' });
    const spec = tree({ to: bench.path('nowhere', 'copies') });
    expect((await bench.check(spec)).stderr).toContain('is not there: is it mounted?');
    expect(await bench.run(spec)).toMatchObject({ exit: 1 });
    expect(existsSync(bench.path('nowhere'))).toBe(false);
    expect((await bench.read(spec)).error).toContain('is not there: is it mounted?');
  });

  test('a copy inside of what is copied is refused', async () => {
    fill({ one: 'one' });
    const refused = await bench.check(tree({ to: bench.path('source', 'copies') }));
    expect(refused.stderr).toContain('the copies would lie in what is copied');
  });

  test('a copy of less than half of the last one fails unless the fleet file allows it', async () => {
    fill({ a: 'x'.repeat(1000), b: 'x'.repeat(1000), c: 'x' });
    await bench.run(tree());
    rmSync(bench.path('source', 'a'));
    rmSync(bench.path('source', 'b'));
    const ran = await bench.run(tree());
    expect(ran.exit).toBe(1);
    expect(ran.stderr).toContain('it shrank from 2001 to 1 bytes');
    const reading = await bench.read(tree());
    expect(reading.artifacts).toHaveLength(1);
    expect(reading.failed?.why).toContain('it shrank');
    expect(await bench.run(tree({ allow_shrink: true }))).toMatchObject({ exit: 0 });
    expect(await bench.read(tree())).toMatchObject({ failed: null, artifacts: [{ bytes: 1 }, { bytes: 2001 }] });
    // What the failed attempt left is gone with the next success.
    expect(copies()).toHaveLength(2);
  });

  test('files that vanish meanwhile are a warning, any other end of rsync is a failure in its own words', async () => {
    fill({ one: 'one' });
    bench.program('rsync', '/usr/bin/rsync "$@"; exit 24');
    const warned = await bench.run(tree());
    expect(warned.exit).toBe(0);
    expect(warned.stderr).toContain('vanished');
    bench.program('rsync', '/usr/bin/rsync "$@"; echo "rsync: [sender] read error (5)" >&2; exit 23');
    const failed = await bench.run(tree());
    expect(failed.exit).toBe(1);
    expect(failed.stderr).toContain('rsync ended with exit 23: rsync: [sender] read error (5)');
    expect((await bench.read(tree())).artifacts).toHaveLength(1);
  });

  test('is watched while it grows, refuses a second one by name, and when killed is told as failed', async () => {
    fill({ small: 'small' });
    await bench.run(tree());
    for (const name of ['a', 'b', 'c', 'd']) writeFileSync(bench.path('source', name), Buffer.alloc(8_000_000, name));
    bench.program('rsync', 'exec /usr/bin/rsync --bwlimit=6M "$@"');
    const { child, ended } = bench.begin(tree());
    const seen: BackupProgress[] = [];
    while (seen.length < 3) {
      const { running } = await bench.read(tree());
      if (running?.bytes != null && running.bytes > (seen.at(-1)?.bytes ?? 0)) seen.push(running);
      await sleep(100);
    }
    const [, , last] = seen;
    expect(last?.pct).toBeGreaterThan(0);
    expect(last?.bytesPerS).toBeGreaterThan(0);
    expect(last?.leftMs).toBeGreaterThan(0);
    expect(Math.abs(Date.now() - (last?.startedAt ?? 0))).toBeLessThan(60_000);
    const second = await bench.check(tree());
    expect(second).toMatchObject({ exit: 75 });
    expect(second.stderr).toContain(`a backup to ${bench.path('copies')} is already running`);
    expect(await bench.run(tree())).toMatchObject({ exit: 75 });
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await ended;
    const reading = await bench.read(tree());
    expect(reading.running).toBeNull();
    expect(reading.failed?.why).toContain('killed');
    expect(reading.artifacts).toHaveLength(1);
    // The next one takes up what was sent, and nothing is left of the half one.
    bench.program('rsync', 'exec /usr/bin/rsync "$@"');
    expect(await bench.run(tree())).toMatchObject({ exit: 0 });
    expect(await bench.read(tree())).toMatchObject({ failed: null, artifacts: [{ bytes: 32_000_005 }, { bytes: 5 }] });
    expect(copies().filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  test('ended by TERM, as its deadline does, it writes down that it failed and stops copying', async () => {
    for (const name of ['a', 'b', 'c', 'd']) writeFileSync(bench.path('source', name), Buffer.alloc(8_000_000, name));
    bench.program('rsync', 'exec /usr/bin/rsync --bwlimit=6M "$@"');
    const { child, ended } = bench.begin(tree());
    while ((await bench.read(tree())).running?.bytes == null) await sleep(100);
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    expect(await ended).toMatchObject({ exit: 1, stderr: expect.stringContaining('called off, or cut off at its deadline') });
    expect(await bench.read(tree())).toMatchObject({ running: null, artifacts: [], failed: { why: expect.stringContaining('cut off') } });
  });

  test('onto another machine is linked to the one before there, and what is complete is known here', async () => {
    fill({ same: 'same' });
    bench.program('ssh', 'shift; exec sh -c "$*"');
    const spec = tree({ from: `${bench.path('source')}/`, to: `away:${bench.path('copies')}` });
    expect(await bench.run(spec)).toMatchObject({ exit: 0 });
    fill({ more: 'more' });
    expect(await bench.run(spec)).toMatchObject({ exit: 0 });
    const [first = '', second = ''] = copies().toSorted();
    expect(statSync(bench.path('copies', first, 'same')).ino).toBe(statSync(bench.path('copies', second, 'same')).ino);
    const reading = await bench.read(spec);
    expect(reading.artifacts.map((copy) => [copy.name, copy.bytes])).toEqual([
      [second, 8],
      [first, 4],
    ]);
    expect(existsSync(bench.path('home', '.local/state/quarterdeck/backups'))).toBe(true);
  });

  test('from another machine an empty source is refused too', async () => {
    bench.program('ssh', 'shift; exec sh -c "$*"');
    const spec = tree({ from: `away:${bench.path('source')}/`, sentinel: bench.path('source', '.mounted') });
    expect((await bench.check(spec)).stderr).toContain('is the source mounted?');
    const plain = tree({ from: `away:${bench.path('source')}/` });
    expect((await bench.check(plain)).stderr).toContain('is empty, or cannot be read');
    fill({ '.mounted': '', data: 'data' });
    expect(await bench.run(spec)).toMatchObject({ exit: 0 });
    expect(await bench.read(spec)).toMatchObject({ artifacts: [{ verified: true, bytes: 4 }] });
  });

  test('only as many verified copies as are kept stay, and none goes while the newest attempt failed', async () => {
    fill({ one: 'one' });
    const spec = tree({ keep: 2 });
    for (let count = 0; count < 3; count += 1) expect(await bench.run(spec)).toMatchObject({ exit: 0 });
    mkdirSync(bench.path('copies', 'of-another'));
    const all = copies().toSorted();
    rmSync(bench.path('source', 'one'));
    await bench.run(spec);
    expect((await bench.retire(spec)).stdout).toContain('the newest attempt failed: no old copy is deleted');
    expect(copies().toSorted()).toEqual(all);
    fill({ one: 'one' });
    expect(await bench.run(spec)).toMatchObject({ exit: 0 });
    const retired = await bench.retire(spec);
    expect(retired.exit).toBe(0);
    expect(retired.stdout.match(/^deleted /gm)).toHaveLength(2);
    const { artifacts } = await bench.read(spec);
    expect(artifacts).toHaveLength(2);
    expect(copies().toSorted()).toEqual([...artifacts.map((copy) => copy.name), 'of-another'].toSorted());
  }, 20_000);
});
