import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Hosts, hostsMissing, startHosts } from '../actions/hosts.ts';
import { lacks } from '../probe/needs.ts';
import { parsed, statusSchema } from './contract.ts';
import { buildProgram, type Ended, quarterdeck } from './program.ts';

const missing = hostsMissing() || lacks('rsync', '--version') || lacks('flock', '--version');

describe.skipIf(missing)('act backup', () => {
  let hosts: Hosts;
  let place: string;
  let fleet: string;
  beforeAll(async () => {
    buildProgram();
    hosts = await startHosts(72, 2);
    place = mkdtempSync(join(hosts.directory, 'data-'));
    for (const folder of ['source', 'copies']) mkdirSync(join(place, folder));
    writeFileSync(join(place, 'source', 'one'), 'one');
    const on = { on: 'web', kind: 'rsync', from: `${place}/source/` };
    fleet = hosts.fleet({ backups: { tree: { ...on, to: `${place}/copies/` }, other: { ...on, to: `${place}/other/` } } });
  }, 60_000);
  afterAll(() => hosts?.stop());

  let states = 0;
  const run = (...args: string[]): Promise<Ended> =>
    quarterdeck(['--fleet', fleet, '--state-dir', join(hosts.directory, `deck${(states += 1)}`), ...args], { home: hosts.directory });
  const copies = (): string[] => readdirSync(join(place, 'copies')).filter((name) => !name.startsWith('.'));

  test('shows what would be run in words, and nothing runs without the word', async () => {
    const ran = await run('act', 'backup', 'web1/tree');
    expect(ran.status).toBe(4);
    expect(ran.stdout).toContain('Backup tree on web1');
    expect(ran.stdout).toMatch(/run {7}web1: script backup rsync tree: rsync -a .*--link-dest=<newest>/);
    expect(ran.stdout).not.toContain('LC_ALL');
    expect(ran.stdout).toContain('not confirmed: add --confirm web1');
    expect(copies()).toEqual([]);
  });

  test('makes the copy, exit 0, and status tells its age, size and where it lies', async () => {
    const ran = await run('act', 'backup', 'web1/tree', '--confirm', 'web1');
    expect(ran).toMatchObject({ status: 0, stdout: expect.stringContaining('verified') });
    expect(copies()).toHaveLength(1);
    const { hosts: told } = parsed(statusSchema, (await run('status', '--json', 'web1')).stdout);
    const [tree, other] = told[0]?.backups ?? [];
    expect(tree).toMatchObject({ name: 'tree', ok: true, sizeBytes: 3, sameHost: true });
    expect(tree?.ageMs).toBeGreaterThanOrEqual(0);
    expect(other).toEqual({ name: 'other', ageMs: null, sizeBytes: null, ok: false, sameHost: true });
  });

  test('without a host it means every host of its roles, one after the other', async () => {
    const ran = await run('act', 'backup', 'other');
    expect(ran.status).toBe(4);
    expect(ran.stdout).toContain('add --confirm 2');
  });

  test('an empty source is refused, exit 5, and the copy stands', async () => {
    rmSync(join(place, 'source', 'one'));
    const ran = await run('act', 'backup', 'web1/tree', '--confirm', 'web1', '--reason', 'a test');
    expect(ran.status).toBe(5);
    expect(ran.stderr).toContain('is empty: nothing is copied, so that no copy is emptied');
    expect(copies()).toHaveLength(1);
  });

  test('a name that the file does not have is told with those it has, exit 64', async () => {
    expect(await run('act', 'backup', 'tre')).toMatchObject({
      status: 64,
      stderr: expect.stringContaining('no backup "tre" in fleet loopback; there are tree, other'),
    });
    expect(await run('act', 'backup', 'web9/tree')).toMatchObject({ status: 64, stderr: expect.stringContaining('no host "web9"') });
  });
});
