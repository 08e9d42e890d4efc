import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BackupSpec } from '../../../src/fleet/definition.ts';
import { inOwnMounts, ownMountsMissing } from '../../commands/own-mounts.ts';
import { lacks } from '../../probe/needs.ts';
import { Bench } from './bench.ts';

const noRsync = lacks('rsync', '--version') || lacks('flock', '--version');

describe.skipIf(noRsync || ownMountsMissing())('a copy onto a small disk', () => {
  let holder: ChildProcess;
  let place: Bench;
  let bench: Bench;
  beforeEach(async () => {
    place = new Bench();
    const [file = '', ...words] = inOwnMounts(
      `mount -t tmpfs -o size=8m none '${place.path('copies')}'`,
      `mkdir '${place.path('copies')}/to'`,
    );
    holder = spawn(file, [...words, 'sh', '-c', 'echo ready; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => holder.stdout?.once('data', resolve));
    bench = new Bench(['nsenter', '-t', String(holder.pid), '--mount', '--']);
  });
  afterEach(() => {
    holder.kill('SIGKILL');
    bench.stop();
    place.stop();
  });

  const spec = (): BackupSpec => bench.spec({ kind: 'rsync', from: `${bench.path('source')}/`, to: `${place.path('copies')}/to` });
  const big = (name: string, megabytes: number): void =>
    writeFileSync(bench.path('source', name), Buffer.alloc(megabytes * 1_000_000, name));

  test('is refused before it begins when the space left is less than the last one took, and says so', async () => {
    big('a', 9);
    const first = await bench.run(spec());
    expect(first.exit).toBe(1);
    expect(first.stderr).toMatch(/not enough space on .*: \d+ KB are free, and the copy may need \d+ KB/);
    big('a', 5);
    expect(await bench.run(spec())).toMatchObject({ exit: 0 });
    const second = await bench.check(spec());
    expect(second.exit).toBe(1);
    expect(second.stderr).toContain('not enough space');
  });

  test('that fills it half-way has failed, gives the space back, and the last copy stands', async () => {
    big('a', 1);
    expect(await bench.run(spec())).toMatchObject({ exit: 0 });
    big('b', 9);
    const ran = await bench.run(spec());
    expect(ran.exit).toBe(1);
    expect(ran.stderr).toMatch(/the disk of .* is full \(rsync exit \d+\); the half copy was deleted/);
    const reading = await bench.read(spec());
    expect(reading.failed?.why).toContain('is full');
    expect(reading.artifacts).toMatchObject([{ bytes: 1_000_000, verified: true }]);
    rmSync(bench.path('source', 'b'));
    big('a', 2);
    expect(await bench.run(spec())).toMatchObject({ exit: 0 });
  });
});
