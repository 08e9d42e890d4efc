import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { type Demo, startDemo } from '../../src/demo/start-demo.ts';
import { type HostJson, parsed, statusSchema } from './contract.ts';
import { buildProgram, type Ended, quarterdeck } from './program.ts';

interface Seen extends Ended {
  readonly hosts: ReadonlyMap<string, HostJson>;
}

const mounts = (host: HostJson | undefined) => host?.nfs.mounts ?? [];

describe.concurrent('every scenario of the demo fleet shows in status', () => {
  let home: string;

  beforeAll(() => {
    buildProgram();
    home = mkdtempSync(join(tmpdir(), 'qd-demo-'));
  });

  afterAll(() => rmSync(home, { recursive: true, force: true }));

  const statusOf = async (scenario: string | null): Promise<Seen> => {
    const demo = await startDemo(scenario === null ? {} : { scenario });
    try {
      const ran = await quarterdeck(['--fleet', writeFleetOf(demo), 'status', '--json'], { home });
      expect(ran.stderr).toBe('');
      return { ...ran, hosts: new Map(parsed(statusSchema, ran.stdout).hosts.map((host) => [host.name, host])) };
    } finally {
      await demo.stop();
    }
  };

  /** The shipped demo file with the places and keys of a running demo. */
  const writeFleetOf = (demo: Demo): string => {
    const place = mkdtempSync(join(home, 'fleet-'));
    const file = join(place, 'fleet.yaml');
    writeFileSync(join(place, 'key'), demo.identityPem, { mode: 0o600 });
    writeFileSync(join(place, 'known_hosts'), `${demo.knownHostLines.join('\n')}\n`);
    const shipped = z
      .record(z.string(), z.unknown())
      .parse(parse(readFileSync(new URL('../../config/demo.yaml', import.meta.url), 'utf8')));
    const hosts = demo.endpoints.map(({ name, role, address, port, user }) => ({ name, role, address, port, user, env: 'prod' }));
    const ssh = {
      user: 'ops',
      identity: join(place, 'key'),
      known_hosts: join(place, 'known_hosts'),
      config: 'none',
      agent: false,
      sudo: true,
    };
    writeFileSync(file, JSON.stringify({ ...shipped, inventory: [{ static: hosts }], ssh }));
    return file;
  };

  test('calm: all four are ok, exit 0', async () => {
    const { hosts, status } = await statusOf(null);
    expect([...hosts.values()].map((host) => [host.name, host.health, host.reasons])).toEqual(
      expect.arrayContaining(['web1', 'web2', 'nfs1', 'lb1'].map((name) => [name, 'ok', []])),
    );
    expect(mounts(hosts.get('web1'))).toMatchObject([
      { mount: '/mnt/datadisk', state: 'ok', iops: expect.any(Number), rttMs: expect.any(Number) },
    ]);
    expect(hosts.get('nfs1')?.nfs.server?.iops).toBeGreaterThan(0);
    expect(status).toBe(0);
  });

  test.each(['pencils-down', 'wont-start'])('%s: pencils on web2 is crit, exit 2', async (scenario) => {
    const { hosts, status } = await statusOf(scenario);
    const web2 = hosts.get('web2');
    expect(web2?.health).toBe('crit');
    expect(web2?.services.find((service) => service.name === 'pencils')).toMatchObject({ state: 'failed', health: 'crit' });
    expect(web2?.reasons.join('\n')).toMatch(/pencils.*8816/);
    expect(web2?.checks.find((check) => check.name === 'load')?.ok).toBe(false);
    for (const name of ['web1', 'nfs1', 'lb1']) expect(hosts.get(name)?.health, name).toBe('ok');
    expect(status).toBe(2);
  });

  test('nfs-hang: the mounts of both webs hang, and the rest of them is still measured', async () => {
    const { hosts, status } = await statusOf('nfs-hang');
    for (const name of ['web1', 'web2']) {
      expect(mounts(hosts.get(name)), name).toMatchObject([{ state: 'hung' }]);
      expect(hosts.get(name)?.health).toBe('crit');
      expect(hosts.get(name)?.cpu?.usedPct).toEqual(expect.any(Number));
      expect(hosts.get(name)?.disks?.map((disk) => disk.mount)).not.toContain('/mnt/datadisk');
    }
    expect(hosts.get('nfs1')?.reach).toBe('ok');
    expect(status).toBe(2);
  });

  test('nfs-slow: the webs wait for their calls and the server nears its ceiling', async () => {
    const { hosts, status } = await statusOf('nfs-slow');
    for (const name of ['web1', 'web2']) {
      expect(mounts(hosts.get(name))[0]?.exeMs, name).toBeGreaterThan(20);
      expect(hosts.get(name)?.reasons.join('\n')).toMatch(/NFS/);
    }
    expect(hosts.get('nfs1')?.reasons.join('\n')).toMatch(/3000|3 000|ceiling/);
    expect([1, 2]).toContain(status);
  });

  test('disk-full: /data on nfs1 is crit, exit 2', async () => {
    const { hosts, status } = await statusOf('disk-full');
    const nfs1 = hosts.get('nfs1');
    expect(nfs1?.disks?.find((disk) => disk.mount === '/data')?.usedPct).toBeGreaterThan(95);
    expect(nfs1?.reasons.join('\n')).toContain('/data');
    expect(nfs1?.health).toBe('crit');
    expect(status).toBe(2);
  });

  test('cpu-hog: web1 is crit, exit 2', async () => {
    const { hosts, status } = await statusOf('cpu-hog');
    expect(hosts.get('web1')?.cpu?.usedPct).toBeGreaterThan(95);
    expect(hosts.get('web1')?.reasons.join('\n')).toMatch(/CPU/);
    expect(status).toBe(2);
  });

  test.each([
    ['host-down', 'web2'],
    ['web-flap', 'web1'],
  ])('%s: %s refuses connections and is unknown, exit 3', async (scenario, name) => {
    const { hosts, status } = await statusOf(scenario);
    expect(hosts.get(name)).toMatchObject({ reach: 'refused', health: 'unknown', cpu: null, disks: null });
    expect(hosts.get(name)?.services.map((service) => service.health)).toEqual(['unknown', 'unknown', 'unknown', 'unknown']);
    expect(status).toBe(3);
  });

  test('no-shell: web2 lets in and gives no shell, and is unknown, exit 3', async () => {
    const { hosts, status } = await statusOf('no-shell');
    expect(hosts.get('web2')).toMatchObject({ reach: 'no-shell', health: 'unknown', cpu: null });
    expect(status).toBe(3);
  });
});
