import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { ordersOf, statusOf, steadyLoad, tellBalancer, untilStatus } from './balancer.ts';
import { describeLab } from './describe-lab.ts';
import { type Lab, startLab } from './lab.ts';
import { playbookFleet } from './playbook-fleet.ts';
import { pollUntil } from './poll-until.ts';
import { RunConsole, type RunningCommand } from './run-console.ts';

describeLab('a boot inside a playbook', null, () => {
  let lab: Lab;
  let fleet = '';
  let qd: RunConsole;
  const open: RunningCommand[] = [];

  beforeAll(async () => {
    lab = await startLab({
      hosts: [
        { name: 'web1', role: 'web' },
        { name: 'web2', role: 'web' },
        { name: 'lb1', role: 'lb' },
      ],
    });
    fleet = playbookFleet(lab, 'boots');
  });
  afterAll(() => lab?.stop());
  beforeEach(async () => {
    qd = new RunConsole(fleet);
    await lab.must('lb1', 'rm -rf /run/lock/quarterdeck-*');
    for (const web of ['web1', 'web2']) {
      await tellBalancer(lab, `set server web/${web} state ready`);
      await untilStatus(lab, web, 'UP');
    }
  });
  afterEach(async () => {
    for (const each of open.splice(0)) await each.kill();
    qd.close();
  });

  const bootId = (host: string): Promise<string> => lab.must(host, 'cat /proc/sys/kernel/random/boot_id');
  /** A boot without a console that looks: the first one after `before`, once the host serves. */
  async function nextBoot(host: string, before: string): Promise<string> {
    let seen = before;
    const came = await pollUntil(
      async () => {
        seen = await bootId(host).catch(() => before);
        return seen !== before && (await lab.run(host, 'test -e /run/lab/ready').catch(() => null))?.code === 0;
      },
      60_000,
      200,
    );
    if (!came) throw new Error(`${host} was not booted within a minute`);
    return seen;
  }

  const bootOf = (page: string, node: string): string[] => [
    'playbook',
    'run',
    page,
    '--input',
    `node=${node}`,
    '--confirm',
    page,
    '--reason',
    'a new kernel',
    '--answer',
    `reboot=${node}`,
  ];

  /** What consoles left on the hosts that are on: locks, steps, notes. */
  async function left(hosts: readonly string[]): Promise<string> {
    // Not made by root where it is missing: the login could not write there any more.
    const find = 'find /run/lock /home/ops/.local/state -name "*quarterdeck-*" -o -path "*/steps/*" 2>/dev/null; true';
    return (await Promise.all(hosts.map((host) => lab.must(host, find)))).join('');
  }

  async function closedAs(result: string): Promise<void> {
    const closed = qd.entries().findLast((entry) => entry.detail.event?.event === 'close');
    expect(closed?.detail.event).toMatchObject({ result });
    expect(await qd.run('journal', 'verify')).toMatchObject({ code: 0 });
  }

  it('a node is taken out, booted, proven by another boot and its services, and put back, and nobody sees it', async () => {
    const [before, orders] = [await bootId('web1'), await ordersOf(lab, 'web1')];
    const load = steadyLoad(lab.host('lb1').address);
    const ran = await qd.run(...bootOf('web-node-reboot', 'web1'));
    const { bad, good } = await load.end();
    expect([ran.stderr, ran.code]).toEqual([expect.stringContaining('ok: every step is done'), 0]);
    const after = await bootId('web1');
    expect(after).not.toBe(before);
    expect(ran.stderr).toContain(`back with boot ${after.slice(0, 8)}, all services run`);
    expect(ran.stderr).not.toContain('OPEN');
    expect([bad, good > 50]).toEqual([[], true]);
    expect(await statusOf(lab, 'web1')).toBe('UP');
    expect(await ordersOf(lab, 'web1')).toEqual({ drain: orders.drain + 1, ready: orders.ready + 1 });
    expect(await left(['web1', 'web2', 'lb1'])).toBe('');
    await closedAs('ok');
  });

  it('killed while the host is down and again while it comes up, it goes on, and the host was booted once', async () => {
    const before = await bootId('web1');
    const first = qd.start(...bootOf('web-node-reboot', 'web1'));
    open.push(first);
    await qd.untilEvent('intent reboot');
    if (!(await pollUntil(async () => (await lab.ssh('web1', 'true', 3000)).code !== 0, 30_000))) throw new Error('web1 did not go down');
    await first.kill();
    expect(qd.events()).not.toContain('outcome reboot');
    const booted = await nextBoot('web1', before);
    // The step is there yet: its directory lies on the disk.
    expect((await lab.must('web1', 'cat /home/ops/.local/state/quarterdeck/steps/*/exit')).trim()).toBe('0');
    const second = qd.start('playbook', 'resume', '--confirm', 'web-node-reboot', '--answer', 'reboot=web1');
    open.push(second);
    await qd.untilEvent('outcome reboot');
    await second.kill();
    const last = await qd.run('playbook', 'resume', '--confirm', 'web-node-reboot');
    expect([last.stderr, last.code]).toEqual([expect.stringContaining('ok: every step is done'), 0]);
    expect(await bootId('web1')).toBe(booted);
    await untilStatus(lab, 'web1', 'UP');
    expect(await left(['web1', 'web2', 'lb1'])).toBe('');
    await closedAs('ok');
  });

  it('killed before the boot has begun, it is not sent a second time', async () => {
    const before = await bootId('web1');
    const first = qd.start(...bootOf('web-node-reboot', 'web1'));
    open.push(first);
    const steps = 'ls /home/ops/.local/state/quarterdeck/steps/*/run';
    await qd.untilEvent('intent reboot');
    if (!(await pollUntil(async () => (await lab.run('web1', steps)).code === 0, 30_000))) throw new Error('no step on web1');
    await first.kill();
    const booted = await nextBoot('web1', before);
    const last = await qd.run('playbook', 'resume', '--confirm', 'web-node-reboot', '--answer', 'reboot=web1');
    expect([last.stderr, last.code]).toEqual([expect.stringContaining('ok: every step is done'), 0]);
    expect(await bootId('web1')).toBe(booted);
    expect(await left(['web1', 'web2', 'lb1'])).toBe('');
    await closedAs('ok');
  });

  it('a page that reboots by a command of its own waits: who is away is not there yet, and another boot id decides', async () => {
    const before = await bootId('web2');
    const ran = await qd.run(...bootOf('web-node-reboot-by-command', 'web2'));
    expect([ran.stderr, ran.code]).toEqual([expect.stringContaining('ok: every step is done'), 0]);
    expect(await bootId('web2')).not.toBe(before);
    expect(await left(['web1', 'web2', 'lb1'])).toBe('');
    await closedAs('ok');
  });

  it('a host that never comes back stays out: the run ends as escalated, says what is owed, and keeps it', async () => {
    await lab.must('web2', 'ln -sf /lib/systemd/system/poweroff.target /etc/systemd/system/reboot.target; systemctl daemon-reload');
    const ran = await qd.run(...bootOf('web-node-reboot-by-command', 'web2'));
    expect([ran.stderr, ran.code]).toEqual([expect.stringContaining('escalated: web2 does not come back'), 1]);
    expect(ran.stderr).toContain('OPEN: Take web2 out of pool web');
    expect(await tellBalancer(lab, 'show servers state web')).toContain('web2');
    expect(await left(['web1'])).toBe('');
    expect(await left(['lb1'])).toMatch(/^\/run\/lock\/quarterdeck-note-pool-web\S*\n(\S*note\n)?$/);
    await closedAs('escalated');
    const owed = qd.entries().filter((entry) => entry.kind.startsWith('debt'));
    expect(owed.map((entry) => entry.kind)).toEqual(['debt-open']);
    // Nobody is offered to put back what does not answer.
    const back = await qd.call('act', 'repool', 'web2', '--pool', 'web', '--confirm', 'web2', '--reason', 'try');
    expect(back.code).toBe(5);
  });
});
