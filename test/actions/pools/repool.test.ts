import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type PoolBench, poolBenchMissing, startPoolBench } from './pool-bench.ts';
import { depoolOf, PoolConsoles, repoolOf, said } from './pool-consoles.ts';

describe.skipIf(poolBenchMissing())('putting members of a real HAProxy back', () => {
  let bench: PoolBench;
  let consoles: PoolConsoles;
  beforeAll(async () => {
    bench = await startPoolBench(73, 2);
    consoles = new PoolConsoles(bench, bench.fleet('usual'));
  }, 60_000);
  afterAll(() => bench?.stop());
  beforeEach(() => consoles.reset());
  afterEach(() => consoles.close());

  test('what nobody here took out is not put back; what a colleague took out only with a reason', async () => {
    const [ann, bob] = [await consoles.open(), await consoles.open({ who: 'bob@right' })];
    await bench.admin('set server web/web2 state drain');
    expect(said(await ann.change(repoolOf('web2')))).toMatch(/^refused \(owner\): web2 is out in pool web, but no console took it out/);
    await bench.admin('set server web/web2 state ready');
    await sleep(500);
    expect(said(await ann.change(depoolOf('web1'), { reason: 'disk' }))).toMatch(/^ok/);
    const plan = await bob.plan(repoolOf('web1'));
    expect(plan.reasonNeeded).toMatch(/^web1 was taken out since .*, by ann@left: disk: say why you put it back$/);
    expect(said(await bob.change(repoolOf('web1')))).toMatch(/^refused \(reason\)/);
    const load = bench.load();
    expect(said(await bob.change(repoolOf('web1'), { reason: 'ann asked me to' }))).toMatch(/^ok/);
    await load.end();
    // Ann's own record still says that she owes it: the balancer says in, and a person's word ends it.
    const [debt] = ann.executor.debts.list();
    expect(ann.executor.debts.settle(debt?.id ?? '', '')).toMatchObject({ guard: 'reason' });
    expect(ann.executor.debts.settle(debt?.id ?? '', 'bob put it back')).toBeNull();
    expect(ann.executor.debts.list()).toEqual([]);
  }, 60_000);

  test('a host that is not well does not go back, and the missing rounds are said', async () => {
    const one = await consoles.open();
    expect(said(await one.change(depoolOf('web1')))).toMatch(/^ok/);
    bench.webs[0]?.host.set('units/nginx', `${'9'.repeat(32)} failed failed\n`);
    expect(said(await one.change(repoolOf('web1')))).toMatch(
      /^refused \(precheck\): web1 goes back into pool web only once it is well \(crit: .*\): 0 of 2 good rounds in a row so far$/,
    );
    bench.webs[0]?.host.set('units/nginx', null);
    const load = bench.load();
    expect(said(await one.change(repoolOf('web1')))).toMatch(/^ok/);
    await load.end();
  }, 60_000);

  test('a drain that the balancer forgot is put back by its debt, which then is paid', async () => {
    const one = await consoles.open();
    expect(said(await one.change(depoolOf('web1')))).toMatch(/^ok/);
    await bench.admin('set server web/web1 state ready');
    await sleep(500);
    const plan = await one.plan(repoolOf('web1'));
    expect(plan.warnings).toContain('the balancer has web1 in already: it forgot, or somebody put it back; what was saved is set again');
    const load = bench.load();
    expect(said(await one.change(repoolOf('web1')))).toMatch(/^ok/);
    await load.end();
    expect(one.executor.debts.list()).toEqual([]);
    expect(said(await one.change(repoolOf('web1')))).toBe('refused (already): nothing to do: web1 is in pool web, and nobody owes it');
  }, 60_000);
});
