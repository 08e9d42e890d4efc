import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Bench } from '../../actions/backups/bench.ts';
import { lacks } from '../needs.ts';

describe.skipIf(lacks('flock', '--version'))('what is watched', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(() => bench.stop());

  const dated = (path: string, hoursAgo: number): void => {
    const at = new Date(Date.now() - hoursAgo * 3_600_000);
    utimesSync(path, at, at);
  };
  const hoursOld = (at: number | undefined): number => Math.round((Date.now() - (at ?? 0)) / 3_600_000);

  test('a file tells its time and size, and nothing says whether it is whole', async () => {
    writeFileSync(bench.path('copies', 'dump.sql'), 'twelve bytes');
    dated(bench.path('copies', 'dump.sql'), 5);
    const reading = await bench.read(bench.spec({ watch: bench.path('copies', 'dump.sql') }));
    expect(reading).toMatchObject({
      error: null,
      running: null,
      artifacts: [{ name: 'dump.sql', bytes: 12, verified: null, tookMs: null }],
    });
    expect(hoursOld(reading.artifacts[0]?.at)).toBe(5);
  });

  test('rsnapshot’s folders are told newest first by their own time; what lies in them is not walked', async () => {
    for (const [index, hours] of [2, 26, 50].entries()) {
      mkdirSync(bench.path('copies', `daily.${index}`));
      writeFileSync(bench.path('copies', `daily.${index}`, 'new'), '');
      dated(bench.path('copies', `daily.${index}`), hours);
    }
    const reading = await bench.read(bench.spec({ watch: bench.path('copies', 'daily.0') }));
    expect(reading.artifacts.map((copy) => [copy.name, hoursOld(copy.at), copy.bytes])).toEqual([
      ['daily.0', 2, null],
      ['daily.1', 26, null],
      ['daily.2', 50, null],
    ]);
  });

  test('a missing file in a folder that is there is no copy; a missing folder is an error in words, never an age', async () => {
    expect(await bench.read(bench.spec({ watch: bench.path('copies', 'none') }))).toMatchObject({ error: null, artifacts: [] });
    const gone = await bench.read(bench.spec({ watch: bench.path('unmounted', 'none') }));
    expect(gone.artifacts).toEqual([]);
    expect(gone.error).toContain('is not there: is it mounted?');
  });

  test('a command is proved by what it leaves; one that leaves nothing new has failed, whatever its exit', async () => {
    const made = bench.path('copies', 'made');
    const spec = bench.spec({ kind: 'command', run: `echo "it's" >'${made}'`, watch: made }, 'own');
    expect(await bench.run(spec)).toMatchObject({ exit: 0 });
    const reading = await bench.read(spec);
    expect(reading.artifacts).toHaveLength(1);
    expect(reading.artifacts[0]).toMatchObject({ bytes: 5, verified: true, name: expect.stringMatching(/^made \d{8}T\d{6}Z$/) });
    dated(made, 1);
    const idle = bench.spec({ kind: 'command', run: 'true', watch: made }, 'own');
    expect(await bench.run(idle)).toMatchObject({ exit: 1, stderr: expect.stringContaining('is not newer than its start') });
    expect((await bench.read(idle)).failed?.why).toContain('not newer');
    const bad = bench.spec({ kind: 'command', run: 'echo no space >&2; exit 3', watch: made }, 'own');
    expect((await bench.run(bad)).stderr).toContain('the command ended with exit 3: no space');
  });

  test('without anything to watch a command’s copy stays unproven', async () => {
    const spec = bench.spec({ kind: 'command', run: 'true' }, 'own');
    expect(await bench.run(spec)).toMatchObject({ exit: 0 });
    expect((await bench.read(spec)).artifacts).toMatchObject([{ verified: null, bytes: null }]);
  });

  test('rsnapshot’s own lock is respected, and its warnings are not failures', async () => {
    const daily = bench.path('copies', 'daily.0');
    bench.program('rsnapshot', `echo "$@" >'${bench.path('called')}'; mkdir -p '${daily}'; touch '${daily}/x' '${daily}'; exit 2`);
    const lock = bench.path('rsnapshot.pid');
    const spec = bench.spec({ kind: 'rsnapshot', interval: 'daily', config: bench.path('conf'), watch: daily, lock }, 'daily');
    writeFileSync(lock, `${process.pid}\n`);
    expect(await bench.check(spec)).toMatchObject({ exit: 75 });
    writeFileSync(lock, '999999999\n');
    const ran = await bench.run(spec);
    expect(ran).toMatchObject({ exit: 0, stderr: expect.stringContaining('ended with warnings (exit 2)') });
    expect((await bench.read(spec)).artifacts).toMatchObject([{ verified: true }]);
  });
});
