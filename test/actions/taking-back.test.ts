import { mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ActionOutcome } from '../../src/actions/plan.ts';
import type { ActionRequest } from '../../src/actions/request.ts';
import { type BenchConsole, openConsole } from './console.ts';
import { type BenchHost, type Hosts, hostsMissing, startHosts } from './hosts.ts';

describe.skipIf(hostsMissing())('maintenance, drain, rollback, start and their way back', () => {
  let hosts: Hosts;
  let host: BenchHost;
  let fleet: string;
  const open: BenchConsole[] = [];

  beforeAll(async () => {
    hosts = await startHosts(66, 2);
    host = hosts.only;
    fleet = hosts.fleet({
      services: { nginx: { on: 'web', manager: 'systemd', hold: '0s' } },
      maintenance_mode: { web: { on: 'touch "$PLACE/maint"', off: 'rm "$PLACE/maint"', check: 'test -e "$PLACE/maint"' } },
      drains: { jobs: { on: 'web', stop_accepting: 'change stop', resume: 'change resume', active: 'cat "$PLACE/jobs"', timeout: '3s' } },
      releases: { app: { on: 'web', root: '~/app', restart: 'nginx', warn_migrations: 'db/migrations' } },
    });
  });
  afterAll(async () => hosts?.stop());
  beforeEach(() => {
    for (const knob of ['seconds', 'fail', 'log', 'maint', 'jobs', 'units/nginx']) host.set(knob, null);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
    expect([host.steps(), host.locks()]).toEqual([[], []]);
  });

  async function console(who = 'ann@left'): Promise<BenchConsole> {
    const opened = await openConsole({ fleet, who, state: mkdtempSync(join(hosts.directory, 'state-')) });
    open.push(opened);
    return opened;
  }

  const messageOf = (outcome: ActionOutcome): string => (outcome.kind === 'refused' ? outcome.refusal.message : outcome.summary);
  const maintenance = (mode: 'on' | 'off'): ActionRequest => ({ action: 'maintenance', hostId: host.id, mode });
  const drain = (mode: 'stop' | 'resume'): ActionRequest => ({ action: 'drain', hostId: host.id, name: 'jobs', mode });
  const rollback = (to: string | null = null): ActionRequest => ({ action: 'rollback', hostId: host.id, release: 'app', to });

  /** Undoes the newest change as the undo key does; the refusal's words when it cannot. */
  async function undo(one: BenchConsole): Promise<string> {
    const planned = await one.executor.planUndo();
    if (!planned.ok) return planned.refusal.message;
    one.executor.arm('default');
    const outcome = await one.executor.execute(planned.plan, planned.plan.confirmation.word, () => {}, { reason: 'undo' });
    return `${outcome.kind}: ${messageOf(outcome)}`;
  }

  test('maintenance is proved by its check and undone once', async () => {
    const one = await console();
    expect(messageOf(await one.change(maintenance('on')))).toBe('maintenance mode is on');
    expect(host.has('maint')).toBe(true);
    expect(messageOf(await one.change(maintenance('on')))).toBe('maintenance mode of web1 is already on');
    expect(await undo(one)).toBe('ok: maintenance mode is off');
    expect(host.has('maint')).toBe(false);
    expect(await undo(one)).toMatch(/^nothing to undo/);
  });

  test('what somebody else has taken back is not taken back again', async () => {
    const one = await console();
    await one.change(maintenance('on'));
    host.set('maint', null);
    expect(await undo(one)).toBe('maintenance mode of web1 is already off');
  });

  test('a drain waits for zero, and takes new work again when it is undone', async () => {
    host.set('jobs', '0\n');
    const one = await console();
    const outcome = await one.change(drain('stop'));
    expect([outcome.kind, messageOf(outcome)]).toEqual(['ok', 'takes no new work, and none is left']);
    const planned = await one.executor.planUndo();
    expect(planned.ok && planned.plan.warnings).toContain(
      'nothing shows whether somebody changed it since: the fleet file names no check for it',
    );
    expect(await undo(one)).toBe('ok: the command to take new work ended with exit 0');
    expect(host.happened().map(({ what, tag }) => `${what} ${tag}`)).toEqual(['begin stop', 'end stop', 'begin resume', 'end resume']);
  });

  test('a drain that does not come to zero in its time fails and kills nothing', async () => {
    host.set('jobs', '3\n');
    const one = await console();
    const outcome = await one.change(drain('stop'));
    expect([outcome.kind, messageOf(outcome)]).toEqual(['failed', '3 still there after 3s; it takes no new work, and nothing was killed']);
    // It is closed to new work all the same, and that is taken back like any change.
    expect(outcome).toMatchObject({ changed: true });
    expect(await undo(one)).toBe('ok: the command to take new work ended with exit 0');
    host.set('jobs', 'not a number\n');
    const unread = await one.change(drain('stop'), { reason: 'again' });
    expect([unread.kind, messageOf(unread)]).toEqual(['unknown', expect.stringContaining('the count could not be read after 3s')]);
    expect(await undo(one)).toMatch(/^ok/);
    host.set('fail', '7');
    const refused = await one.change(drain('stop'), { reason: 'once more' });
    expect([refused.kind, refused]).toEqual(['failed', expect.not.objectContaining({ changed: true })]);
    expect(await undo(one)).toMatch(/^nothing to undo/);
  }, 60_000);

  describe('on a Capistrano tree', () => {
    let root: string;
    const releases = ['20261101000000', '20261110000000', '20261120000000'];
    beforeEach(() => {
      root = join(host.place, 'home', 'app');
      rmSync(root, { recursive: true, force: true });
      for (const release of releases) mkdirSync(join(root, 'releases', release, 'db', 'migrations'), { recursive: true });
      writeFileSync(join(root, 'releases', '20261120000000', 'db', 'migrations', '0007_drop_users.py'), '');
      symlinkSync(join(root, 'releases', '20261120000000'), join(root, 'current'));
    });

    test('current goes back one release in one rename, with a warning of migrations, and forth again when undone', async () => {
      const one = await console();
      const planned = await one.executor.plan(rollback());
      if (!planned.ok) throw new Error(planned.refusal.message);
      expect(planned.plan.title).toBe('Roll app on web1 back to 20261110000000');
      expect(planned.plan.warnings[0]).toBe(
        '20261120000000 has 1 migrations that 20261110000000 lacks (0007_drop_users.py): the database is not rolled back',
      );
      // A reader sees one release or the other at every moment, never none.
      let missing = 0;
      let watching = true;
      const watch = (async () => {
        while (watching) {
          try {
            readlinkSync(join(root, 'current'));
          } catch {
            missing += 1;
          }
          await sleep(0);
        }
      })();
      const outcome = await one.change(rollback());
      watching = false;
      await watch;
      expect([outcome.kind, messageOf(outcome), missing]).toEqual(['ok', 'current is releases/20261110000000', 0]);
      expect(readlinkSync(join(root, 'current'))).toBe('releases/20261110000000');
      expect(await undo(one)).toBe('ok: current is releases/20261120000000');
      expect(readlinkSync(join(root, 'current'))).toBe('releases/20261120000000');
    });

    test('a deployment that came since is not undone over', async () => {
      const one = await console();
      await one.change(rollback('20261101000000'));
      rmSync(join(root, 'current'));
      symlinkSync('releases/20261110000000', join(root, 'current'));
      expect(await undo(one)).toBe('web1/app was changed by somebody since; it is not undone');
      expect(readlinkSync(join(root, 'current'))).toBe('releases/20261110000000');
    });

    test('a link left over from an attempt that was cut off is no hindrance', async () => {
      symlinkSync('releases/20261101000000', join(root, 'current.20261110000000.new'));
      const one = await console();
      expect((await one.change(rollback())).kind).toBe('ok');
      expect(readlinkSync(join(root, 'current'))).toBe('releases/20261110000000');
    });

    test('a release that is not there, the one that runs and one before the oldest are refused', async () => {
      const one = await console();
      expect(messageOf(await one.change(rollback('2020')))).toContain('no release "2020" on web1');
      expect(messageOf(await one.change(rollback('20261120000000')))).toBe('web1 already runs 20261120000000');
      await one.change(rollback('20261101000000'));
      expect(messageOf(await one.change(rollback()))).toContain('is the oldest release on web1');
    });
  });

  test('a stopped service is started and proved; one that runs is refused', async () => {
    const one = await console();
    const start: ActionRequest = { action: 'start', hostId: host.id, service: 'nginx' };
    // Nothing to do is no failure: a playbook goes on.
    expect(await one.executor.plan(start)).toMatchObject({
      ok: false,
      refusal: { guard: 'already', message: 'nginx already runs on web1' },
    });
    host.set('units/nginx', `${'0'.repeat(31)}2 inactive dead\n`);
    expect((await one.change(start)).kind).toBe('ok');
    expect(host.times('nginx')).toBe(1);
  });

  test('an undo that would change a host under another’s hands is kept out by the lock', async () => {
    const [ann, bob] = await Promise.all([console('ann@left'), console('bob@right')]);
    await ann.change(maintenance('on'));
    host.set('seconds', '1.5');
    host.set('jobs', '0\n');
    const bobs = bob.change(drain('stop'), { reason: 'bob drains' });
    for (let tries = 0; tries < 100 && host.times('stop') === 0; tries += 1) await sleep(50);
    expect(await undo(ann)).toMatch(/^refused: bob@right \[\d+\] is changing web1 \(bob drains\)/);
    expect((await bobs).kind).toBe('ok');
    expect(host.has('maint')).toBe(true);
  });
});
