import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type PoolBench, poolBenchMissing, startPoolBench } from './pool-bench.ts';
import { depoolOf, PoolConsoles, repoolOf, said } from './pool-consoles.ts';

describe.skipIf(poolBenchMissing())('a real HAProxy with one member out', () => {
  let bench: PoolBench;
  let consoles: PoolConsoles;
  beforeAll(async () => {
    bench = await startPoolBench(75, 2);
    consoles = new PoolConsoles(bench, bench.fleet('usual'));
  }, 60_000);
  afterAll(() => bench?.stop());
  beforeEach(() => consoles.reset());
  afterEach(() => consoles.close());

  test('an idle pool cannot show traffic, and says so; the weight is as it was', async () => {
    const one = await consoles.open();
    await bench.admin('set server web/web1 weight 7');
    expect(said(await one.change(depoolOf('web1')))).toMatch(/^ok/);
    await bench.admin('set server web/web1 weight 3');
    const back = await one.change(repoolOf('web1'));
    expect([back.kind, back.kind === 'ok' && back.evidence.at(-1)]).toEqual(['ok', 'no requests came, so traffic is not proven']);
    expect(await bench.admin('get weight web/web1')).toContain('7 (initial 10)');
    await bench.admin('set server web/web1 weight 10');
  }, 60_000);

  test('the last member that serves is restarted only with a reason that names the floor', async () => {
    const one = await consoles.open();
    const restart = (name: string) => one.plan({ action: 'restart', hostId: `static/${name}`, service: 'nginx' });
    expect((await restart('web2')).reasonNeeded).toBeNull();
    expect(said(await one.change(depoolOf('web1')))).toMatch(/^ok/);
    expect((await restart('web2')).reasonNeeded).toBe(
      'pool web would keep 0 healthy of 2, and its floor is 1: say why it is restarted all the same',
    );
    expect((await restart('web1')).reasonNeeded).toBeNull();
  }, 60_000);
});
