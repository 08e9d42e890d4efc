import type ssh2 from 'ssh2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backupScript } from '../../src/actions/backups/scripts/frame.ts';
import { retentionScript } from '../../src/actions/backups/scripts/retention.ts';
import { rsyncWords } from '../../src/actions/backups/scripts/rsync.ts';
import { noCloud } from '../../src/cloud/cloud.ts';
import { loadFleet } from '../../src/config/load-fleet.ts';
import { type Demo, startDemo } from '../../src/demo/start-demo.ts';
import type { BackupSpec, Fleet } from '../../src/fleet/definition.ts';
import type { Host } from '../../src/fleet/host.ts';
import { readRecords } from '../../src/probe/backups/records.ts';
import { startStep, cancelStep } from '../../src/remote/step.ts';
import { HandClock, login, type Ran, run } from './demo-client.ts';

const host: Host = {
  id: 'demo/nfs1',
  name: 'nfs1',
  role: 'nfs',
  env: 'prod',
  zone: null,
  address: '127.0.0.1',
  ssh: { user: null, port: null },
  labels: {},
  provider: 'static',
  source: 'demo',
  cloudState: null,
};

describe('the backup of the demo’s fleet file, run by the console’s own scripts', () => {
  let clock: HandClock;
  let demo: Demo;
  let nfs1: ssh2.Client;
  let fleet: Fleet;
  let spec: BackupSpec;

  beforeEach(async () => {
    clock = new HandClock();
    demo = await startDemo({ clock });
    nfs1 = await login(demo, 'nfs1');
    const loaded = await loadFleet('config/demo.yaml');
    if (!loaded.ok) throw new Error('The demo file is not good.');
    fleet = loaded.fleet;
    const [found] = fleet.backups;
    if (found === undefined) throw new Error('The demo has a backup.');
    spec = found;
  });

  afterEach(async () => {
    nfs1.end();
    await demo.stop();
  });

  const read = () =>
    readRecords(spec, host, {
      fleet,
      hosts: [host],
      cloud: noCloud,
      now: () => clock.now(),
      run: async (_, command) => {
        const { out, err, code } = await run(nfs1, command);
        return { exit: code, signal: null, stdout: out, stderr: err, droppedBytes: 0, durationMs: 0, end: 'exit' };
      },
    });
  const script = (mode: 'check' | 'run') => backupScript(spec, mode, rsyncWords(spec));
  /** Runs it while time passes in steps, with what was read meanwhile. */
  const whole = async (text: string): Promise<{ readonly ran: Ran; readonly pcts: readonly (number | null)[] }> => {
    const pcts: (number | null)[] = [];
    let ran: Ran | null = null;
    void run(nfs1, text).then((ended) => {
      ran = ended;
    });
    for (let left = 40; ran === null && left > 0; left -= 1) {
      await clock.pass(500);
      const { running } = await read();
      if (running !== null) pcts.push(running.pct);
    }
    if (ran === null) throw new Error('the backup did not end');
    return { ran, pcts };
  };

  test('finds the copies of the last nights, all verified', async () => {
    const { artifacts, running, failed, error } = await read();
    expect([error, running, failed]).toEqual([null, null, null]);
    expect(artifacts.map(({ verified, bytes }) => [verified, (bytes ?? 0) > 1e8])).toEqual([
      [true, true],
      [true, true],
      [true, true],
    ]);
    expect(clock.now() - (artifacts[0]?.at ?? 0)).toBeLessThan(26 * 3_600_000);
  });

  test('copies file by file over seconds, tells how far it is, and leaves one more copy', async () => {
    expect((await run(nfs1, script('check'))).code).toBe(0);
    const before = await read();
    const { ran, pcts } = await whole(script('run'));
    expect([ran.code, ran.err]).toEqual([0, '']);
    expect(pcts.length).toBeGreaterThan(3);
    expect(pcts).toEqual([...pcts].sort((a, b) => (a ?? 0) - (b ?? 0)));
    const after = await read();
    expect(after.artifacts.length).toBe(before.artifacts.length + 1);
    expect(after.artifacts[0]).toMatchObject({ verified: true, bytes: before.artifacts[0]?.bytes });
    expect(after.running).toBe(null);
  });

  test('a second one at the same time is refused, and one that is called off leaves a failure and the old copies', async () => {
    const id = 'backup-20261122t000000z-0001';
    void run(nfs1, startStep(id, script('run'), 600));
    await clock.pass(1000);
    expect((await read()).running).not.toBe(null);
    const second = await run(nfs1, script('run'));
    expect([second.code, second.err]).toEqual([75, 'a backup to /backup/manual is already running\n']);
    const cancelled = run(nfs1, cancelStep(id));
    await clock.pass(500);
    await cancelled;
    const { artifacts, running, failed } = await read();
    expect([artifacts.length, running]).toEqual([3, null]);
    expect(failed?.why).toBe('it was called off, or cut off at its deadline');
  });

  test('an empty source is refused, is written down as a failure, and empties no copy', async () => {
    demo.setScenario('backup-empty-source');
    expect(await run(nfs1, script('check'))).toMatchObject({
      code: 1,
      err: '/data/.mounted is not there: is the source mounted? Nothing is copied\n',
    });
    expect((await run(nfs1, 'df -P -k')).out).not.toContain('/data');
    expect((await whole(script('run'))).ran.code).toBe(1);
    const { artifacts, failed } = await read();
    expect(failed?.why).toMatch(/is not there/);
    expect(artifacts.length).toBe(3);
    demo.setScenario(null);
    expect((await whole(script('run'))).ran.code).toBe(0);
    expect(await read()).toMatchObject({ failed: null });
  });

  test('lets old copies go down to the number that is kept, and none after a failure', async () => {
    expect((await run(nfs1, retentionScript(spec, 2))).out).toMatch(/^deleted \/backup\/manual\/\d{8}T\d{6}Z\n$/);
    expect((await read()).artifacts.length).toBe(2);
    demo.setScenario('backup-empty-source');
    await whole(script('run'));
    expect((await run(nfs1, retentionScript(spec, 1))).out).toBe('the newest attempt failed: no old copy is deleted\n');
    expect((await read()).artifacts.length).toBe(2);
  });
});
