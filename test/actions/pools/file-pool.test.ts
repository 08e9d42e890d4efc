import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type PoolBench, poolBenchMissing, startPoolBench } from './pool-bench.ts';
import { depoolOf, PoolConsoles, repoolOf, said } from './pool-consoles.ts';

describe.skipIf(poolBenchMissing())('members that leave by a file which their health check looks at', () => {
  let bench: PoolBench;
  let consoles: PoolConsoles;
  const file = (index: number): string => join(bench.webs[index]?.host.place ?? '', 'home', 'out');

  beforeAll(async () => {
    bench = await startPoolBench(74, 2);
    const pool = { kind: 'health-file', on: undefined, socket: undefined, backend: undefined, file: '~/out' };
    consoles = new PoolConsoles(bench, bench.fleet('file', { pool }));
  }, 60_000);
  afterAll(() => bench?.stop());
  beforeEach(() => {
    for (const index of [0, 1]) rmSync(file(index), { force: true });
  });
  afterEach(() => consoles.close());

  test('the file is laid and taken away, the pool is locked on every member that answers, and requests stop and come again', async () => {
    const one = await consoles.open();
    const plan = await one.plan(depoolOf('web1'));
    expect(plan.locks).toEqual([
      { hostId: 'static/web1', hostName: 'web1', lock: 'pool-web', needed: true },
      { hostId: 'static/web2', hostName: 'web2', lock: 'pool-web', needed: false },
    ]);
    // The members share this machine's sockets, so the other's load would be counted for this one.
    expect(said(await one.change(depoolOf('web1')))).toMatch(/^ok: web1 is out of pool web/);
    while ((await bench.admin('show stat web 4 -1')).split('\n').every((row) => !row.includes('web1') || !row.includes('DOWN')))
      await sleep(50);
    expect(existsSync(file(0))).toBe(true);
    expect(said(await one.change(depoolOf('web2')))).toMatch(/^refused \(floor\)/);
    const load = bench.load();
    const back = await one.change(repoolOf('web1'));
    expect(said(back)).toMatch(/^ok: web1 is in pool web again/);
    expect(existsSync(file(0))).toBe(false);
    expect([...(await load.end()).keys()]).toEqual([200]);
  }, 60_000);

  test('a drain that ran out of time is waited for again, and the file that lies there is no hindrance', async () => {
    const one = await consoles.open();
    const held = connect(8088, bench.webs[0]?.host.sshd.address);
    await once(held, 'connect');
    const left = /^failed: web1 takes no new requests from pool web, and \d+ connections are left after 5s/;
    expect(said(await one.change(depoolOf('web1')))).toMatch(left);
    expect(said(await one.change(depoolOf('web1')))).toMatch(left);
    held.destroy();
    expect(one.executor.debts.list()).toHaveLength(1);
  }, 60_000);

  test('two consoles that take one member each at the same moment: one is refused, and one member stays', async () => {
    const [ann, bob] = [await consoles.open(), await consoles.open({ who: 'bob@right' })];
    const outcomes = await Promise.all([ann.change(depoolOf('web1')), bob.change(depoolOf('web2'))]);
    const refused = outcomes.flatMap((outcome) => (outcome.kind === 'refused' ? [outcome.refusal.guard] : []));
    expect(refused).toHaveLength(1);
    expect(['lock', 'floor']).toContain(refused[0]);
    expect([0, 1].filter((index) => existsSync(file(index)))).toHaveLength(1);
  }, 60_000);
});
