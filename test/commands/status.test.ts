import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import stringWidth from 'string-width';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { freePort, type RunningSshd, sshdMissing, startSshd } from '../sshd/sshd.ts';
import { inventorySchema, parsed, statusSchema } from './contract.ts';
import { type FakeSystemd, fakeSystemd } from './fake-systemd.ts';
import { loopback, sshSection, writeFleet } from './fleet-text.ts';
import { buildProgram, type Ended, quarterdeck } from './program.ts';

const addresses = loopback(41, 50);
const named = (index: number): string => `host${String(index + 1).padStart(2, '0')}`;

describe.skipIf(sshdMissing())('status and inventory of fifty hosts', () => {
  let home: string;
  let systemd: FakeSystemd;
  let sshd: RunningSshd;
  let fleet: string;

  beforeAll(async () => {
    buildProgram();
    home = mkdtempSync(join(tmpdir(), 'qd-status-'));
    systemd = fakeSystemd(home);
    sshd = await startSshd({ addresses, config: { SetEnv: systemd.setEnv } });
    fleet = writeFleet(
      home,
      addresses.map((address, index) => ({ name: named(index), address, port: sshd.port, role: index === 0 ? 'nfs' : 'web' })),
      { ssh: sshSection(home, [sshd]), services: { nginx: { on: ['web', 'nfs'], manager: 'systemd' } } },
    );
  });

  afterAll(async () => {
    await sshd?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  beforeEach(() => {
    systemd.set('nginx', {});
    systemd.set('nginx', {}, addresses[6]);
    systemd.set('nginx', {}, addresses[8]);
  });

  const run = (...args: string[]): Promise<Ended> => quarterdeck(['--fleet', fleet, ...args], { home });

  test('every one of fifty hosts is there with every field of the contract, and a well fleet exits 0', async () => {
    const ran = await run('status', '--json');
    const { hosts, alerts, sources } = parsed(statusSchema, ran.stdout);
    expect(ran.stderr).toBe('');
    expect(hosts.map((host) => host.name).toSorted()).toEqual(addresses.map((_, index) => named(index)));
    for (const host of hosts) {
      expect(host).toMatchObject({ reach: 'ok', health: 'ok', reasons: [], source: 'static', env: 'default' });
      expect(host.services).toMatchObject([{ name: 'nginx', manager: 'systemd', state: 'running', pid: 812, health: 'ok' }]);
      // Two rounds a sensible time apart: without them there would be no rates.
      expect(host.cpu?.usedPct, `CPU of ${host.name}`).toEqual(expect.any(Number));
      expect(host.io?.iops, `I/O of ${host.name}`).toEqual(expect.any(Number));
      expect(host.memory?.usedPct).toBeGreaterThan(0);
      expect(host.disks?.length).toBeGreaterThan(0);
      expect(host.ageMs).toBeGreaterThanOrEqual(0);
    }
    expect(alerts).toEqual([]);
    expect(sources).toMatchObject([{ name: 'static', ok: true, error: null }]);
    expect(ran.status).toBe(0);
  });

  test('the text is one aligned line a host, and a service that starts for ever makes the exit status 1', async () => {
    systemd.set('nginx', { active: 'activating', sub: 'start', pid: 0 }, addresses[6]);
    const ran = await run('status');
    expect(ran.status).toBe(1);
    const [header = '', ...rest] = ran.stdout.split('\n');
    const rows = rest.filter((line) => /^[●▲■?◌] {2}host\d\d /.test(line));
    expect(rows).toHaveLength(50);
    expect(rows[0]).toContain('host07');
    const columns = ['HOST', 'ROLE', 'ENV', 'REACH', 'CPU', 'MEM', 'NFS op/s', 'SERVICES', 'AGE'];
    for (const column of columns) {
      const at = stringWidth(header.slice(0, header.indexOf(column)));
      for (const row of rows) {
        expect(inColumns(row, at - 2, at), `before ${column} in ${row}`).toBe('  ');
        expect(inColumns(row, at, at + 1), `${column} in ${row}`).toMatch(/\S/);
      }
    }
    expect(ran.stdout).toMatch(/^ {4}nginx starting/m);
    expect(ran.stdout).toContain('loopback: ● 49 ok  ▲ 1 warn  ■ 0 crit  ? 0 unknown');
    expect(ran.stdout).not.toContain('\u001b');
  });

  test('a failed service makes the exit status 2 even beside a host that cannot be reached, and its reason is said', async () => {
    systemd.set('nginx', { active: 'failed', sub: 'failed', result: 'exit-code' }, addresses[8]);
    const port = await freePort('127.0.41.9');
    const hosts = [
      { name: 'broken', address: '127.0.41.9', port: sshd.port, role: 'web' },
      { name: 'gone', address: '127.0.41.9', port, role: 'web' },
    ];
    const place = mkdtempSync(join(home, 'two-'));
    const file = writeFleet(place, hosts, { ssh: sshSection(place, [sshd]), services: { nginx: { on: 'web', manager: 'systemd' } } });
    const both = await quarterdeck(['--fleet', file, 'status', '--json'], { home });
    const [broken, gone] = parsed(statusSchema, both.stdout).hosts;
    expect(broken).toMatchObject({ health: 'crit', reach: 'ok', reasons: [expect.stringContaining('nginx failed')] });
    expect(gone).toMatchObject({ health: 'unknown', reach: 'refused', ageMs: null, cpu: null, memory: null, disks: null });
    expect(gone?.reasons).toHaveLength(1);
    expect(both.status).toBe(2);
    const alone = await quarterdeck(['--fleet', file, 'status', 'gone'], { home });
    expect(alone.status).toBe(3);
    expect(alone.stdout).toMatch(/^\? {2}gone /m);
    expect(alone.stdout).not.toContain('broken');
  });

  test('named hosts alone are asked and printed', async () => {
    const before = sshd.log().length;
    const ran = await run('status', '--json', 'host03', 'static/host05');
    expect(parsed(statusSchema, ran.stdout).hosts.map((host) => host.name)).toEqual(['host03', 'host05']);
    expect(ran.status).toBe(0);
    expect(
      sshd
        .log()
        .slice(before)
        .match(/Connection from/g),
    ).toHaveLength(2);
  });

  test('an unknown host is wrong usage, told in one sentence', async () => {
    const ran = await run('status', 'host03', 'web99');
    expect(ran).toMatchObject({ status: 64, stdout: '' });
    expect(ran.stderr).toBe('no host "web99" in fleet loopback; quarterdeck inventory lists them\n');
  });

  test('an unknown environment is wrong usage, told in one sentence', async () => {
    const ran = await run('--env', 'staging', 'status');
    expect(ran).toMatchObject({ status: 64, stdout: '' });
    expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(ran.stderr).toContain('no such environment');
  });

  test('the inventory lists the fifty hosts without logging in anywhere', async () => {
    const before = sshd.log().length;
    const json = await run('inventory', '--json');
    const { hosts, sources } = parsed(inventorySchema, json.stdout);
    expect(hosts).toHaveLength(50);
    expect(sources).toMatchObject([{ name: 'static', ok: true, error: null }]);
    expect(json).toMatchObject({ status: 0, stderr: '' });
    const text = await run('inventory');
    expect(text.stdout.split('\n').filter((line) => line.startsWith('host'))).toHaveLength(50);
    expect(sshd.log().slice(before)).not.toContain('Connection from');
  });
});

/** What stands in terminal columns `from` to `to` of a line. */
function inColumns(line: string, from: number, to: number): string {
  let column = 0;
  let text = '';
  for (const character of line) {
    if (column >= from && column < to) text += character;
    column += stringWidth(character);
  }
  return text;
}
