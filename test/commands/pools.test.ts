import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PoolBench, poolBenchMissing, startPoolBench } from '../actions/pools/pool-bench.ts';
import { buildProgram, type Ended, quarterdeck } from './program.ts';

describe.skipIf(poolBenchMissing())('act depool and repool on a real HAProxy', () => {
  let bench: PoolBench;
  let home: string;
  let fleet: string;

  beforeAll(async () => {
    buildProgram();
    bench = await startPoolBench(76, 2);
    home = mkdtempSync(join(bench.hosts.directory, 'home-'));
    mkdirSync(join(home, 'state'));
    fleet = bench.fleet('cli');
  }, 60_000);
  afterAll(() => bench?.stop());

  const run = (...args: string[]): Promise<Ended> =>
    quarterdeck(['--fleet', fleet, ...args], { home, env: { XDG_STATE_HOME: join(home, 'state') } });

  test('the exit statuses are those of the contract, and what is owed is said after each', async () => {
    const shown = await run('act', 'depool', 'web1');
    expect(shown.status).toBe(4);
    expect(shown.stdout).toContain('pool web: 2 of 2 in and healthy, 1 without web1, floor 1');
    const out = await run('act', 'depool', 'web1', '--confirm', 'web1', '--reason', 'new kernel');
    expect([out.status, out.stdout.split('\n')[0]]).toEqual([0, 'ok: web1 is out of pool web, 0 connections left; it is owed back']);
    expect(out.stderr).toMatch(/^owed back: web1 is out of pool web since .*Z, by .*: new kernel$/m);
    const last = await run('act', 'depool', 'web2', '--confirm', 'web2');
    expect([last.status, last.stdout]).toEqual([5, '']);
    expect(last.stderr).toContain('its floor is 1: nobody counts; not counted: web1 (out)');
    const recovered = await run('recover');
    expect(recovered.stdout).toMatch(
      /^owed: depool-\S+: web1 is out of pool web since .*\. quarterdeck act repool static\/web1 --pool web puts it back/m,
    );
    const status: unknown = JSON.parse((await run('status', '--json')).stdout);
    expect(status).toMatchObject({ hosts: [{ name: 'web1', pools: [{ name: 'web', state: 'out', health: 'up' }] }, { name: 'web2' }, {}] });
    // A dry run reads the journal's debts and writes nothing.
    const dry = await run('act', 'repool', 'web1', '--dry-run');
    expect([dry.status, dry.stdout]).toEqual([0, expect.stringContaining('Put web1 back into pool web')]);
    const load = bench.load();
    const back = await run('act', 'repool', 'web1', '--confirm', 'web1');
    await load.end();
    expect([back.status, back.stdout.split('\n')[0]]).toEqual([0, 'ok: web1 is in pool web again, and requests reach it']);
    expect(back.stderr).not.toContain('owed back:');
  }, 90_000);

  test('a host of several pools needs the pool’s name, and modes that do not exist are wrong usage', async () => {
    const pools = Object.fromEntries(
      ['web', 'edge'].map((name) => [name, { kind: 'health-file', file: '~/out', members: { role: 'web' } }]),
    );
    const several = bench.fleet('several', { sections: { pools } });
    const asked = await run('--fleet', several, 'act', 'depool', 'web1');
    expect([asked.status, asked.stderr]).toEqual([64, 'web1 belongs to several pools: name one with --pool web, --pool edge\n']);
    expect((await run('--fleet', several, 'act', 'depool', 'web1', '--pool', 'edge')).status).toBe(4);
    expect((await run('act', 'depool', 'web1', '--mode', 'kill')).stderr).toBe('depool takes --mode drain or force\n');
    expect((await run('act', 'depool', 'lb1')).stderr).toBe('lb1 belongs to no pool of the fleet file\n');
  }, 60_000);
});
