import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type PoolBench, poolBenchMissing, startPoolBench } from './pool-bench.ts';
import { depoolOf, PoolConsoles, repoolOf, said } from './pool-consoles.ts';

describe.skipIf(poolBenchMissing())('taking members of a real HAProxy out', () => {
  let bench: PoolBench;
  let consoles: PoolConsoles;
  beforeAll(async () => {
    bench = await startPoolBench(71, 2);
    consoles = new PoolConsoles(bench, bench.fleet('usual'));
  }, 60_000);
  afterAll(() => bench?.stop());
  beforeEach(() => consoles.reset());
  afterEach(() => consoles.close());

  test('out, restarted and back again under load: no request fails, and each step is proven', async () => {
    const one = await consoles.open();
    const restart = { action: 'restart', hostId: 'static/web1', service: 'nginx' } as const;
    expect((await one.plan(restart)).warnings).toContain('web1 is in pool web: requests fail while the service is down');
    const load = bench.load();
    const out = await one.change(depoolOf('web1'), { reason: 'new kernel' });
    expect(said(out)).toBe('ok: web1 is out of pool web, 0 connections left; it is owed back');
    expect(out.kind === 'ok' && out.evidence).toContain('the balancer counts no further request for it');
    expect(one.executor.debts.list()).toMatchObject([
      { what: 'web1 is out of pool web', who: 'ann@left', reason: 'new kernel', pool: 'web' },
    ]);
    expect(one.session.live.debts()).toHaveLength(1);
    expect(one.session.live.view('static/web1')?.pools).toMatchObject([{ name: 'web', state: 'out', connections: 0 }]);
    const before = bench.webs[0]?.requests;
    expect(said(await one.change(restart))).toMatch(/^ok/);
    expect(bench.webs[0]?.requests).toBe(before);
    const back = await one.change(repoolOf('web1'));
    const statuses = await load.end();
    expect(said(back)).toBe('ok: web1 is in pool web again, and requests reach it');
    expect(one.executor.debts.list()).toEqual([]);
    expect([...statuses.keys()]).toEqual([200]);
    expect(statuses.get(200)).toBeGreaterThan(20);
    expect(bench.lb.locks()).toEqual([]);
  }, 60_000);

  test('the floor refuses the second member, naming who does not count; the first is out already, and by whom', async () => {
    const one = await consoles.open();
    expect(said(await one.change(depoolOf('web1')))).toMatch(/^ok/);
    expect(said(await one.change(depoolOf('web2')))).toBe(
      'refused (floor): taking web2 out would leave pool web with 0 of 2 in and healthy, its floor is 1: nobody counts; not counted: web1 (out)',
    );
    expect(said(await one.change(depoolOf('web1')))).toMatch(
      /^refused \(already\): nothing to do: web1 is already out of pool web, since \d{4}-\d\d-\d\d \d\d:\d\dZ, by ann@left$/,
    );
    expect(said(await one.change(depoolOf('web2', 'force')))).toMatch(/^refused \(precheck\): force only cuts off what a drain left over/);
  }, 60_000);

  test('several members go only where all of them may be out in the end', async () => {
    const one = await consoles.open();
    expect(await one.executor.bulk.plan([depoolOf('web1'), depoolOf('web2')])).toMatchObject({
      ok: false,
      refusal: {
        guard: 'floor',
        message: 'taken out one after the other they are all out in the end: pool web would keep 0 healthy of 2, and its floor is 1',
      },
    });
  });

  test('a drain that runs out of time says what is left; force cuts it off; undo is the way back', async () => {
    const fleet = bench.fleet('short', { pool: { drain: { ports: [8088], atMost: 0, timeout: '2s' } } });
    const one = await consoles.open({ fleet });
    for (const web of bench.webs) web.slowMs = 8000;
    const slow = [bench.ask(), bench.ask()];
    await sleep(300);
    for (const web of bench.webs) web.slowMs = 0;
    const told: string[] = [];
    const out = await one.change(depoolOf('web1'), {}, (progress) => told.push(progress.text));
    expect(said(out)).toBe(
      'failed: web1 takes no new requests from pool web, and 1 connections are left after 2s (at most 0): ' +
        'wait (depool again), cut them off (mode force), or put it back (repool)',
    );
    expect(told).toContain('1 connections left (at most 0)');
    expect(one.executor.debts.list()).toHaveLength(1);
    expect(said(await one.change(depoolOf('web1', 'force')))).toMatch(/^ok: web1 is out of pool web/);
    // The other member's request ends as it should; the one that was cut off does not.
    expect((await Promise.all(slow)).filter((status) => status === 200)).toHaveLength(1);
    expect(one.executor.debts.list()).toHaveLength(1);
    const undo = await one.executor.planUndo();
    if (!undo.ok) throw new Error(undo.refusal.message);
    expect(undo.plan.title).toBe('Put web1 back into pool web');
    one.executor.arm(undo.plan.env);
    const load = bench.load();
    expect(said(await one.executor.execute(undo.plan, undo.plan.confirmation.word, () => {}))).toMatch(/^ok/);
    await load.end();
    expect(one.executor.debts.list()).toEqual([]);
  }, 60_000);
});
