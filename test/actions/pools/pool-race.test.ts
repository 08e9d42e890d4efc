import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ActionRequest } from '../../../src/actions/request.ts';
import { buildChild, type ChildProgram, ConsoleChild } from '../child.ts';
import { openConsole } from '../console.ts';
import { type PoolBench, poolBenchMissing, startPoolBench } from './pool-bench.ts';

describe.skipIf(poolBenchMissing())('two consoles, one pool', () => {
  let bench: PoolBench;
  let program: ChildProgram;
  beforeAll(async () => {
    [bench, program] = await Promise.all([startPoolBench(72, 2), buildChild()]);
  }, 60_000);
  afterAll(async () => {
    await bench?.stop();
    program?.remove();
  });

  const depool = (name: string): ActionRequest => ({ action: 'depool', hostId: `static/${name}`, pool: 'web', mode: 'drain' });
  const newState = (): string => mkdtempSync(join(bench.hosts.directory, 'state-'));
  const states = async (): Promise<string[]> => {
    const rows = (await bench.admin('show servers state web')).split('\n').filter((line) => /^\d+ web /.test(line));
    return rows.map((line) => (line.split(' ')[6] === '0' ? 'ready' : 'out'));
  };

  test('each takes another member out at the same moment: one is refused, by the lock or by the floor, and one member stays', async () => {
    const fleet = bench.fleet('race');
    const consoles = ['ann@left', 'bob@right'].map((who) => new ConsoleChild(program, { fleet, who, state: newState() }));
    for (const one of consoles) expect(await one.line('ready'), one.errors).toBe('ready');
    const refusals: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      const outcomes = await Promise.all(consoles.map((one, side) => one.change(depool(`web${side + 1}`), { reason: `round ${round}` })));
      expect(outcomes.filter((outcome) => outcome?.kind === 'ok')).toHaveLength(1);
      refusals.push(...outcomes.flatMap((outcome) => (outcome?.kind === 'refused' ? [outcome.refusal.guard] : [])));
      expect((await states()).toSorted()).toEqual(['out', 'ready']);
      for (const web of bench.webs) await bench.admin(`set server web/${web.host.name} state ready`);
      await sleep(500);
    }
    await Promise.all(consoles.map((one) => one.end()));
    expect(refusals).toHaveLength(4);
    expect(refusals.filter((guard) => guard !== 'lock' && guard !== 'floor')).toEqual([]);
    expect(bench.lb.steps()).toEqual([]);
  }, 60_000);

  test('a console killed in the middle leaves the debt to be seen at the next start, and recovery proves what became of it', async () => {
    const state = newState();
    const fleet = bench.fleet('killed', { pool: { drain: { ports: [8088], atMost: 0, timeout: '20s' } } });
    const [first] = bench.webs;
    if (first === undefined) throw new Error('There is a web server.');
    const child = new ConsoleChild(program, { fleet, who: 'ann@left', state });
    expect(await child.line('ready'), child.errors).toBe('ready');
    for (const web of bench.webs) web.slowMs = 10_000;
    const slow = [bench.ask(), bench.ask()];
    await sleep(200);
    for (const web of bench.webs) web.slowMs = 0;
    child.begin(depool('web1'), { reason: 'kernel' });
    await child.line('progress verify');
    await child.kill();

    const next = await openConsole({ fleet, who: 'ann@left', state });
    expect(next.executor.debts.list()).toMatchObject([{ what: 'web1 is out of pool web', who: 'ann@left', reason: 'kernel' }]);
    expect(next.session.live.debts()).toHaveLength(1);
    const [item] = next.executor.recovery.pending();
    if (item === undefined) throw new Error('It was interrupted.');
    expect(await next.executor.recovery.resolve(item, () => {})).toMatchObject({ kind: 'closed', outcome: 'ok' });
    // Proven to be out: still owed.
    expect(next.executor.debts.list()).toHaveLength(1);
    expect(await Promise.all(slow)).toEqual([200, 200]);
    const load = bench.load();
    const back = await next.change({ action: 'repool', hostId: 'static/web1', pool: 'web' });
    await load.end();
    expect(back.kind).toBe('ok');
    expect(next.executor.debts.list()).toEqual([]);
    await next.close();
  }, 60_000);

  test('a change that never began leaves no debt', async () => {
    const state = newState();
    const fleet = bench.fleet('never');
    const child = new ConsoleChild(program, { fleet, who: 'ann@left', state });
    expect(await child.line('ready'), child.errors).toBe('ready');
    // The journal's entry of the debt comes just before the sending.
    child.begin(depool('web1'), { reason: 'kernel' });
    await child.line('ack debt-open');
    await child.kill();
    const next = await openConsole({ fleet, who: 'ann@left', state });
    const [item] = next.executor.recovery.pending();
    if (item === undefined) throw new Error('It was interrupted.');
    const resolved = await next.executor.recovery.resolve(item, () => {});
    const out = (await states())[0] === 'out';
    expect([resolved.kind === 'closed' && resolved.outcome, next.executor.debts.list().length]).toEqual(out ? ['ok', 1] : ['failed', 0]);
    await next.close();
  }, 60_000);
});
