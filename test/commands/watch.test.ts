import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningSshd, sshdMissing, startSshd } from '../sshd/sshd.ts';
import { type FakeSystemd, fakeSystemd } from './fake-systemd.ts';
import { sshSection, writeFleet } from './fleet-text.ts';
import { buildProgram, ended, startProgram } from './program.ts';
import { Watching } from './watching.ts';

describe.skipIf(sshdMissing())('watch', () => {
  let home: string;
  let systemd: FakeSystemd;
  let sshd: RunningSshd;
  let fleet: string;

  beforeAll(async () => {
    buildProgram();
    home = mkdtempSync(join(tmpdir(), 'qd-watch-'));
    systemd = fakeSystemd(home);
    systemd.set('nginx', {});
    sshd = await startSshd({ config: { SetEnv: systemd.setEnv } });
    fleet = writeFleet(home, [{ name: 'web1', address: sshd.address, port: sshd.port, role: 'web' }], {
      poll: { every: '1s', deadline: '3s', stale: '10s' },
      ssh: sshSection(home, [sshd]),
      services: { nginx: { on: 'web', manager: 'systemd' } },
    });
  });

  afterAll(async () => {
    await sshd?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends quietly with 0 at %s and leaves no session on the host', async (signal) => {
    const watch = new Watching(fleet, { home });
    await watch.until('two samples', () => watch.samples('web1').length > 1);
    const opened = sshd.log().match(/session opened|Starting session/g)?.length ?? 0;
    expect(opened).toBeGreaterThan(0);
    expect(await watch.stop(signal)).toMatchObject({ status: 0, signal: null, stderr: '' });
    await expect
      .poll(() => sshd.log().match(/Accepted publickey/g)?.length)
      .toBe(sshd.log().match(/Closing connection|Disconnected from/g)?.length);
  });

  test('ends quietly with 0 when its reader has gone', async () => {
    const child = startProgram(['--fleet', fleet, 'watch', '--json'], { home });
    const end = ended(child);
    if (child.stdout === null) throw new Error('no output');
    await once(child.stdout, 'data');
    child.stdout.destroy();
    expect(await end).toMatchObject({ status: 0, signal: null, stderr: '' });
  });

  test('status ends without a stack trace when its reader has gone', async () => {
    const child = startProgram(['--fleet', fleet, 'status', '--json'], { home });
    const end = ended(child);
    child.stdout?.destroy();
    expect(await end).toMatchObject({ status: 0, signal: null, stderr: '' });
  });

  test('without --json only alert changes are printed, in words', async () => {
    const child = startProgram(['--fleet', fleet, 'watch'], { home });
    const end = ended(child);
    let said = '';
    child.stdout?.on('data', (text: string) => {
      said += text;
    });
    systemd.set('nginx', { active: 'failed', sub: 'failed', result: 'exit-code', status: 3 });
    await expect.poll(() => said, { timeout: 15_000 }).toMatch(/ raised crit nginx-down web1: .*nginx failed: exit-code, status 3\n/);
    systemd.set('nginx', {});
    await expect.poll(() => said, { timeout: 15_000 }).toMatch(/ cleared crit nginx-down web1: /);
    child.kill('SIGINT');
    expect(await end).toMatchObject({ status: 0, stderr: '' });
    for (const line of said.trimEnd().split('\n')) expect(line).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z (raised|changed|cleared) /);
  });
});
