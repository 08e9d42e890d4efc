import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { command } from '../../../src/actions/pools/kinds/command.ts';
import { PoolBench, refusalOf } from '../../probe/pools/bench.ts';

const pool = {
  kind: 'command',
  depool: 'printf %s {{ member }} > ~/gone',
  repool: 'rm ~/gone',
  state: 'if test -e ~/gone; then echo out; else echo in; fi',
  members: { role: 'web' },
};

describe('a pool of the fleet file’s own commands', () => {
  let bench: PoolBench;
  afterEach(() => bench.stop());

  test('is asked and changed on the member itself when it names no role', async () => {
    bench = new PoolBench([{ name: "we'b $(x)" }, { name: 'web2' }], { web: pool });
    expect((await bench.read()).members.map(({ state }) => state)).toEqual(['in', 'in']);
    const target = await bench.target("we'b $(x)");
    expect(command.hosts(bench.driverContext(), target)).toEqual([target.view.host.id]);
    await bench.done(command.drain(bench.driverContext(), target));
    expect(readFileSync(join(bench.home("we'b $(x)"), 'gone'), 'utf8')).toBe("we'b $(x)");
    expect((await bench.read()).members.map(({ state }) => state)).toEqual(['out', 'in']);
    await bench.done(command.restore(bench.driverContext(), target, {}));
    expect((await bench.read()).members.map(({ state }) => state)).toEqual(['in', 'in']);
  });

  test('is asked and changed on every host of its role', async () => {
    bench = new PoolBench([{ name: 'web1' }, { name: 'lb1', role: 'lb' }, { name: 'lb2', role: 'lb' }], { web: { ...pool, on: 'lb' } });
    const target = await bench.target('web1');
    expect(command.hosts(bench.driverContext(), target)).toEqual(['static/lb1', 'static/lb2']);
    await bench.done(command.drain(bench.driverContext(), target));
    expect(readFileSync(join(bench.home('lb2'), 'gone'), 'utf8')).toBe('web1');
    expect(await bench.member('web1')).toMatchObject({ state: 'out' });
    await bench.run('lb1', 'rm ~/gone');
    expect(await bench.read()).toMatchObject({
      members: [{ state: 'in' }],
      warnings: ['the balancers differ about web1: lb1 in, lb2 out'],
    });
  });

  test.each([['IN'], ['in out'], ['yes'], [''], ['in\nin'], ['\u001b[2Jin'], ['out!']])('that prints %j is unknown', async (text) => {
    bench = new PoolBench([{ name: 'web1' }], { web: { ...pool, state: 'cat ~/said' } });
    writeFileSync(join(bench.home('web1'), 'said'), text);
    const reading = await bench.read();
    expect(reading.members).toMatchObject([{ state: 'unknown', health: 'unknown' }]);
    expect(JSON.stringify(reading)).not.toContain('\u001b');
  });

  test('that fails, and whose places cannot be filled, is unknown with the reason', async () => {
    bench = new PoolBench([{ name: 'web1' }], {
      web: { ...pool, state: 'echo in; echo no such pool >&2; exit 3' },
      other: { ...pool, state: 'x {{ zone }}', depool: 'x "{{ member }}"' },
    });
    expect((await bench.read('web')).error).toBe('web1: no such pool');
    expect((await bench.read('other')).error).toBe('the inventory gives web1 no zone');
    bench.stop();
    bench = new PoolBench([{ name: 'we b' }], { other: { ...pool, depool: 'x "{{ member }}"' } });
    expect(refusalOf(command.drain(bench.driverContext(), await bench.target('we b')))).toBe(
      'pools.other.depool: write {{ member }} without quotes around it: it is quoted where it lands, and we\\x20b needs that',
    );
  });

  test('runs under the privilege of its hosts', async () => {
    bench = new PoolBench([{ name: 'web1' }], { web: pool }, { ssh: { sudo: true } });
    const change = command.drain(bench.driverContext(), await bench.target('web1'));
    expect(change).toMatchObject({
      commands: [{ command: "sudo -n -- sh -c 'printf %s web1 > ~/gone'", hostName: 'web1', purpose: 'change', cloud: null }],
    });
  });
});
