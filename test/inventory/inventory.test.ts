import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Host } from '../../src/fleet/host.ts';
import { Inventory } from '../../src/inventory/inventory.ts';
import type { Provider, SourceListing } from '../../src/inventory/provider.ts';

function host(source: string, name: string, zone: string | null = null): Host {
  const ssh = { user: null, port: null };
  return {
    id: `${source}/${name}`,
    name,
    role: null,
    env: 'default',
    zone,
    address: name,
    ssh,
    labels: {},
    provider: 'static',
    source,
    cloudState: null,
  };
}

function source(name: string, list: Provider['list'], times: { refreshMs?: number; deadlineMs?: number } = {}): Provider {
  return { name, kind: 'gce', refreshMs: 60_000, deadlineMs: 5000, ...times, list };
}

/** A source that gives one prepared answer after another, the last one for ever. */
function script(name: string, ...answers: (SourceListing | Error)[]): Provider {
  let turn = 0;
  return source(name, async () => {
    const answer = answers[Math.min(turn, answers.length - 1)];
    turn += 1;
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error('no answer');
    return answer;
  });
}

function all(...hosts: Host[]): SourceListing {
  return { hosts, missing: [] };
}

function names(inventory: Inventory): string[] {
  return inventory.hosts().map(({ id }) => id);
}

describe('an inventory of several sources', () => {
  test('knows nothing of a source before its first listing, and says so without an error', () => {
    const inventory = new Inventory([script('a', all())], () => 1);
    expect(inventory.hosts()).toEqual([]);
    expect(inventory.sources()).toEqual([{ name: 'a', ok: false, listedAt: null, hosts: 0, error: null, missing: [] }]);
  });

  test('merges hosts in the order of the sources, and tells hosts of one name apart by their source', async () => {
    const inventory = new Inventory([script('a', all(host('a', 'web1'), host('a', 'web2'))), script('b', all(host('b', 'web1')))], () => 7);
    await inventory.refreshAll();
    expect(names(inventory)).toEqual(['a/web1', 'a/web2', 'b/web1']);
    expect(inventory.sources().map(({ name, ok, listedAt, hosts }) => ({ name, ok, listedAt, hosts }))).toEqual([
      { name: 'a', ok: true, listedAt: 7, hosts: 2 },
      { name: 'b', ok: true, listedAt: 7, hosts: 1 },
    ]);
  });

  test('a source that fails keeps its last hosts and the time of its last good listing', async () => {
    let now = 100;
    const inventory = new Inventory(
      [script('a', all(host('a', 'web1')), new Error('The token has expired.\n    at x')), script('b', all())],
      () => now,
    );
    await inventory.refreshAll();
    now = 200;
    await inventory.refreshAll();
    expect(names(inventory)).toEqual(['a/web1']);
    expect(inventory.sources()[0]).toEqual({ name: 'a', ok: false, listedAt: 100, hosts: 1, error: 'The token has expired.', missing: [] });
    expect(inventory.sources()[1]).toMatchObject({ ok: true, listedAt: 200 });
  });

  test('a source that comes back drops the hosts that are gone', async () => {
    const inventory = new Inventory(
      [script('a', all(host('a', 'web1'), host('a', 'web2')), new Error('No.'), all(host('a', 'web2')))],
      () => 1,
    );
    for (let round = 0; round < 3; round += 1) await inventory.refreshAll();
    expect(names(inventory)).toEqual(['a/web2']);
    expect(inventory.sources()[0]).toMatchObject({ ok: true, error: null });
  });

  test('hosts of a zone that could not be seen are kept, hosts of the others follow the listing', async () => {
    const first = all(host('a', 'web1', 'us-central1-a'), host('a', 'web2', 'us-central1-b'), host('a', 'web3', 'us-central1-b'));
    const partial = { hosts: [host('a', 'web4', 'us-central1-a')], missing: ['us-central1-b'] };
    const inventory = new Inventory([script('a', first, partial, partial)], () => 1);
    for (let round = 0; round < 3; round += 1) await inventory.refreshAll();
    expect(names(inventory)).toEqual(['a/web4', 'a/web2', 'a/web3']);
    expect(inventory.sources()[0]).toMatchObject({
      ok: false,
      hosts: 3,
      missing: ['us-central1-b'],
      error: 'Could not list us-central1-b; 2 hosts are kept from before.',
    });
  });

  test('a missing region holds its zones, and a missing resource group the hosts whose id names it', async () => {
    const zonal = script('g', all(host('g', 'web1', 'us-central1-a'), host('g', 'web2', 'us-central10-a')), {
      hosts: [],
      missing: ['us-central1'],
    });
    const vm = host('z', 'subscriptions/s/resourceGroups/CodaLab/virtualMachines/vm0');
    const grouped = script('z', all(vm), { hosts: [], missing: ['codalab'] });
    const inventory = new Inventory([zonal, grouped], () => 1);
    await inventory.refreshAll();
    await inventory.refreshAll();
    expect(names(inventory)).toEqual(['g/web1', vm.id]);
  });

  test('a host that did not change stays the same object, and the list too', async () => {
    const list = async () => all(host('a', 'web1'), host('a', 'web1'));
    const inventory = new Inventory([source('a', list)], () => 1);
    await inventory.refreshAll();
    const before = inventory.hosts();
    await inventory.refreshAll();
    expect(inventory.hosts()).toBe(before);
    expect(before).toHaveLength(1);
  });
});

describe('a source that hangs', () => {
  test('is abandoned at its deadline though it ignores the signal, and delays no other source', async () => {
    let heard = false;
    const hung = source(
      'hung',
      (signal) => {
        signal.addEventListener('abort', () => (heard = true));
        return new Promise(() => {});
      },
      { deadlineMs: 40 },
    );
    const inventory = new Inventory([hung, script('b', all(host('b', 'web1')))], () => 1);
    const seen = Promise.withResolvers<string[]>();
    inventory.onChange(() => seen.resolve(names(inventory)));
    const whole = inventory.refreshAll();
    expect(await seen.promise).toEqual(['b/web1']);
    await whole;
    expect(heard).toBe(true);
    expect(inventory.sources()[0]).toMatchObject({ ok: false, error: 'hung did not answer within 0.04 s.', listedAt: null });
  });

  test('an answer that comes after the deadline changes nothing', async () => {
    const late = Promise.withResolvers<SourceListing>();
    const inventory = new Inventory([source('a', () => late.promise, { deadlineMs: 20 })], () => 1);
    await inventory.refreshAll();
    late.resolve(all(host('a', 'web1')));
    await sleep(5);
    expect(names(inventory)).toEqual([]);
  });

  test('a source that throws at once is a failed source', async () => {
    const broken = source('a', () => {
      throw new Error('No credentials were found.');
    });
    const inventory = new Inventory([broken], () => 1);
    await inventory.refreshAll();
    expect(inventory.sources()[0]?.error).toBe('No credentials were found.');
  });
});

describe('an inventory that was started', () => {
  test('lists each source again on its own time, until it is stopped', async () => {
    const counts = { quick: 0, slow: 0 };
    const counted = (name: 'quick' | 'slow', refreshMs: number) =>
      source(
        name,
        async () => {
          counts[name] += 1;
          return all();
        },
        { refreshMs },
      );
    const inventory = new Inventory([counted('quick', 10), counted('slow', 60_000)], () => 1);
    onTestFinished(() => inventory.stop());
    const thrice = Promise.withResolvers<void>();
    const end = inventory.onChange(() => counts.quick >= 3 && thrice.resolve());
    inventory.start();
    inventory.start();
    await thrice.promise;
    expect(counts.slow).toBe(1);
    inventory.stop();
    end();
    const after = counts.quick;
    await sleep(50);
    expect(counts.quick).toBe(after);
  });

  test('joins a listing under way instead of starting a second one', async () => {
    const answer = Promise.withResolvers<SourceListing>();
    let asked = 0;
    const inventory = new Inventory(
      [
        source('a', () => {
          asked += 1;
          return answer.promise;
        }),
      ],
      () => 1,
    );
    onTestFinished(() => inventory.stop());
    inventory.start();
    const both = [inventory.refreshAll(), inventory.refreshAll()];
    answer.resolve(all(host('a', 'web1')));
    await Promise.all(both);
    expect(asked).toBe(1);
  });

  test('stopping in the middle of a listing ends it and leaves the source as it was', async () => {
    const inventory = new Inventory([source('a', () => new Promise(() => {}))], () => 1);
    inventory.start();
    inventory.stop();
    await inventory.refreshAll();
    expect(inventory.sources()[0]).toMatchObject({ ok: false, error: null, listedAt: null });
  });

  test('does not keep the process alive by its timers', () => {
    const script = `
      import { Inventory } from ${JSON.stringify(new URL('../../src/inventory/inventory.ts', import.meta.url).href)};
      const list = async () => ({ hosts: [], missing: [] });
      new Inventory([{ name: 'a', kind: 'static', refreshMs: 600000, deadlineMs: 600000, list }], Date.now).start();`;
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 15_000 });
  });
});
